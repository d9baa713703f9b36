"""``watchkeeper shadow``: another model beside the one that serves, on the same requests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def shadow(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    model: Annotated[str, typer.Argument(help="Name of the model that serves.")],
    other: Annotated[str, typer.Argument(help="Name of the shadow.", metavar="SHADOW")],
    since: Annotated[str | None, typer.Option(help="Requests from this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Requests before this time.")] = None,
    timezone: Annotated[
        str, typer.Option(metavar="AREA/CITY", help="Zone of times that name none.")
    ] = "UTC",
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="For people or for scripts.")
    ] = "text",
) -> None:
    r"""Hold a shadow model against the one that serves, on the requests that both answered.

    A shadow gets the same requests, and nobody sees its answers. Both log a request under the same
    prediction id; a label of either counts for both. Differences have intervals at 95 % from pairs.

    Exit codes: 0 compared, 2 wrong use or set-up, 3 no request was answered by both.

    Examples:

        watchkeeper shadow ./store churn churn-next

        watchkeeper shadow ./store churn churn-next \
          --since 2026-03-01 --format json
    """
    from watchkeeper.cli.exit_codes import NOT_ENOUGH_DATA
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline.shadowing import shadow as ask
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        found = ask(
            opened,
            model,
            other,
            start=aware_time(since, timezone, name="since"),
            end=aware_time(until, timezone, name="until"),
        )
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        from watchkeeper.report.shadow_terminal import shadow_page

        Console().print(shadow_page(found))
    if not found.pairs:
        raise typer.Exit(NOT_ENOUGH_DATA)
