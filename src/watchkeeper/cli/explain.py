"""``watchkeeper explain``: why an incident happened, or how a time differs from the reference."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer


def explain(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    incident: Annotated[
        str | None,
        typer.Argument(metavar="INCIDENT", help="As `watchkeeper incidents list` shows it."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Instead of an incident: a time of this model.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where that time begins.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where it ends, not included.")
    ] = None,
    reference_since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Where the reference begins [default: the baseline's]."),
    ] = None,
    reference_until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where it ends, not included.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of the times you write.")] = "UTC",
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="For people or for scripts.")
    ] = "text",
) -> None:
    r"""Say why an incident happened: inputs or relationship, which rows, which columns, what cost.

    With labels the loss of the predictions is explained too; without, how the columns moved and
    where. Segments are found by search and confirmed on rows set aside. Without an incident, any
    time of a model is held against its baseline's reference, or against another time.

    Exit codes: 0 told, 2 wrong use or set-up.

    Examples:

      watchkeeper explain ./store delays.1.drift-000041-0001

      watchkeeper explain ./store --model delays --since 2026-03-01 \
        --until 2026-03-08
    """
    from watchkeeper.errors import SettingsError
    from watchkeeper.pipeline import aware_time, explain_incident, explain_span
    from watchkeeper.store import IncidentKey, Store

    names = {
        "since": since,
        "until": until,
        "reference-since": reference_since,
        "reference-until": reference_until,
    }
    times = {name: aware_time(text, timezone, name=name) for name, text in names.items()}
    start, end, first, last = times.values()
    with Store.open(store, create=False) as opened:
        if incident is not None:
            if model is not None or any(times.values()):
                raise SettingsError("give an incident, or --model with --since and --until")
            key = IncidentKey.parse(incident)
            found = explain_incident(opened, key, now=datetime.now(UTC))
        elif model is None or start is None or end is None:
            raise SettingsError("give an incident, or --model with --since and --until")
        elif (first is None) != (last is None):
            raise SettingsError("give both --reference-since and --reference-until, or neither")
        else:
            reference = None if first is None or last is None else (first, last)
            found = explain_span(opened, model, current=(start, end), reference=reference)
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
        return
    from rich.console import Console

    from watchkeeper.report import explanation_page

    Console().print(explanation_page(found, timezone=timezone))
