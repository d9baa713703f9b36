"""``watchkeeper upgrade``: bring a store to this version, or rehearse it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watchkeeper.store import Upgrade


def upgrade(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Upgrade and check a copy; leave the store as it is.")
    ] = False,
) -> None:
    """Bring a store and its projects to the version of this Watchkeeper.

    Opening a store does the same; this keeps a copy of each database beside it before, and says
    what was done. Rehearse it first: that tells how long it takes, how much room it needs, and
    that everything can be read afterwards.

    Exit codes: 0 done, 2 it cannot be upgraded.

    Examples:

      watchkeeper upgrade ./store --dry-run

      watchkeeper upgrade ./store
    """
    from watchkeeper.store import rehearse
    from watchkeeper.store import upgrade as upgraded

    for one in (rehearse if dry_run else upgraded)(store):
        typer.echo(f"Project {one.project}: {_told(one, is_dry=dry_run)}")
    if dry_run:
        typer.echo("The store is as it was: copies were upgraded, and removed again.")


def _told(one: Upgrade, *, is_dry: bool) -> str:
    checked = f"the database is whole, all {len(one.rows)} tables can be read"
    if not one.is_due:
        return f"version {one.after}, the newest; {checked}"
    verb = "would go" if is_dry else "went"
    lines = [
        f"{verb} from version {one.before or 'none'} to {one.after} in {one.seconds:,.1f} s;"
        f" {checked}",
        f"  its {one.database_bytes / 1e6:,.1f} MB {'need' if is_dry else 'needed'}"
        f" {one.needed_bytes / 1e6:,.1f} MB more meanwhile",
    ]
    if one.kept is not None:
        lines.append(f"  as it was before: {one.kept}; remove it when all is well")
    return "\n".join(lines)
