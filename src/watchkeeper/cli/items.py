"""``watchkeeper items``: what the items of ranked lists are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def items(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    files: Annotated[
        list[str], typer.Argument(help="Parquet, CSV or JSONL files, folders or patterns.")
    ],
    model: Annotated[str, typer.Option(help="Name of the model.")],
    item: Annotated[str, typer.Option(metavar="COL", help="Column of the item's id.")] = "item",
    traits: Annotated[
        str, typer.Option(metavar="COL,COL", help="Columns of what an item is made of.")
    ] = "traits",
    separator: Annotated[
        str | None, typer.Option(help="What stands between the traits of one text, such as '|'.")
    ] = None,
) -> None:
    r"""Say what the items of a model's ranked lists are made of: genres, topics, makers.

    Lists are then measured by their diversity, and by how far they are from what their users took
    before. All items are given at once; what was given before holds no longer. Who gave them
    stands in the audit log.

    Exit codes: 0 done, 2 wrong use or set-up.

    Examples:

        watchkeeper items ./store songs.parquet --model radio \
          --item song --traits genre,decade

        watchkeeper items ./store films.csv --model films \
          --traits genres --separator '|'
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.cli.column_names import split_names
    from watchkeeper.pipeline.item_traits import read_traits
    from watchkeeper.pipeline.stored import check_model
    from watchkeeper.store import Store

    source = files[0] if len(files) == 1 else list(files)
    table = read_traits(source, item=item, traits=split_names(traits) or (), separator=separator)
    with Store.open(store, create=False) as opened:
        check_model(opened, model)
        opened.quality.traits.put(model, table, actor=actor_name(), now=datetime.now(UTC))
    many = "1 item" if table.num_rows == 1 else f"{table.num_rows:,} items"
    typer.echo(f"Model {model}: the traits of {many} are in force.")
