"""Checks that stand in files: ours, Pandera's schemas and Great Expectations' suites."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from watchkeeper.checks import Check, Imported, from_great_expectations, from_pandera
from watchkeeper.config.settings import GreatExpectationsFile, PanderaFile
from watchkeeper.errors import SettingsError


def resolve_checks(
    given: Sequence[Check | PanderaFile | GreatExpectationsFile], folder: Path
) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Return checks with those of the files among them, and what was not understood.

    Parameters
    ----------
    given
        In their order.
    folder
        What the names of files are relative to.

    Raises
    ------
    SettingsError
        A file cannot be read, or is not what it should be.
    """
    checks: list[Check] = []
    notes: list[str] = []
    for one in given:
        if isinstance(one, PanderaFile | GreatExpectationsFile):
            is_pandera = isinstance(one, PanderaFile)
            read = from_pandera if is_pandera else from_great_expectations
            imported = _imported(folder / one.file, read)
            checks += imported.checks
            notes += imported.notes
        else:
            checks.append(one)
    return tuple(checks), tuple(notes)


def recognised(text: str, path: Path) -> Imported | None:
    """Return the checks of another tool's file; ``None`` if it is none, by its content."""
    if "expectations" not in text and "schema_type" not in text:
        return None
    try:
        found = _parsed(text)
    except yaml.YAMLError:
        return None
    if isinstance(found, Mapping) and isinstance(found.get("expectations"), list):
        return _named(from_great_expectations, found, path)
    if isinstance(found, Mapping) and "schema_type" in found and "columns" in found:
        return _named(from_pandera, found, path)
    return None


def _imported(path: Path, read: Callable[[object], Imported]) -> Imported:
    try:
        found = _parsed(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}, named in checks, cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise SettingsError(f"{path}, named in checks, is no YAML or JSON: {said}") from error
    return _named(read, found, path)


def _named(read: Callable[[object], Imported], found: object, path: Path) -> Imported:
    try:
        imported = read(found)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    notes = tuple(f"{path.name}: not translated: {note}" for note in imported.notes)
    return Imported(checks=imported.checks, notes=notes)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return yaml.safe_load(text)
