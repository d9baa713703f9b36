"""Settings to begin with, by what was seen of the data, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.config.looking import DataSeen
from watchkeeper.config.settings import DEFAULT_BUDGET
from watchkeeper.watch import LEAST_BUCKETS

_ENOUGH_ROWS = 100
_ROWS_BUCKET = 1_000
_REFERENCE_SHARE = 0.6
_YEAR = timedelta(days=365)
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LENGTHS = {"5m": timedelta(minutes=5), "1h": _HOUR, "1d": _DAY, "1w": _WEEK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A value and why it was chosen."""

    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What to begin with.

    Attributes
    ----------
    baseline_until
        End of the reference; ``None`` for data without times.
    """

    bucket: Suggestion
    budget: Suggestion
    baseline_until: Suggestion | None


def suggest(seen: DataSeen) -> Suggestions:
    """Return settings to begin with.

    Buckets are the shortest usual length with about 100 rows or more; the reference is about the
    first 60 % in whole cycles.
    """
    if seen.first is None or seen.last is None or seen.first == seen.last:
        return Suggestions(
            bucket=_row_bucket(seen),
            budget=Suggestion(
                value="1 per 720 buckets",
                why="without times a budget counts buckets; 720 are a month of hours",
            ),
            baseline_until=None,
        )
    bucket = _time_bucket(seen, seen.last - seen.first)
    return Suggestions(
        bucket=bucket,
        budget=Suggestion(value=DEFAULT_BUDGET, why="over all columns and segments together"),
        baseline_until=_baseline(seen.first, seen.last, bucket.value),
    )


def _row_bucket(seen: DataSeen) -> Suggestion:
    rows = next((n for n in (_ROWS_BUCKET, 500, 200) if seen.rows >= 2 * LEAST_BUCKETS * n), 100)
    return Suggestion(value=f"{rows}rows", why="no column holds the time, so rows are counted")


def _time_bucket(seen: DataSeen, span: timedelta) -> Suggestion:
    per_hour = seen.rows / max(seen.hours, 1)
    per_day = seen.rows / max(span / _DAY, 1.0)
    rows = {"5m": per_hour / 12, "1h": per_hour, "1d": per_day, "1w": per_day * 7}
    fitting = [name for name, length in _LENGTHS.items() if span >= 2 * LEAST_BUCKETS * length]
    choices = fitting[1:] or ["5m"]
    enough = [name for name in choices if rows[name] >= _ENOUGH_ROWS]
    value = enough[0] if enough else [name for name in choices if name != "1w"][-1]
    if not enough:
        why = f"about {rows[value]:.0f} rows each, which is few: only large changes can be seen"
    else:
        at = choices.index(value)
        shorter = f"; {choices[at - 1]} would have {rows[choices[at - 1]]:.0f}" if at else ""
        why = f"about {rows[value]:,.0f} rows each{shorter}"
    return Suggestion(value=value, why=why)


def _baseline(first: datetime, last: datetime, bucket: str) -> Suggestion:
    # From midnight where days are learned, so that the last cycle is whole.
    start = first.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = _REFERENCE_SHARE * (last - start)
    if wanted >= 0.9 * _YEAR:
        # A whole year may take a larger part: what has no year behind it has no yearly cycle.
        unit, name = _YEAR, "year"
        wanted = max(wanted, _YEAR)
    elif wanted >= 2 * _WEEK:
        unit, name = _WEEK, "week"
    elif wanted >= 2 * _DAY:
        unit, name = _DAY, "day"
    else:
        unit, name = _HOUR, "hour"
        start = first.replace(minute=0, second=0, microsecond=0)
        wanted = _REFERENCE_SHARE * (last - start)
    cycles = int(wanted // unit)
    if name == "year":
        until = start.replace(year=start.year + cycles, day=min(start.day, 28))
    else:
        until = start + max(cycles, 1) * unit
    if until >= last:
        until, cycles = first + _REFERENCE_SHARE * (last - first), 0
    share = (until - first) / (last - first)
    whole = f", {cycles} whole {name}{'s' if cycles != 1 else ''}" if cycles else ""
    why = f"the first {share:.0%} of the data{whole}"
    buckets = int((until - first) / _LENGTHS[bucket])
    if buckets < LEAST_BUCKETS:
        why += f"; {buckets} buckets are few, {LEAST_BUCKETS} are needed"
    return Suggestion(value=until.isoformat().replace("+00:00", "Z"), why=why)
