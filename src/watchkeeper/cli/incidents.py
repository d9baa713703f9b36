"""``watchkeeper incidents``: what happened, and what you decide about it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchkeeper.cli.exit_codes import INCIDENT_OPEN

if TYPE_CHECKING:
    from watchkeeper.store import DecisionKind

incidents_app = typer.Typer(
    name="incidents", no_args_is_help=True, help="See what happened, and decide about it."
)

_Folder = Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)]
_Id = Annotated[str, typer.Argument(metavar="ID", help="Of the incident, as `list` shows it.")]
_Why = Annotated[str, typer.Option(help="Why, for those who come after.")]
_Format = Annotated[
    Literal["text", "json"], typer.Option("--format", help="For people or for scripts.")
]
_Zone = Annotated[str, typer.Option(help="Zone in which times are shown.")]


@incidents_app.command("list")
def list_(
    store: _Folder,
    model: Annotated[str | None, typer.Option(help="Only this model's.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what has not ended.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what went on at or after this time.")
    ] = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, help="The newest so many.")] = 50,
    timezone: _Zone = "UTC",
    output_format: _Format = "text",
) -> None:
    """List incidents of all models, newest first: drift, broken rules, objectives, budgets.

    Exit codes: 0 none of them is open, 1 one is, 2 wrong use or set-up.

    Examples:

      watchkeeper incidents list ./store --open

      watchkeeper incidents list ./store --model delays --since 2026-03-01 --format json
    """
    from watchkeeper.pipeline import aware_time, list_incidents
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        found = list_incidents(
            opened,
            now=datetime.now(UTC),
            model=model,
            only_open=only_open,
            start=aware_time(since, timezone, name="since"),
            limit=last,
        )
    if output_format == "json":
        import msgspec

        for one in found:
            typer.echo(msgspec.json.encode(one).decode())
    elif not found:
        typer.echo("No incidents.")
    else:
        from rich.console import Console

        from watchkeeper.report import incident_table

        Console().print(incident_table(found, timezone=timezone))
    if any(one.is_open for one in found):
        raise typer.Exit(INCIDENT_OPEN)


@incidents_app.command("show")
def show(
    store: _Folder, incident: _Id, timezone: _Zone = "UTC", output_format: _Format = "text"
) -> None:
    """Show an incident in full: what moved and how far, evidence, decisions, notices.

    Exit codes: 0 it has ended, 1 it is open, 2 wrong use or set-up.

    Example:

      watchkeeper incidents show ./store delays.1.drift-000041-0001
    """
    from watchkeeper.pipeline import incident_detail
    from watchkeeper.store import IncidentKey, Store

    with Store.open(store, create=False) as opened:
        found = incident_detail(opened, IncidentKey.parse(incident), now=datetime.now(UTC))
    if output_format == "json":
        import msgspec

        typer.echo(msgspec.json.encode(found).decode())
    else:
        from rich.console import Console

        from watchkeeper.report import incident_page

        Console().print(incident_page(found, timezone=timezone))
    if found.is_open:
        raise typer.Exit(INCIDENT_OPEN)


@incidents_app.command("acknowledge")
def acknowledge(store: _Folder, incident: _Id, reason: _Why = "") -> None:
    """Say that you look at it; detection and alerts go on.

    Example:

      watchkeeper incidents acknowledge ./store delays.1.drift-000041-0001 --reason "on it"
    """
    _decide(store, incident, "acknowledge", reason)
    typer.echo(f"Acknowledged {incident}.")


@incidents_app.command("mute")
def mute(
    store: _Folder,
    incident: _Id,
    reason: _Why,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Until this time [default: for ever].")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="4h", help="Instead of --until: for so long.")
    ] = None,
) -> None:
    """Send no alerts about it; it stays in sight, and detection goes on.

    Examples:

      watchkeeper incidents mute ./store delays.1.drift-000041-0001 --reason "known, fixed Monday"

      watchkeeper incidents mute ./store delays.1.drift-000041-0001 --reason "load test" --for 4h
    """
    from watchkeeper.errors import SettingsError
    from watchkeeper.events.durations import parse_duration
    from watchkeeper.pipeline import aware_time

    if until is not None and for_ is not None:
        raise SettingsError("give --until or --for, not both")
    end = aware_time(until, "UTC", name="until")
    if for_ is not None:
        end = datetime.now(UTC) + parse_duration(for_)
    _decide(store, incident, "mute", reason, until=end)
    typer.echo(f"Muted {incident}{'' if end is None else f' until {end.isoformat()}'}.")


@incidents_app.command("unmute")
def unmute(store: _Folder, incident: _Id, reason: _Why = "") -> None:
    """Send alerts about it again.

    Example:

      watchkeeper incidents unmute ./store delays.1.drift-000041-0001
    """
    _decide(store, incident, "unmute", reason)
    typer.echo(f"Unmuted {incident}.")


@incidents_app.command("adopt")
def adopt(store: _Folder, incident: _Id, reason: _Why) -> None:
    """Take its state as the new normal: it closes, and leaving that state is told from then on.

    It takes effect at the next bucket that is judged, by whichever process watches; a replay
    applies it there too. What a rule or an objective asks for is not adopted but changed where it
    is declared; the message says how.

    Example:

      watchkeeper incidents adopt ./store delays.1.drift-000041-0001 --reason "new tariff"
    """
    _decide(store, incident, "adopt", reason)
    typer.echo(f"Adopted {incident}; it closes at the next bucket that is judged.")


def _decide(
    store: Path, incident: str, kind: DecisionKind, reason: str, *, until: datetime | None = None
) -> None:
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.pipeline import decide
    from watchkeeper.store import IncidentKey, Store

    with Store.open(store, create=False) as opened:
        decide(
            opened,
            IncidentKey.parse(incident),
            kind,
            reason=reason,
            actor=actor_name(),
            now=datetime.now(UTC),
            until=until,
        )
