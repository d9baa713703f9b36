"""``watchkeeper audit``: the log of decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

audit_app = typer.Typer(
    name="audit", no_args_is_help=True, help="Check or show the log of decisions."
)

TAMPERED = 1


@audit_app.command("verify")
def verify(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A head printed earlier: it must still be in the log."),
    ] = None,
) -> None:
    """Check that no entry of the audit log was changed, removed or put in between.

    It prints the hash of the newest entry, the head. Give one that you kept elsewhere, and a log
    that was rewritten as a whole shows too.

    Exit codes: 0 the chain holds, 1 it does not, 2 wrong use or set-up.

    Examples:

      watchkeeper audit verify ./store

      watchkeeper audit verify ./store --head 5c1b...
    """
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        report = opened.audit.verify(head=head)
    if not report.holds:
        typer.echo(f"the audit log does not hold: {report.reason}", err=True)
        raise typer.Exit(TAMPERED)
    typer.echo(f"the audit log holds: {report.entries} entries, head {report.head}")


@audit_app.command("show")
def show(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    last: Annotated[int, typer.Option(metavar="N", min=1, help="How many to show.")] = 20,
) -> None:
    """Show the newest entries of the audit log, oldest first.

    Example:

      watchkeeper audit show ./store --last 5
    """
    from watchkeeper.store import Store

    with Store.open(store, create=False) as opened:
        entries = opened.audit.entries()
    for entry in entries[-last:]:
        typer.echo(
            f"{entry.number:>6}  {entry.time}  {entry.actor}  {entry.action}  {entry.payload}"
        )
