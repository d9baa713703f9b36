"""Where a bucket lies in the cycles that models live with: day, week, year, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import holidays as holiday_calendars
import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.incidents import NotEnough

Floats = NDArray[np.float64]
Cycle: TypeAlias = Literal[
    "hour of day",
    "day of week",
    "hour of week",
    "time of year",
    "time of year, finer",
    "hour of day by time of year",
    "holidays",
    "named events",
]

_DAY = 86_400.0
_YEAR_DAYS = 365.25
# How many whole cycles the reference must hold before a cycle may be learned from it.
_DAYS_NEEDED = 2.0
_WEEKS_NEEDED = 2.0
_HOUR_OF_WEEK_NEEDED = 3.0
_YEARS_NEEDED = 0.9


class NamedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A span that the user expects to differ: ``start <= time < end``, both aware."""

    name: str
    start: datetime
    end: datetime


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that places a bucket in its cycles.

    Attributes
    ----------
    timezone
        Zone of the local clock that people live by, for hour of day, day of week and holidays.
    country
        Country of the ``holidays`` library, such as ``US`` or ``US-NY``; ``None`` for none.
    bucket_seconds
        Usual length of a bucket; ``None`` when rows carry no time, then there are no cycles.
    """

    timezone: str = "UTC"
    country: str | None = None
    events: tuple[NamedEvent, ...] = ()
    bucket_seconds: float | None = None


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Columns ``first`` to ``last`` (excluded) of the design that belong to one cycle."""

    cycle: Cycle
    first: int
    last: int
    penalty: float
    always: bool = False
    after: tuple[Cycle, ...] = ()


class Design(msgspec.Struct, frozen=True, kw_only=True):
    """Which cycles a reference is long enough to teach; column 0 is the constant."""

    calendar: Calendar
    blocks: tuple[Block, ...]
    width: int

    def rows(self, times: Sequence[datetime]) -> Floats:
        """Return the design of buckets by the time of their middle, shape (buckets, width)."""
        x = np.zeros((len(times), self.width))
        x[:, 0] = 1.0
        if self.blocks:
            local = _Local.of(times, self.calendar)
            for block in self.blocks:
                x[:, block.first : block.last] = local.features(block.cycle, self.calendar)
        return x

    def columns(self, cycles: Sequence[Cycle]) -> NDArray[np.intp]:
        """Return the columns of the constant and of the cycles given."""
        chosen = [np.arange(b.first, b.last) for b in self.blocks if b.cycle in cycles]
        return np.concatenate([np.zeros(1, dtype=np.intp), *chosen]).astype(np.intp)

    def penalties(self, scale: float = 1.0) -> Floats:
        """Return the penalty of each column, ``scale`` times that of cycles chosen, (width,)."""
        penalty = np.full(self.width, 1e-9)
        for block in self.blocks:
            own = block.penalty if block.always else scale * block.penalty
            penalty[block.first : block.last] = own
        return penalty


def design(calendar: Calendar, first: datetime, last: datetime) -> tuple[Design, list[NotEnough]]:
    """Return the cycles that a reference from ``first`` to ``last`` can teach, and what it cannot.

    A penalty of 3 means that a cell is believed half when three buckets have been seen of it.
    Holidays and named events are always in, with next to no penalty: the first of its kind
    is expected to differ by an unknown amount, so that only its return is judged.
    """
    span = (last - first).total_seconds()
    days, weeks, years = span / _DAY, span / _DAY / 7, span / _DAY / _YEAR_DAYS
    length = calendar.bucket_seconds or _DAY
    wanted: list[tuple[Cycle, int, float, bool, tuple[Cycle, ...]]] = []
    missing: list[NotEnough] = []
    within_day = length <= _DAY / 2
    if within_day and days >= _DAYS_NEEDED:
        wanted.append(("hour of day", _slots(length), 1.0, False, ()))
    elif within_day:
        missing.append(_short("daily cycle", days, "days", _DAYS_NEEDED))
    if length <= 3.5 * _DAY and weeks >= _WEEKS_NEEDED:
        wanted.append(("day of week", 7, 1.0, False, ()))
        if within_day and weeks >= _HOUR_OF_WEEK_NEEDED:
            size = 7 * _slots(length)
            wanted.append(("hour of week", size, 3.0, False, ("hour of day",)))
    elif length <= 3.5 * _DAY:
        missing.append(_short("weekly cycle", weeks, "weeks", _WEEKS_NEEDED))
    if years >= _YEARS_NEEDED:
        wanted.append(("time of year", 2, 0.1, False, ()))
        wanted.append(("time of year, finer", 4, 1.0, False, ("time of year",)))
        if within_day:
            after: tuple[Cycle, ...] = ("hour of day", "time of year")
            wanted.append(("hour of day by time of year", 8, 1.0, False, after))
    else:
        missing.append(_short("yearly cycle", years * 12, "months", 11.0))
    if calendar.country is not None:
        wanted.append(("holidays", 3, 0.05, True, ()))
    if calendar.events:
        wanted.append(("named events", len({e.name for e in calendar.events}), 0.05, True, ()))
    blocks, width = [], 1
    for cycle, size, penalty, always, before in wanted:
        blocks.append(
            Block(
                cycle=cycle,
                first=width,
                last=width + size,
                penalty=penalty,
                always=always,
                after=before,
            )
        )
        width += size
    return Design(calendar=calendar, blocks=tuple(blocks), width=width), missing


