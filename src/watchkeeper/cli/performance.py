"""``watchkeeper performance``: how good predictions are, by the labels that have come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from watchkeeper.cli.window_options import (
    Metrics,
    ModelName,
    OutputFormat,
    Since,
    StoreFolder,
    TimeZone,
    Until,
)


def performance(
    store: StoreFolder,
    model: ModelName,
    by: Annotated[
        Literal["none", "version", "variant", "segment", "horizon"],
        typer.Option(help="Told apart by what; horizon: how many steps ahead a forecast looks."),
    ] = "none",
    since: Since = None,
    until: Until = None,
    metrics: Metrics = None,
    timezone: TimeZone = "UTC",
    output_format: OutputFormat = "text",
) -> None:
    """Show how good a model's predictions are, with intervals at 95 %, beside the reference.

    What came since it was last measured is measured first. What cannot be said, or not yet, is
    told below the table.

    Exit codes: 0 measured, 2 wrong use or set-up, 3 no prediction has a label.

    Examples:

      watchkeeper performance ./store churn --by version

      watchkeeper performance ./store demand --by horizon --metrics mae,bias

      watchkeeper performance ./store churn --since 2026-03-01 --format json
    """
    from watchkeeper.cli.exit_codes import NOT_ENOUGH_DATA
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline.quality import QualityRollup
    from watchkeeper.pipeline.quality import performance as ask
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        QualityRollup(opened).advance(at_once=True)
        found = ask(
            opened,
            model,
            now=datetime.now(UTC),
            start=aware_time(since, timezone, name="since"),
            end=aware_time(until, timezone, name="until"),
            by=by,
            metrics=[name.strip() for name in metrics.split(",")] if metrics else (),
            exact=True,
        )
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        from watchkeeper.report import performance_page

        Console().print(performance_page(found))
    if found.task is None:
        raise typer.Exit(NOT_ENOUGH_DATA)
