"""``watchkeeper alerts``: who is told of incidents, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from watchkeeper.pipeline.alerting import AlertSettings, Route
    from watchkeeper.store import NoticeStatus, SavedNotice, Store

alerts_app = typer.Typer(
    name="alerts", no_args_is_help=True, help="Say who is told of incidents, and see what was sent."
)

NOT_TAKEN = 1
_STATUSES: tuple[NoticeStatus, ...] = ("waiting", "held", "sent", "dead", "dropped")

_Folder = Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)]


@alerts_app.command("set")
def set_alerts(
    store: Annotated[
        Path | None, typer.Argument(help="Folder of the store.", file_okay=False)
    ] = None,
    settings: Annotated[
        Path | None, typer.Argument(help="The settings, such as alerts.yaml.")
    ] = None,
    print_schema: Annotated[
        bool, typer.Option("--print-schema", help="Print the JSON Schema of the settings, no more.")
    ] = False,
) -> None:
    """Put settings in force: channels, routes, quiet hours. A running server takes them up.

    Incidents that open from now on are told; what was noticed before is not. Secrets stay in the
    environment of the server, as `${NAME}`.

    Examples:

      watchkeeper alerts set ./store alerts.yaml

      watchkeeper alerts set --print-schema > alerts.schema.json
    """
    import json

    from watchkeeper.cli.actor import actor_name
    from watchkeeper.config import alerts_json_schema, load_alerts
    from watchkeeper.errors import UsageError
    from watchkeeper.pipeline.alerting import SCOPE, settings_to_bytes
    from watchkeeper.store import Store

    if print_schema:
        typer.echo(json.dumps(alerts_json_schema(), indent=2, ensure_ascii=False))
        return
    if store is None or settings is None:
        raise UsageError("name the store and the settings: watchkeeper alerts set STORE FILE")
    loaded = load_alerts(settings)
    with Store.open(store, create=False) as opened:
        opened.settings.put(
            SCOPE, settings_to_bytes(loaded), actor=actor_name(), now=datetime.now(UTC)
        )
    count, routes = len(loaded.channels), len(loaded.all_routes())
    typer.echo(
        f"In force: {_many(count, 'channel')}, {_many(routes, 'route')}. Try one with:"
        f" watchkeeper alerts test {store} --channel {next(iter(loaded.channels))}"
    )


@alerts_app.command("show")
def show(store: _Folder) -> None:
    """Show the channels and routes in force, and how much each channel has sent.

    Example:

      watchkeeper alerts show ./store
    """
    from watchkeeper.actions import kind_of
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        settings = _in_force(opened, store)
        counts = {(one.channel, one.status): one.count for one in opened.notices.counts()}
    table = _table("channel", "kind", *_STATUSES)
    for name, channel in settings.channels.items():
        figures = (str(counts.get((name, status), 0)) for status in _STATUSES)
        table.add_row(name, kind_of(channel), *figures)
    _print(table)
    for at, route in enumerate(settings.all_routes(), start=1):
        typer.echo(f"{at}. {_told(route)}")


@alerts_app.command("test")
def test(
    store: _Folder,
    channel: Annotated[str, typer.Option(help="Which channel to try.")],
) -> None:
    """Send a test by one channel, now, from here.

    The secrets are those of this shell's environment, which may not be the server's. To try it from
    the server: POST /v1/alerts/test.

    Exit codes: 0 the receiver has taken it, 1 it has not, 2 wrong use or set-up.

    Example:

      watchkeeper alerts test ./store --channel team
    """
    import os

    from watchkeeper.errors import DeliveryError, SettingsError, TryAgainError, nearest
    from watchkeeper.pipeline.alerting import notice_of_test, send
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        settings = _in_force(opened, store)
    if channel not in settings.channels:
        known = nearest(channel, settings.channels)
        raise SettingsError(f"there is no channel {channel!r}.{known}")
    notice = notice_of_test("default", settings, channel, now=datetime.now(UTC))
    try:
        answer = send(settings.channels[channel], notice, os.environ)
    except (DeliveryError, TryAgainError) as error:
        typer.echo(f"{channel} has not taken it: {error}", err=True)
        raise typer.Exit(NOT_TAKEN) from error
    typer.echo(f"{channel} has taken it: {answer.answer}")


@alerts_app.command("list")
def list_notices(
    store: _Folder,
    status: Annotated[
        str | None, typer.Option(help="Only what is waiting, held, sent, dead or dropped.")
    ] = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, help="How many to show.")] = 50,
) -> None:
    """List what was told and is to be told, newest first.

    Examples:

      watchkeeper alerts list ./store

      watchkeeper alerts list ./store --status dead
    """
    from watchkeeper.errors import SettingsError, nearest
    from watchkeeper.store import Store

    wanted = next((one for one in _STATUSES if one == status), None)
    if status is not None and wanted is None:
        raise SettingsError(f"status: there is no {status!r}.{nearest(status, _STATUSES)}")
    with Store.open(store, create=False) as opened:
        found = opened.notices.newest(status=wanted, limit=last)
    if not found:
        typer.echo("Nothing was told of." if status is None else f"Nothing is {status}.")
        return
    table = _table("number", "incident", "event", "channel", "status", "tried", "when", "why not")
    for notice in found:
        table.add_row(
            str(notice.number),
            notice.incident_key,
            notice.event,
            notice.channel,
            notice.status,
            str(notice.attempts),
            f"{_when(notice):%Y-%m-%d %H:%M:%S}",
            notice.last_error or "",
        )
    _print(table)


@alerts_app.command("retry")
def retry(
    store: _Folder,
    number: Annotated[int, typer.Argument(help="Its number, as `list` shows it.", min=1)],
) -> None:
    """Send a message again that was given up. The server sends it within a second.

    Example:

      watchkeeper alerts retry ./store 12
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        found = opened.notices.retry(number, actor=actor_name(), now=datetime.now(UTC))
    numbers = ", ".join(str(notice.number) for notice in found)
    typer.echo(f"Due again: {numbers}, by {found[0].channel}.")


def _in_force(store: Store, folder: Path) -> AlertSettings:
    from watchkeeper.errors import SettingsError
    from watchkeeper.pipeline.alerting import SCOPE, settings_from_bytes

    kept = store.settings.get(SCOPE)
    if kept is None:
        message = (
            f"nobody is told of incidents yet; write alerts.yaml (see docs/alerts.md), then:"
            f" watchkeeper alerts set {folder} alerts.yaml"
        )
        raise SettingsError(message)
    return settings_from_bytes(kept.payload)


def _told(route: Route) -> str:
    who = ", ".join(route.channels) or "nobody"
    what = [f"{route.severity} incidents" if route.severity else "all incidents"]
    if route.models is not None:
        what.append(f"of {', '.join(route.models)}")
    if route.sources is not None:
        what.append(f"by {', '.join(route.sources)}")
    quiet = [
        f"{one.start} to {one.until} {one.timezone}{' ' + ' '.join(one.days) if one.days else ''}"
        for one in route.quiet or []
    ]
    rest = f"; quiet {', '.join(quiet)}" if quiet else ""
    return f"{' '.join(what)} to {who}{rest}"


def _when(notice: SavedNotice) -> datetime:
    return notice.sent_at or (
        notice.due_at if notice.status in {"waiting", "held"} else notice.created_at
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _table(*titles: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    Console().print(table)
