"""``watchkeeper estimates``: how good predictions will turn out to be, before their labels come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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

_USUAL = timedelta(days=7)


def estimates(
    store: StoreFolder,
    model: ModelName,
    since: Since = None,
    until: Until = None,
    metrics: Metrics = None,
    timezone: TimeZone = "UTC",
    output_format: OutputFormat = "text",
) -> None:
    """Estimate how good a model's predictions are whose labels have not come.

    Needs a baseline whose predictions have labels. What came since it was last estimated is
    estimated first. Where labels came too, they stand beside the estimates, which are scored by
    them; what cannot be known is told below.

    Exit codes: 0 estimated, 2 wrong use or set-up, 3 nothing can be estimated.

    Examples:

      watchkeeper estimates ./store churn

      watchkeeper estimates ./store churn --metrics roc_auc --format json
    """
    from watchkeeper.cli.exit_codes import NOT_ENOUGH_DATA
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline.estimating import EstimateRounds
    from watchkeeper.pipeline.estimating import estimates as ask
    from watchkeeper.pipeline.quality import QualityRollup
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        now = datetime.now(UTC)
        QualityRollup(opened).advance(at_once=True)
        start = aware_time(since, timezone, name="since")
        newest = opened.newest_time(model) or now
        EstimateRounds(opened).advance(now=now, at_once=True, since=start or newest - _USUAL)
        found = ask(
            opened,
            model,
            now=now,
            start=start,
            end=aware_time(until, timezone, name="until"),
            metrics=[name.strip() for name in metrics.split(",")] if metrics else (),
        )
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        from watchkeeper.report import estimates_page

        Console().print(estimates_page(found))
    if not found.metrics:
        raise typer.Exit(NOT_ENOUGH_DATA)
