"""``watchkeeper projects``: several teams on one server, apart from each other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

projects_app = typer.Typer(
    name="projects", no_args_is_help=True, help="Make or list the projects of a server."
)

_Folder = Annotated[Path, typer.Argument(help="Folder that `serve` serves.", file_okay=False)]


@projects_app.command("create")
def create(
    store: _Folder,
    name: Annotated[str, typer.Argument(help="Small letters, digits, '-' and '_'.")],
) -> None:
    """Make a project: a store of its own, in a folder of its own below this one.

    No key of one project reads another's data. A running server sees the new project at once.

    Example:

      watchkeeper projects create ./store search-ranking
    """
    from watchkeeper.cli.actor import actor_name
    from watchkeeper.store import Store, create_project, require_server_folder

    require_server_folder(store)
    Store.open(store).close()
    made = create_project(store, name, actor=actor_name(), now=datetime.now(UTC))
    typer.echo(f"Made {name}; its store is {made}.")
    typer.echo(f"Next: watchkeeper keys create {store} --project {name} --scope write")


@projects_app.command("list")
def list_projects(store: _Folder) -> None:
    """List the projects and where their stores are.

    Example:

      watchkeeper projects list ./store
    """
    from watchkeeper.store import Store, project_folder, project_names, require_server_folder

    require_server_folder(store)
    Store.open(store, create=False).close()
    for name in project_names(store):
        typer.echo(f"{name:<24}  {project_folder(store, name)}")
