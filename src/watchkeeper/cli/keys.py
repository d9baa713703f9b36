"""``watchkeeper keys``: who is let in over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watchkeeper.store import AccessKey

keys_app = typer.Typer(
    name="keys", no_args_is_help=True, help="Make, list or revoke keys to a server."
)

_Folder = Annotated[Path, typer.Argument(help="Folder that `serve` serves.", file_okay=False)]


@keys_app.command("create")
def create(
    store: _Folder,
    scope: Annotated[
        list[str], typer.Option(help="write, read or admin (which is all three); repeatable.")
    ],
    project: Annotated[str, typer.Option(help="The project it opens.")] = "default",
    name: Annotated[str, typer.Option(help="Who or what uses it.")] = "unnamed",
    expires: Annotated[
        str | None, typer.Option(metavar="90d", help="Good for so long [default: for ever].")
    ] = None,
    rate_limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Records a second it may send [default: any]."),
    ] = None,
) -> None:
    """Make a key, and print it: the only time that it is shown.

    The store keeps a hash of it. `write` sends records, `read` asks for what is kept, `admin`
    changes settings and may do the rest.

    Examples:

      watchkeeper keys create ./store --scope write --name checkout

      watchkeeper keys create ./store --scope read --expires 90d

      watchkeeper keys create ./store --scope write --project search
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.events.durations import parse_duration
    from watchkeeper.store import Store, project_folder, require_server_folder

    require_server_folder(store)
    now = datetime.now(UTC)
    with Store.open(store) as opened:
        project_folder(store, project)
        key, text = opened.access_keys.create(
            project=project,
            name=name,
            scopes=scope,
            actor=actor_name(),
            now=now,
            expires_at=None if expires is None else now + parse_duration(expires),
            most_records_per_second=rate_limit,
        )
    typer.echo(
        f"Made key {key.key_id} of project {project}, scopes {', '.join(key.scopes)}."
        " Keep it well; it is not shown again:",
        err=True,
    )
    typer.echo(text)


@keys_app.command("list")
def list_keys(store: _Folder) -> None:
    """List the keys, without their secrets.

    Example:

      watchkeeper keys list ./store
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from watchkeeper.store import Store, require_server_folder

    require_server_folder(store)
    with Store.open(store, create=False) as opened:
        keys = opened.access_keys.all()
    if not keys:
        typer.echo(f"No keys. Make one: watchkeeper keys create {store} --scope write")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("key", "project", "name", "scopes", "state", "last used"):
        table.add_column(title, overflow="fold")
    now = datetime.now(UTC)
    for key in keys:
        scopes = ", ".join(key.scopes)
        used = _day(key.last_used_at) or "never"
        table.add_row(key.key_id, key.project, key.name, scopes, _state(key, now), used)
    Console().print(table)


@keys_app.command("revoke")
def revoke(
    store: _Folder, key: Annotated[str, typer.Argument(help="Its id, as `list` shows it.")]
) -> None:
    """Close a key for good; a running server turns it away within a second.

    Example:

      watchkeeper keys revoke ./store 0a1b2c3d4e
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.store import Store, require_server_folder

    require_server_folder(store)
    with Store.open(store, create=False) as opened:
        # Whoever pastes the whole key means its id.
        key_id = key.removeprefix("wk_").partition("_")[0]
        opened.access_keys.revoke(key_id, actor=actor_name(), now=datetime.now(UTC))
    typer.echo(f"Revoked {key_id}.")


def _state(key: AccessKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {_day(key.revoked_at)}"
    if not key.is_good(now):
        return f"expired {_day(key.expires_at)}"
    return "good" if key.expires_at is None else f"good until {_day(key.expires_at)}"


def _day(moment: str | None) -> str:
    return "" if moment is None else moment[:10]
