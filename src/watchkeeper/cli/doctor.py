"""``watchkeeper doctor``: whether a store is well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watchkeeper.store import Finding

FAULT_FOUND = 1
_MARKS = {"good": "ok   ", "watch": "watch", "bad": "BAD  "}


def doctor(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read every sealed file and compare its hash.")
    ] = False,
) -> None:
    """Look whether a store and its projects are well, while they are in use.

    It looks at the database, the sealed files, the audit log, what waits to be sealed, the models,
    the disk and the file system. Nothing is changed.

    Exit codes: 0 no fault, 1 a fault was found, 2 wrong use or set-up.

    Examples:

      watchkeeper doctor ./store

      watchkeeper doctor ./store --thorough
    """
    from watchkeeper.cli.copying_progress import copying_progress
    from watchkeeper.store import examine, project_folder, project_names

    is_bad = False
    for name in project_names(store):
        with copying_progress("Reading") as progress:
            findings = examine(project_folder(store, name), thorough=thorough, progress=progress)
        _tell(name, findings)
        is_bad = is_bad or any(finding.state == "bad" for finding in findings)
    if is_bad:
        raise typer.Exit(FAULT_FOUND)


def _tell(project: str, findings: list[Finding]) -> None:
    typer.echo(f"Project {project}")
    for finding in findings:
        typer.echo(f"  {_MARKS[finding.state]}  {finding.subject}: {finding.told}")
