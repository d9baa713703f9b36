"""``watchkeeper erase``: all that is kept of one entity goes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from watchkeeper.store import Erasure

LEFT = 1


def erase(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    entity: Annotated[str, typer.Option(metavar="ID", help="The entity's id, as it is sent.")],
    project: Annotated[str, typer.Option(help="The project of it.")] = "default",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="For people or for programs.")
    ] = "text",
) -> None:
    """Erase all that is kept of an entity: predictions, their outcomes, feedback.

    In every model of the project, from the journal and the sealed files, while the store is in
    use. Then a second look shows that it is gone. The audit log has a keyed hash of the id, not
    the id.

    Exit codes: 0 gone, 1 something is left, 2 wrong use or set-up, 4 try again.

    Examples:

      watchkeeper erase ./store --entity user-4711 --dry-run

      watchkeeper erase ./store --entity user-4711
    """
    import msgspec

    from watchkeeper.cli.actor import actor_name
    from watchkeeper.store import Store, project_folder

    with Store.open(project_folder(store, project), create=False) as opened:
        act = opened.erasures.look if dry_run else opened.erasures.erase
        done = act(entity, actor=actor_name(), now=datetime.now(UTC))
    if output == "json":
        typer.echo(msgspec.json.encode(done).decode())
    else:
        _tell(done, is_dry=dry_run)
    if done.rows_left:
        raise typer.Exit(LEFT)


def _tell(done: Erasure, *, is_dry: bool) -> None:
    verb = "Would erase" if is_dry else "Erased"
    if not done.models:
        typer.echo("Nothing is kept of this entity.")
    for one in done.models:
        typer.echo(
            f"{verb} of model {one.model}: {one.predictions:,} predictions,"
            f" {one.outcomes:,} outcomes, {one.feedback:,} feedback records"
        )
    for file in done.files:
        became = ", ".join(f"{p} ({h[:12]})" for p, h in file.became.items()) or "nothing"
        typer.echo(f"  {file.path} ({file.sha256[:12]}) became {became}")
    if not is_dry:
        typer.echo(
            f"A second look at every file and the journal found {done.rows_left:,} records;"
            f" {done.overwritten_bytes:,} free bytes of the database were overwritten."
        )
        typer.echo(f"Noted as erasure {done.number}, subject {done.subject}.")
    typer.echo("Not covered:")
    for told in done.not_covered:
        typer.echo(f"  - {told}")
