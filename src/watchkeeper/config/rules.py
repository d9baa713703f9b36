"""Checks of settings that a type cannot tell: names that must exist, and settings that clash."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from watchkeeper.checks import Expression, faults
from watchkeeper.config.problems import Path, Problems
from watchkeeper.config.settings import GreatExpectationsFile, PanderaFile, SettingsFile
from watchkeeper.errors import SettingsError, nearest
from watchkeeper.events import (
    MODEL_NAME,
    Column,
    business_faults,
    cost_faults,
    objective_faults,
    privacy_faults,
    quality_faults,
)
from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline import syntax_fault
from watchkeeper.watch import Bucketing, Budget, parse_duration


def check(settings: SettingsFile, problems: Problems) -> None:
    """Note everything in the settings that cannot be used."""
    _forms(settings, problems)
    _places(settings, problems)
    _columns(settings, problems)
    _baseline_and_events(settings, problems)
    _weights(settings, problems)
    _checks(settings, problems)
    _operating(settings, problems)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return a date or time as an aware time; a date is its first moment.

    Raises
    ------
    ValueError
        If it is neither.
    """
    stripped = text.strip()
    time = datetime.fromisoformat(stripped.replace("z", "Z"))
    return time if time.tzinfo is not None else time.replace(tzinfo=zone)


def zone_of(settings: SettingsFile) -> ZoneInfo:
    """Return the zone of the settings, UTC if there is none that exists."""
    known = settings.timezone in available_timezones()
    return ZoneInfo(settings.timezone if known and settings.timezone else "UTC")


def _forms(settings: SettingsFile, problems: Problems) -> None:
    forms: dict[Path, tuple[str | None, Callable[[str], object]]] = {
        ("bucket",): (settings.bucket, Bucketing.parse),
        ("budget",): (settings.budget, Budget.parse),
        ("lateness",): (settings.lateness, parse_duration),
    }
    if settings.retention is not None:
        forms["retention", "events"] = (settings.retention.events, parse_duration)
        forms["retention", "profiles"] = (settings.retention.profiles, parse_duration)
    for path, (value, parse) in forms.items():
        if value is None:
            continue
        try:
            parse(value)
        except SettingsError as error:
            said = str(error).partition(" is not understood; ")[2]
            problems.at(path, f"is {value!r}; {said}")
        except OverflowError:
            problems.at(path, f"is {value!r}, which is longer than time can be counted")
    if settings.model is not None and not MODEL_NAME.fullmatch(settings.model):
        problems.at(
            ("model",), f"is {settings.model!r}; a name is letters, digits, '.', '_' and '-'"
        )


def _places(settings: SettingsFile, problems: Problems) -> None:
    zones: dict[Path, str | None] = {("timezone",): settings.timezone}
    if settings.import_mapping is not None:
        zones["import", "timezone"] = settings.import_mapping.timezone
    for path, zone in zones.items():
        if zone is not None and zone not in available_timezones():
            problems.at(path, f"is {zone!r}.{_place(zone, available_timezones())}")
    if settings.holidays is None:
        return
    import holidays

    known = holidays.list_supported_countries()
    country, _, region = settings.holidays.partition("-")
    if country not in known:
        problems.at(("holidays",), f"is {settings.holidays!r}.{_place(country, known)}")
    elif region and region not in known[country]:
        said = nearest(region, known[country]) or f" {country} has no regions."
        message = f"is {settings.holidays!r}, and {country} has no region {region!r}.{said}"
        problems.at(("holidays",), message)


def _place(wrong: str, choices: object) -> str:
    """Return the nearest name whatever its case."""
    names = list(choices) if isinstance(choices, dict | set) else []
    alike = {name.lower(): name for name in names}
    same = alike.get(wrong.lower().replace(" ", "_"))
    return f" Did you mean {same!r}?" if same is not None else nearest(wrong, names)


def _columns(settings: SettingsFile, problems: Problems) -> None:
    columns = settings.columns or {}
    for name, column in columns.items():
        _limits(name, column, problems)
    times = [name for name, column in columns.items() if column.role == "time"]
    for name in times[1:]:
        message = f"is 'time', as is that of {times[0]!r}; only one column can be"
        problems.at(("columns", name, "role"), message)
    named = times[0] if times else None
    if None not in (settings.time, named) and settings.time != named:
        problems.at(
            ("time",),
            f"is {settings.time!r}, but columns.{named}.role is 'time'; name the same column",
        )


