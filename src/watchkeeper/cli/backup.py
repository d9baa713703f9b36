"""``watchkeeper backup`` and ``watchkeeper restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watchkeeper.store import CopyReport


def backup(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    destination: Annotated[
        Path, typer.Argument(help="New folder, or that of an earlier backup.", file_okay=False)
    ],
) -> None:
    """Copy a store with all its projects while it is in use.

    Everything that was acknowledged before is in the copy. Into the folder of an earlier backup
    only what is new is copied.

    Examples:

      watchkeeper backup ./store /backups/store
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.cli.copying_progress import copying_progress
    from watchkeeper.store import back_up

    with copying_progress("Copying") as progress:
        report = back_up(store, destination, actor=actor_name(), progress=progress)
    typer.echo(f"Backed up {_told(report)} to {destination}.")


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="Folder of a backup.", file_okay=False)
    ],
    store: Annotated[Path, typer.Argument(help="New folder for the store.", file_okay=False)],
) -> None:
    """Make a store of a backup, every file and the audit log checked.

    Examples:

      watchkeeper restore /backups/store ./store
    """
    from watchkeeper.cli.copying_progress import copying_progress
    from watchkeeper.store import restore as restored

    with copying_progress("Copying") as progress:
        report = restored(source, store, progress=progress)
    typer.echo(f"Restored {_told(report)} to {store}.")


def _told(report: CopyReport) -> str:
    projects = f"{report.projects} project{'s' if report.projects != 1 else ''}"
    files = f"{report.files:,} sealed file{'s' if report.files != 1 else ''}"
    megabytes = report.copied_bytes / 1e6
    return f"{projects} with {files} ({report.copied:,} copied, {megabytes:,.1f} MB)"
