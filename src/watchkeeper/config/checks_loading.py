"""A file of checks by itself, whatever tool wrote it."""

from __future__ import annotations

from pathlib import Path

from watchkeeper.checks import Imported
from watchkeeper.config.check_files import recognised, resolve_checks
from watchkeeper.config.loading import read_settings, read_text


def load_checks(path: str | Path) -> Imported:
    """Read checks from a file.

    Parameters
    ----------
    path
        A list of checks in YAML, a settings file with a section `checks`, a schema that Pandera
        wrote, or a suite of Great Expectations: told apart by what is in it.

    Raises
    ------
    SettingsError
        If something in it cannot be used; the message has a line for each problem, with file and
        line, the value and the nearest valid choice.
    """
    path = Path(path)
    text = read_text(path)
    imported = recognised(text, path)
    if imported is not None:
        return imported
    settings = read_settings(text, str(path))
    checks, notes = resolve_checks(settings.checks or [], path.parent)
    return Imported(checks=checks, notes=notes)
