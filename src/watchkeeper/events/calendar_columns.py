"""Columns that only repeat the time: they drift by definition, so they are not watched."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

_AGREE = 0.99
_AGREE_WITHOUT_THE_MODE = 0.95
_LEAST_ROWS = 20
_ROWS = 2_000
_TELLING_VALUES = 4
_GOLDEN = 0.6180339887498949
_OFFSETS_MINUTES = sorted(range(-12 * 60, 14 * 60 + 1, 15), key=lambda m: (abs(m), m))
_SUMMER_MINUTES = 60
_MINUTE = 60_000_000
_DAY_MINUTES = 1_440
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS = {name: at for at, name in enumerate(_DAYS)}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NUMBERS = {name: at for at, name in enumerate(_MONTHS, start=1)}

Ints = NDArray[np.int64]


def _days(minutes: Ints) -> Ints:
    return minutes // _DAY_MINUTES


def _years(minutes: Ints) -> Ints:
    return _days(minutes).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _months(minutes: Ints) -> Ints:
    months = _days(minutes).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


def _day_of_month(minutes: Ints) -> Ints:
    dates = _days(minutes).astype("datetime64[D]")
    day: Ints = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return day + 1


def _day_of_year(minutes: Ints) -> Ints:
    dates = _days(minutes).astype("datetime64[D]")
    day: Ints = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
    return day + 1


def _weekday(minutes: Ints) -> Ints:
    return (_days(minutes) + 3) % 7


def _iso_week(minutes: Ints) -> Ints:
    thursday = _days(minutes) - _weekday(minutes) + 3
    return (_day_of_year(thursday * _DAY_MINUTES) - 1) // 7 + 1


def _hhmm(minutes: Ints) -> Ints:
    return minutes // 60 % 24 * 100 + minutes % 60


_PARTS: dict[str, tuple[Callable[[Ints], Ints], int, int, str]] = {
    "hour": (lambda m: m // 60 % 24, 0, 23, r"hour|hr|(^|_)h$"),
    "day": (_day_of_month, 1, 31, r"day|dom|date|(^|_)d$"),
    "month": (_months, 1, 12, r"month|mon$|mth"),
    "year": (_years, 1900, 2200, r"year|yr|(^|_)y$"),
    "weekday": (_weekday, 0, 6, r"day|dow|wd"),
    "weekday from 1": (lambda m: _weekday(m) + 1, 1, 7, r"day|dow|wd"),
    "weekday from Sunday": (lambda m: (_weekday(m) + 1) % 7, 0, 6, r"day|dow|wd"),
    "minute": (lambda m: m % 60, 0, 59, r"min"),
    "quarter": (lambda m: (_months(m) + 2) // 3, 1, 4, r"quarter|qtr|(^|_)q$"),
    "week of the year": (_iso_week, 1, 53, r"week|wk"),
    "day of the year": (_day_of_year, 1, 366, r"day|doy"),
    "time of day (hhmm)": (_hhmm, 0, 2359, r"time|hhmm"),
    "date (yyyymmdd)": (
        lambda m: _years(m) * 10_000 + _months(m) * 100 + _day_of_month(m),
        19_000_101,
        22_001_231,
        r"date|day",
    ),
    "month (yyyymm)": (lambda m: _years(m) * 100 + _months(m), 190_001, 220_012, r"month|date"),
}
"""Part of the time: how it is got from minutes since 1970, its range, and what names sound like."""


class EventTimes:
    """Times of the rows, against which columns are held.

    Parameters
    ----------
    times
        Time of each row, of any type of date or time stamp; nulls are passed over.
    """

    def __init__(self, times: pa.ChunkedArray) -> None:
        # Steps of the golden ratio fall into no rhythm with the rows.
        spread = np.arange(min(len(times), _ROWS)) * _GOLDEN % 1 * len(times)
        self._rows = pa.array(np.unique(spread.astype(np.int64)))
        looked_at = _micros(times.take(self._rows))
        self._valid = pc.is_valid(looked_at).to_numpy(zero_copy_only=False)
        self._micros: Ints = pc.fill_null(looked_at, 0).to_numpy().astype(np.int64)
        self._known: dict[tuple[str, int], Ints] = {}

    def part_repeated_by(self, name: str, column: pa.ChunkedArray) -> str | None:
        """Return which part of the time a column repeats, or ``None``.

        The same part in at least 99 % of the rows, and in 95 % of those without the most frequent
        value, in one time zone with or without summer time. A column of fewer than four values
        can agree by chance, so its name has to say the same. Where the times are cut to hours, a
        time of day in hours and minutes need only have the same hour.

        Parameters
        ----------
        name
            Name of the column.
        column
            Whole numbers of any type, or names of weekdays or months in English.
        """
        found = self._values(column)
        if found is None:
            return None
        values, rows = found
        distinct = np.unique(values)
        for part, (_, low, high, sounds) in _PARTS.items():
            if distinct[0] < low or distinct[-1] > high:
                continue
            telling = len(distinct) >= _TELLING_VALUES
            if (telling or re.search(sounds, name, re.I)) and self._agrees(part, values, rows):
                return part
        if self._is_time_within_hours(values, rows):
            return "time of day (hhmm)"
        return self._counted(values, rows)

    def is_repeated_by(self, column: pa.ChunkedArray) -> bool:
        """Return whether a column of times is the event's, moved by a fixed amount or cut to days.

        Parameters
        ----------
        column
            Of any type of date or time stamp.
        """
        own = _micros(column.take(self._rows))
        rows = pc.is_valid(own).to_numpy(zero_copy_only=False) & self._valid
        if rows.sum() < _LEAST_ROWS:
            return False
        other: Ints = pc.fill_null(own, 0).to_numpy()[rows]
        _, counts = np.unique(other - self._micros[rows], return_counts=True)
        if counts.max() >= _AGREE * len(other):
            return True
        minutes = self._micros[rows] // _MINUTE
        for unit in (60, _DAY_MINUTES):
            if (other % (unit * _MINUTE) == 0).all():
                for offset in _OFFSETS_MINUTES:
                    cut = (minutes + offset) // unit * unit
                    later = (minutes + offset + _SUMMER_MINUTES) // unit * unit
                    if _same(other // _MINUTE, cut, later):
                        return True
        return False

    def _values(self, column: pa.ChunkedArray) -> tuple[Ints, NDArray[np.bool_]] | None:
        taken = column.take(self._rows)
        if isinstance(taken, pa.ChunkedArray):
            taken = taken.combine_chunks()
        kind = taken.type
        if pt.is_integer(kind) or pt.is_floating(kind):
            rows = pc.is_valid(taken).to_numpy(zero_copy_only=False) & self._valid
            number = pc.fill_null(taken, 0).to_numpy(zero_copy_only=False)[rows]
        elif pt.is_string(kind) or pt.is_large_string(kind):
            named = _named(taken)
            if named is None:
                return None
            rows = (named >= 0) & self._valid
            number = named[rows]
        else:
            return None
        if len(number) < _LEAST_ROWS:
            return None
        # NaN is neither below the limit nor whole, so it ends here.
        if not (np.abs(number) < 2**53).all() or (number != np.floor(number)).any():
            return None
        return number.astype(np.int64), rows

    def _agrees(self, part: str, values: Ints, rows: NDArray[np.bool_]) -> bool:
        for offset in _OFFSETS_MINUTES:
            here, later = self._part(part, offset), self._part(part, offset + _SUMMER_MINUTES)
            if _same(values, here[rows], later[rows]):
                return True
        return False

    def _is_time_within_hours(self, values: Ints, rows: NDArray[np.bool_]) -> bool:
        """Return whether values are hhmm of the hour that the times are cut to."""
        minutes = self._micros[rows] // _MINUTE % 60
        if (minutes != minutes[0]).any() or (values < 0).any() or (values % 100 > 59).any():
            return False
        hours = values // 100
        return len(np.unique(hours)) >= _TELLING_VALUES and self._agrees("hour", hours, rows)

    def _part(self, part: str, offset: int) -> Ints:
        key = (part, offset)
        if key not in self._known:
            self._known[key] = _PARTS[part][0](self._micros // _MINUTE + offset)
        return self._known[key]

    def _counted(self, values: Ints, rows: NDArray[np.bool_]) -> str | None:
        """Return seconds or milliseconds since 1970, for a column of those."""
        units = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
        for name, micros in units.items():
            difference = values - self._micros[rows] // micros
            if values[0] != values[-1] and (difference == difference[0]).mean() >= _AGREE:
                return f"{name} since 1970"
        return None


def _same(values: Ints, here: Ints, later: Ints) -> bool:
    """Return whether values agree with one of two clocks, also in what is rare."""
    head = values[:10]
    if not ((head == here[:10]) | (head == later[:10])).any():
        return False
    agree = (values == here) | (values == later)
    if agree.mean() < _AGREE:
        return False
    distinct, counts = np.unique(values, return_counts=True)
    rare = values != distinct[counts.argmax()]
    return not rare.any() or bool(agree[rare].mean() >= _AGREE_WITHOUT_THE_MODE)


def _named(texts: pa.Array) -> Ints | None:
    """Return numbers for names of weekdays (from 0) or months (from 1), -1 for nulls."""
    encoded = texts.dictionary_encode()
    short = [str(name).lower()[:3] for name in encoded.dictionary.slice(0, 13).to_pylist()]
    for names in (_WEEKDAYS, _MONTH_NUMBERS):
        if short and len(encoded.dictionary) <= len(names) and set(short) <= set(names):
            numbers = np.array([*(names[one] for one in short), -1], np.int64)
            named: Ints = numbers[pc.fill_null(encoded.indices, len(short)).to_numpy()]
            return named
    return None


def _micros(times: pa.ChunkedArray) -> pa.Array:
    plain = times.combine_chunks() if isinstance(times, pa.ChunkedArray) else times
    return plain.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
