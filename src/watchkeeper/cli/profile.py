"""``watchkeeper profile``: what a comparison needs of a reference, without its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def profile(
    data: Annotated[list[str], typer.Argument(help="Parquet, CSV or JSONL files or folders.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where to write the profile.", show_default=False)
    ],
    columns: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns to profile [default: all useful].")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="C", help="Columns to leave out; repeatable.")
    ] = None,
    segment_by: Annotated[
        str | None, typer.Option(metavar="COL", help="Profile each value of this column too.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="AREA/CITY", help="Zone of times that name none.")
    ] = None,
) -> None:
    """Save a reference's profile, so that its rows are not needed again.

    The file holds counts, moments and the names of categories, and no rows.

    Examples:

        watchkeeper profile january.parquet --out reference.wkprofile

        watchkeeper compare reference.wkprofile today.parquet
    """
    from watchkeeper.cli.column_names import split_names
    from watchkeeper.cli.column_progress import column_progress
    from watchkeeper.pipeline import profile_table, save_profile

    with column_progress() as on_columns:
        found = profile_table(
            data[0] if len(data) == 1 else list(data),
            columns=split_names(columns),
            ignore=split_names(",".join(ignore or [])) or (),
            segment_by=segment_by,
            timezone=timezone,
            on_columns=on_columns,
        )
    save_profile(found, out)
    for note in found.notes:
        typer.echo(note, err=True)
    rows, size = found.profile.rows, out.stat().st_size
    typer.echo(
        f"{len(found.schema.columns)} columns of {rows:,} rows: {size / 1000:,.0f} kB in {out}",
        err=True,
    )