def _limits(name: str, column: Column, problems: Problems) -> None:
    path = ("columns", name)
    for limit in ("minimum", "maximum"):
        value = getattr(column, limit)
        if value is None:
            continue
        if column.type != "number":
            problems.at((*path, limit), f"is for numbers, but the type is {column.type!r}")
        elif math.isnan(value):
            problems.at((*path, limit), "is not a number; leave it out for no limit")
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and low > high:
        problems.at((*path, "minimum"), f"is {low:g}, above the maximum of {high:g}")
    if column.categories is None:
        return
    where = (*path, "categories")
    if column.type not in {"category", "text"}:
        problems.at(where, f"are for type 'category', but the type is {column.type!r}")
    if not column.categories:
        problems.at(where, "is empty; leave it out if any value is allowed")
    for value, count in Counter(column.categories).items():
        if count > 1:
            problems.at(where, f"names {value!r} {count} times")


def _baseline_and_events(settings: SettingsFile, problems: Problems) -> None:
    zone, baseline = zone_of(settings), settings.baseline
    if baseline is not None and baseline.until is not None:
        _moment(baseline.until, ("baseline", "until"), zone, problems)
        if baseline.file is not None:
            problems.at(("baseline", "file"), "and baseline.until are both set; choose one of them")
    for at, event in enumerate(settings.events or []):
        path = problems.place(("events",), at)
        first = _moment(event.start, (*path, "from"), zone, problems)
        last = _moment(event.until, (*path, "until"), zone, problems)
        if first is not None and last is not None and first >= last:
            message = f"is {event.until!r}, which is not after from ({event.start})"
            problems.at((*path, "until"), f"{message}; it is the first moment after it")


def _moment(text: str, path: Path, zone: ZoneInfo, problems: Problems) -> datetime | None:
    try:
        found = moment(text, zone)
        found.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        expected = f"a date or time, such as {date(2013, 4, 1)} or 2013-04-01T12:00:00Z"
        problems.at(path, f"is {text!r}; it must be {expected}")
        return None
    return found


def _checks(settings: SettingsFile, problems: Problems) -> None:
    for at, check in enumerate(settings.checks or []):
        if isinstance(check, PanderaFile | GreatExpectationsFile):
            continue
        path = problems.place(("checks",), at)
        for fault in faults(check):
            problems.at((*path, fault.attribute), fault.message)
        conditions = {"where": check.where}
        if isinstance(check, Expression):
            conditions["sql"] = check.sql
        for name, sql in conditions.items():
            why = None if sql is None else syntax_fault(sql)
            if why is not None:
                problems.at((*path, name), f"is {sql!r}; {why}")


def _operating(settings: SettingsFile, problems: Problems) -> None:
    found = objective_faults(settings.objectives or ())
    if settings.privacy is not None:
        found += privacy_faults(settings.privacy)
    if settings.costs is not None:
        found += cost_faults(settings.costs)
    if settings.quality is not None:
        found += quality_faults(settings.quality, METRICS)
    found += business_faults(settings.business or ())
    for fault in found:
        place: Path = ()
        for part in fault.where:
            place = problems.place(place, part) if isinstance(part, int) else (*place, part)
        problems.at(place, fault.reason)
    retention = settings.retention
    if retention is None or retention.events is None or retention.profiles is None:
        return
    try:
        is_shorter = parse_duration(retention.profiles) < parse_duration(retention.events)
    except (SettingsError, OverflowError):
        return  # told already
    if is_shorter:
        message = f"is {retention.profiles!r}, but events are kept longer ({retention.events})"
        problems.at(("retention", "profiles"), f"{message}; profiles cost little, keep them longer")


def _weights(settings: SettingsFile, problems: Problems) -> None:
    for name, weight in (settings.weights or {}).items():
        if not 0 < weight < math.inf:
            problems.at(("weights", name), f"is {weight:g}; a weight is above 0 and finite")
        if settings.columns is not None and ("columns", name) not in problems.lines:
            said = nearest(name, settings.columns)
            problems.at(("weights", name), f"is for a column that columns does not have.{said}")
