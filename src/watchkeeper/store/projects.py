"""Projects: stores in one folder that know nothing of each other.

The folder itself is the store of the project ``default``; others lie in ``projects/<name>`` below
it. What separates them is that they share no file.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from watchkeeper.errors import SettingsError, nearest
from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.store import Store

DEFAULT_PROJECT: Final = "default"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def project_names(folder: Path) -> list[str]:
    """Return the projects of a server's folder, ``default`` first."""
    found = (path.parent.name for path in (folder / "projects").glob("*/state.sqlite"))
    return [DEFAULT_PROJECT, *sorted(name for name in found if _NAME.fullmatch(name))]


def require_server_folder(folder: Path) -> None:
    """Refuse the store of one project where that of the whole server is meant.

    Raises
    ------
    SettingsError
        If the folder is a project's, below a server's.
    """
    above = folder.resolve().parent
    if above.name == "projects" and (above.parent / "state.sqlite").exists():
        message = f"{folder} is one project's store; keys and projects belong to {above.parent}"
        raise SettingsError(message)


def project_folder(folder: Path, name: str) -> Path:
    """Return where a project's store lies.

    Raises
    ------
    SettingsError
        If the name is none, or there is no such project.
    """
    names = project_names(folder)
    if name not in names:
        raise SettingsError(f"there is no project {name!r}.{nearest(name, names)}")
    return folder if name == DEFAULT_PROJECT else folder / "projects" / name


def create_project(folder: Path, name: str, *, actor: str, now: datetime) -> Path:
    """Make a project's store, audited in the one of ``default``, and return its folder.

    Raises
    ------
    SettingsError
        If the name is none, or taken.
    """
    if not _NAME.fullmatch(name):
        message = (
            f"project: expected up to 63 small letters, digits, '-' or '_', got {name!r}; "
            "for example 'search-ranking'"
        )
        raise SettingsError(message)
    if name in project_names(folder):
        raise SettingsError(f"there is a project {name!r} already; choose another name")
    made = folder / "projects" / name
    Store.open(made).close()
    database = Database(folder)
    try:
        with database.writing() as connection:
            append_entry(connection, actor, "project.create", {"project": name}, now=now)
    finally:
        database.close()
    return made
