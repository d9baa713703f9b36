"""``watchkeeper explanations``: how much each feature contributes to a model's outputs."""

from __future__ import annotations

import typer

from watchkeeper.cli.window_options import (
    ModelName,
    OutputFormat,
    Since,
    StoreFolder,
    TimeZone,
    Until,
)


def explanations(
    store: StoreFolder,
    model: ModelName,
    since: Since = None,
    until: Until = None,
    timezone: TimeZone = "UTC",
    output_format: OutputFormat = "text",
) -> None:
    """Tell how much each feature contributes to a model's outputs, beside the reference.

    The mean absolute contribution of predictions that were logged with an explanation, most
    important feature first, and how it changed since the baseline's reference.

    Exit codes: 0 told, 2 wrong use or set-up, 3 no prediction is explained.

    Examples:

      watchkeeper explanations ./store churn --since 2026-03-01
    """
    from watchkeeper.cli.exit_codes import NOT_ENOUGH_DATA
    from watchkeeper.pipeline import aware_time
    from watchkeeper.pipeline.importance import importances
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        found = importances(
            opened,
            model,
            start=aware_time(since, timezone, name="since"),
            end=aware_time(until, timezone, name="until"),
        )
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        from watchkeeper.report import importance_page

        Console().print(importance_page(found))
    if not found.current.explained:
        raise typer.Exit(NOT_ENOUGH_DATA)
