"""``watchkeeper apply``: put operating settings in force."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def apply(
    store: Annotated[Path, typer.Argument(help="Folder of the store.", file_okay=False)],
    config: Annotated[Path, typer.Option(help="Settings of the model.", dir_okay=False)],
    model: Annotated[
        str | None, typer.Option(help="Name of the model [default: the settings'].")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
) -> None:
    """Put a model's operating settings in force in a store.

    These are privacy, retention, objectives, costs, quality and business. They hold for everyone
    who writes to the store from the moment that this ends, open clients and running servers too.
    What the file leaves out is set no longer. Who changed what stands in the audit log.

    Exit codes: 0 done, 2 wrong use or set-up.

    Examples:

      watchkeeper apply ./store --config watchkeeper.yaml --dry-run

      watchkeeper apply ./store --config watchkeeper.yaml
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.config import load
    from watchkeeper.errors import SettingsError
    from watchkeeper.store import Store

    settings = load(config, os.environ)
    name = model or settings.model
    if not name:
        raise SettingsError("name the model with --model, or in the file given with --config")
    with Store.open(store, create=not dry_run) as opened:
        if dry_run:
            changes = settings.operating.changes_from(opened.operating.in_force(name))
        else:
            changes = opened.operating.put(
                name, settings.operating, actor=actor_name(), now=datetime.now(UTC)
            )
        privacy = settings.operating.privacy
        notes = [] if privacy is None else opened.privacy_advice(name, privacy)
    if not changes:
        typer.echo(f"Model {name}: nothing changes; all this is in force already.")
        return
    typer.echo(f"Model {name}: {'would change' if dry_run else 'in force now'}:")
    for change in changes:
        typer.echo(f"  {change}")
    if any(change.startswith("privacy.") for change in changes):
        typer.echo("What is stored already stays as it is.")
        for note in notes:
            typer.echo(f"  note: {note}")