def timeless() -> Design:
    """Return the design of buckets without time: a constant."""
    return Design(calendar=Calendar(), blocks=(), width=1)


def _slots(length: float) -> int:
    return int(min(24, max(2, round(_DAY / length))))


def _short(subject: str, have: float, unit: str, need: float) -> NotEnough:
    return NotEnough(
        subject=subject,
        have=f"{have:.1f} {unit} of reference",
        need=f"{need:g} {unit}; until then a change that this cycle causes counts as drift",
    )


class _Local:
    """Local clock readings of buckets."""

    def __init__(self, times: Sequence[datetime], zone: ZoneInfo) -> None:
        local = [t.astimezone(zone) for t in times]
        self.times = times
        self.dates = [t.date() for t in local]
        seconds = [t.hour * 3600 + t.minute * 60 + t.second for t in local]
        self.day_part = np.array(seconds, dtype=np.float64) / _DAY
        self.weekday = np.array([t.weekday() for t in local], dtype=np.intp)
        year_day = np.array([t.timetuple().tm_yday for t in local], dtype=np.float64)
        self.year_angle = 2 * np.pi * (year_day - 1 + self.day_part) / _YEAR_DAYS

    @classmethod
    def of(cls, times: Sequence[datetime], calendar: Calendar) -> _Local:
        return cls(times, ZoneInfo(calendar.timezone))

    def features(self, cycle: Cycle, calendar: Calendar) -> Floats:
        slots = _slots(calendar.bucket_seconds or _DAY)
        slot = np.minimum((self.day_part * slots).astype(np.intp), slots - 1)
        if cycle == "hour of day":
            return _one_hot(slot, slots)
        if cycle == "day of week":
            return _one_hot(self.weekday, 7)
        if cycle == "hour of week":
            return _one_hot(self.weekday * slots + slot, 7 * slots)
        if cycle == "time of year":
            return _waves(self.year_angle, (1,))
        if cycle == "time of year, finer":
            return _waves(self.year_angle, (2, 3))
        if cycle == "hour of day by time of year":
            day = _waves(2 * np.pi * self.day_part, (1, 2))
            year = _waves(self.year_angle, (1,))
            return (day[:, :, None] * year[:, None, :]).reshape(len(day), -1)
        if cycle == "holidays":
            return self._holidays(calendar.country or "")
        return self._events(calendar.events)

    def _holidays(self, country: str) -> Floats:
        name, _, subdivision = country.partition("-")
        years = {d.year for d in self.dates}
        days = holiday_calendars.country_holidays(name, subdiv=subdivision or None, years=years)
        one = timedelta(days=1)
        table = [[d in days, d + one in days, d - one in days] for d in self.dates]
        return np.array(table, dtype=np.float64).reshape(len(self.dates), 3)

    def _events(self, events: Sequence[NamedEvent]) -> Floats:
        names = sorted({e.name for e in events})
        inside = np.zeros((len(self.times), len(names)))
        for i, time in enumerate(self.times):
            for event in events:
                if event.start <= time < event.end:
                    inside[i, names.index(event.name)] = 1.0
        return inside


def _one_hot(index: NDArray[np.intp], size: int) -> Floats:
    return np.eye(size)[index]


def _waves(angle: Floats, harmonics: Sequence[int]) -> Floats:
    return np.column_stack([f(k * angle) for k in harmonics for f in (np.sin, np.cos)])


def cycle_folds(times: Sequence[datetime], timezone: str, *, most: int = 10) -> NDArray[np.intp]:
    """Cut buckets into folds of whole weeks, or of whole days when there are few weeks.

    Returns the fold of each bucket, shape (buckets,): contiguous, about equally long.
    """
    zone = ZoneInfo(timezone)
    days = np.array([_ordinal(t.astimezone(zone).date()) for t in times])
    units = (days - days[0]) // 7
    if units[-1] < 3:
        units = days - days[0]
    distinct, unit = np.unique(units, return_inverse=True)
    folds = min(most, len(distinct))
    return (unit * folds // len(distinct)).astype(np.intp)


def _ordinal(day: date) -> int:
    return day.toordinal()


def middle(start: datetime, end: datetime) -> datetime:
    """Return the time half-way through a bucket, in UTC."""
    return (start + (end - start) / 2).astimezone(UTC)
