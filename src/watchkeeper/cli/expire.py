"""``watchkeeper expire``: what is older than it shall be kept goes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watchkeeper.store import Expired


def expire(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
) -> None:
    """Remove what is older than the retention in force allows, of all projects.

    A server does so all the while; this is for stores without one, or for at once. Judged buckets
    and incidents stay. Retention is put in force with `watchkeeper apply`.

    Examples:

      watchkeeper expire ./store --dry-run

      watchkeeper expire ./store
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.store import Store, project_folder, project_names

    for name in project_names(store):
        now = datetime.now(UTC)
        with Store.open(project_folder(store, name), create=False) as opened:
            if dry_run:
                report = opened.retention.look(now=now)
            else:
                report = opened.retention.expire(now=now, actor=actor_name())
        typer.echo(f"Project {name}")
        if not report.models:
            typer.echo("  no retention is in force; put one in force with: watchkeeper apply")
        for one in report.models:
            typer.echo(f"  {_told(one, is_dry=dry_run)}")


def _told(one: Expired, *, is_dry: bool) -> str:
    if not one.is_something:
        return f"model {one.model}: nothing is older"
    verb = "would remove" if is_dry else "removed"
    parts = []
    if one.before is not None:
        parts.append(
            f"{one.predictions:,} predictions, {one.outcomes:,} outcomes and {one.feedback:,}"
            f" feedback records of before {one.before} ({one.files_removed:,} files,"
            f" {one.files_rewritten:,} more written again)"
        )
    if one.profiles:
        parts.append(f"{one.profiles:,} profiles of buckets")
    return f"model {one.model}: {verb} {' and '.join(parts)}"
