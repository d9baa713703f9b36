"""``watchkeeper watch``: judge every bucket as it completes."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from watchkeeper.pipeline import Change
    from watchkeeper.store import ServiceIncident

INCIDENT_OPEN = 1


def watch(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    model: Annotated[str, typer.Option(help="Name of the model.")],
    once: Annotated[
        bool, typer.Option("--once", help="Judge what is complete now, then end.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="With --once: also the bucket under way.")
    ] = False,
    every: Annotated[str, typer.Option(help="How often to look for new data.")] = "5s",
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Lines for people or for scripts.")
    ] = "text",
) -> None:
    """Watch a model's stored predictions, bucket by bucket as they arrive.

    Every incident is told when it opens, when further columns join it, and when it closes; those of
    service objectives, the cost budget and prediction quality too. A watch that was stopped or
    killed goes on exactly where it was. Ctrl-C ends it.

    Exit codes: 0 no incident is open, 1 one is, 2 wrong use or set-up.

    Examples:

      watchkeeper watch ./store --model delays

      watchkeeper watch ./store --model delays --once --format json
    """
    from watchkeeper.pipeline import QualityWatch, ServiceWatch, Watch, stored_incidents
    from watchkeeper.store import Store
    from watchkeeper.watch import parse_duration

    wait = parse_duration(every).total_seconds()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with Store.open(store, create=False) as opened:
        watching = Watch(opened, model)
        service, quality = ServiceWatch(opened), QualityWatch(opened)
        while True:
            seen = watching.advance(now=datetime.now(tz=UTC), finish=finish and once)
            for change in seen.changes:
                _tell(change, watching.setup.timezone, output_format)
            told = service.advance(now=datetime.now(tz=UTC), at_once=once)
            told += quality.advance(now=datetime.now(tz=UTC), at_once=once, all_estimates=False)
            for incident in told:
                if incident.model == model:
                    _tell_service(incident, watching.setup.timezone, output_format)
            if once:
                if output_format == "text":
                    typer.echo(_judged(seen.buckets), err=True)
                break
            if stopped.wait(wait):
                break
        is_open = any(i.is_open for i in stored_incidents(opened, model, watching.version))
        is_open = is_open or bool(opened.service_incidents.all(model, open_only=True))
    if is_open:
        raise typer.Exit(INCIDENT_OPEN)


def _judged(buckets: int) -> str:
    return "1 bucket judged" if buckets == 1 else f"{buckets:,} buckets judged"


def _tell(change: Change, timezone: str, output_format: str) -> None:
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(change.incident).decode())
        return
    from watchkeeper.watch import moment_text

    when = f"bucket {change.bucket}" if change.at is None else moment_text(change.at, timezone)
    typer.echo(f"{when}  {change.what:<6}  {change.incident.message}")


def _tell_service(incident: ServiceIncident, timezone: str, output_format: str) -> None:
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(incident).decode())
        return
    from watchkeeper.watch import moment_text

    at = incident.closed_at or incident.last_seen_at
    what = "burns" if incident.source == "objective" else "worse"
    if incident.closed_at or at == incident.opened_at:
        what = "closed" if incident.closed_at else "opened"
    typer.echo(f"{moment_text(at, timezone)}  {what:<6}  {incident.message}")
