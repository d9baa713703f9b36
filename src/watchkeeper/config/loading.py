"""A settings file and the environment, checked and made one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import msgspec

from watchkeeper.config.check_files import resolve_checks
from watchkeeper.config.config import Baseline, Config
from watchkeeper.config.problems import Problems
from watchkeeper.config.reading import read
from watchkeeper.config.rules import check, moment, zone_of
from watchkeeper.config.settings import DEFAULT_BUDGET, DEFAULT_STORE, SettingsFile
from watchkeeper.config.yaml_tree import parse
from watchkeeper.errors import SettingsError
from watchkeeper.events import ColumnRole, OperatingSettings, Schema
from watchkeeper.pipeline import ImportMapping
from watchkeeper.watch import Budget, NamedEvent, parse_duration

STORE_VARIABLE = "WATCHKEEPER_STORE"
BUDGET_VARIABLE = "WATCHKEEPER_BUDGET"

_IMPORT_ROLES: dict[str, ColumnRole] = {
    "id": "id",
    "entity": "entity",
    "output": "prediction",
    "label": "label",
}


def load(path: str | Path, environ: Mapping[str, str]) -> Config:
    """Read the settings of one model.

    Parameters
    ----------
    path
        The file. Paths in it are relative to its folder.
    environ
        Environment variables; ``WATCHKEEPER_STORE`` and ``WATCHKEEPER_BUDGET`` win over the file.

    Raises
    ------
    SettingsError
        If something in it cannot be used; the message has a line for each problem, with file and
        line, the value and the nearest valid choice.
    """
    path = Path(path)
    settings = read_settings(read_text(path), str(path))
    return _with_environment(_resolved(settings, path.parent), environ)


def read_text(path: Path) -> str:
    """Return the text of a settings file.

    Raises
    ------
    SettingsError
        It cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        message = f"there are no settings at {path}; write them with 'watchkeeper init DATA'"
        raise SettingsError(message) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        message = f"{path}:{line}: the byte 0x{byte:02x} is no UTF-8; save the file as UTF-8"
        raise SettingsError(message) from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def read_settings(text: str, file: str) -> SettingsFile:
    """Return the settings of a file, all of which can be used.

    Raises
    ------
    SettingsError
        If something in it cannot be used.
    """
    problems = Problems(file=file)
    settings = msgspec.convert(read(parse(text, file), problems) or {}, SettingsFile)
    check(settings, problems)
    if problems:
        raise problems.error()
    return settings


def _resolved(settings: SettingsFile, folder: Path) -> Config:
    zone = zone_of(settings)
    baseline = None
    if settings.baseline is not None and settings.baseline.until is not None:
        baseline = Baseline(until=moment(settings.baseline.until, zone).astimezone(UTC))
    elif settings.baseline is not None and settings.baseline.file is not None:
        baseline = Baseline(file=str(folder / settings.baseline.file))
    events = tuple(
        NamedEvent(name=event.name, start=moment(event.start, zone), end=moment(event.until, zone))
        for event in settings.events or []
    )
    checks, notes = resolve_checks(settings.checks or [], folder)
    schema = None if settings.columns is None else Schema(columns=settings.columns)
    time = settings.time or (None if schema is None else schema.first("time"))
    return Config(
        model=settings.model,
        time=time,
        schema=schema,
        baseline=baseline,
        bucket=settings.bucket,
        budget=settings.budget or DEFAULT_BUDGET,
        season=settings.season or "auto",
        holidays=settings.holidays,
        named_events=events,
        segment_by=settings.segment_by,
        timezone=settings.timezone,
        lateness=timedelta(0) if settings.lateness is None else parse_duration(settings.lateness),
        weights=dict(settings.weights or {}),
        ignore=tuple(settings.ignore or ()),
        checks=checks,
        check_notes=notes,
        import_mapping=_import_mapping(settings, schema, time),
        operating=OperatingSettings(
            privacy=settings.privacy,
            retention=settings.retention,
            objectives=tuple(settings.objectives or ()),
            costs=settings.costs,
            quality=settings.quality,
            business=tuple(settings.business or ()),
            shadow_of=settings.shadow_of,
        ),
        store=folder / (settings.store or DEFAULT_STORE),
    )


def _import_mapping(
    settings: SettingsFile, schema: Schema | None, time: str | None
) -> ImportMapping:
    """Fill what the import block leaves out from the time, the zone and the roles of columns."""
    mapping = settings.import_mapping or ImportMapping()
    known: dict[str, str | None] = {"time": time, "timezone": settings.timezone}
    if schema is not None and mapping.kind == "prediction":
        known |= {name: _only(schema, role) for name, role in _IMPORT_ROLES.items()}
    filled = {name: value for name, value in known.items() if getattr(mapping, name) is None}
    return msgspec.structs.replace(mapping, **filled)


def _only(schema: Schema, role: ColumnRole) -> str | None:
    """Return the column of a role, ``None`` if there are several to choose from."""
    names = [name for name, column in schema.columns.items() if column.role == role]
    return names[0] if len(names) == 1 else None


def _with_environment(config: Config, environ: Mapping[str, str]) -> Config:
    if environ.get(STORE_VARIABLE):
        config = replace(config, store=Path(environ[STORE_VARIABLE]))
    budget = environ.get(BUDGET_VARIABLE)
    if budget:
        try:
            Budget.parse(budget)
        except SettingsError as error:
            message = f"{error} (in the environment variable {BUDGET_VARIABLE})"
            raise SettingsError(message) from error
        config = replace(config, budget=budget)
    return config
