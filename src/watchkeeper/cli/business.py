"""``watchkeeper business``: what people do with the predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchkeeper.cli.window_options import (
    Metrics,
    ModelName,
    OutputFormat,
    StoreFolder,
    TimeZone,
)

if TYPE_CHECKING:
    from rich.table import Table

    from watchkeeper.pipeline.business import Business


def business(
    store: StoreFolder,
    model: ModelName,
    by: Annotated[
        Literal["none", "version", "variant"], typer.Option(help="Told apart by what.")
    ] = "none",
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Records from then on [default: 28 days].")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Records before then [default: all].")
    ] = None,
    metrics: Metrics = None,
    timezone: TimeZone = "UTC",
    output_format: OutputFormat = "text",
) -> None:
    """Show business metrics of a model, with intervals at 95 %, clustered by entity.

    Those declared under `business` in the settings in force; without any, the ready-made ones
    whose feedback is there.

    Exit codes: 0 computed, 2 wrong use or set-up, 3 nothing can be said.

    Examples:

      watchkeeper business ./store ranker --by variant

      watchkeeper business ./store ranker --metrics retention --format json
    """
    from watchkeeper.cli.exit_codes import NOT_ENOUGH_DATA
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline.business import business as ask
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        found = ask(
            opened,
            model,
            start=aware_time(since, timezone, name="since"),
            end=aware_time(until, timezone, name="until"),
            by=by,
            metrics=[name.strip() for name in metrics.split(",")] if metrics else (),
        )
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        console = Console()
        if found.series:
            console.print(_table(found))
        for sentence in found.said:
            console.print(sentence)
    if all(one.total is None for one in found.series):
        raise typer.Exit(NOT_ENOUGH_DATA)


def _table(found: Business) -> Table:
    from rich.table import Table

    table = Table("metric", "group", "value", "95 % interval", "unit", "entities")
    units = {metric.name: metric.unit or "" for metric in found.metrics}
    for one in found.series:
        table.add_row(
            one.metric,
            one.group,
            _shown(one.total),
            f"{_shown(one.total_low)} to {_shown(one.total_high)}",
            units[one.metric],
            f"{one.entities:,}",
        )
    return table


def _shown(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
