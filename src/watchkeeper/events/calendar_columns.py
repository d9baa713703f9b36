"""Columns that only repeat the time: they drift by definition, so they are not watched."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_AGREE = 0.99
_LEAST_ROWS = 20
_ROWS = 2_000
_OFFSETS_MINUTES = range(-14 * 60, 14 * 60 + 1, 30)
_MINUTE = 60_000_000


def calendar_part(column: pa.ChunkedArray, times: pa.ChunkedArray) -> str | None:
    """Return which part of the time an integer column repeats, or ``None``.

    The same part in at least 99 % of the rows, in UTC or at the one or two offsets of a local
    clock with summer time. A column that shows a single value is never one.

    Parameters
    ----------
    column
        Whole numbers, of any numeric type.
    times
        Time stamps in UTC.
    """
    step = max(1, len(column) // _ROWS)
    looked_at = pa.array(np.arange(0, len(column), step))
    column, times = column.take(looked_at), times.take(looked_at)
    both = pc.and_(pc.is_valid(column), pc.is_valid(times))
    values = column.filter(both).to_numpy()
    if len(values) < _LEAST_ROWS or values.min() == values.max():
        return None
    if values.dtype.kind == "f":
        return None
    micros = times.filter(both).cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    for offset in _ordered_offsets():
        local = micros + offset * _MINUTE
        for name, part in _parts(local).items():
            if (part == values).mean() >= _AGREE:
                return name
        # With summer time a second offset, an hour later, explains what the first does not.
        summer = _parts(local + 60 * _MINUTE)
        for name, part in _parts(local).items():
            agree = (part == values) | (summer[name] == values)
            if name not in {"minute", "year"} and agree.mean() >= _AGREE and _specific(name, values):
                return name
    return None


def is_shifted_time(column: pa.ChunkedArray, times: pa.ChunkedArray) -> bool:
    """Return whether a column of times differs from the event's own by one fixed amount."""
    difference = pc.subtract(
        column.cast(pa.timestamp("us")).cast(pa.int64()),
        times.cast(pa.timestamp("us")).cast(pa.int64()),
    ).drop_null()
    if len(difference) < _LEAST_ROWS:
        return False
    most = pc.value_counts(difference).field("counts")
    return bool(pc.max(most).as_py() >= _AGREE * len(difference))


def _specific(name: str, values: NDArray[np.generic]) -> bool:
    """Two offsets make chance agreement easier; ask for parts with many values."""
    return name != "weekday" or len(np.unique(values)) >= 5


def _ordered_offsets() -> list[int]:
    return sorted(_OFFSETS_MINUTES, key=lambda minutes: (abs(minutes), minutes))


def _parts(local: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    minutes = local // _MINUTE
    days = minutes // 1440
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    hour, minute = minutes // 60 % 24, minutes % 60
    weekday = (days + 3) % 7
    return {
        "year": year,
        "month": month,
        "day": day,
        "hour": hour,
        "minute": minute,
        "time of day (hhmm)": hour * 100 + minute,
        "weekday": weekday,
        "weekday (from 1)": weekday + 1,
        "weekday (Sunday 0)": (weekday + 1) % 7,
        "day of year": (dates - years.astype("datetime64[D]")).astype(np.int64) + 1,
        "date (yyyymmdd)": year * 10_000 + month * 100 + day,
        "month (yyyymm)": year * 100 + month,
        "quarter": (month + 2) // 3,
        "seconds since 1970": local // 1_000_000,
        "milliseconds since 1970": local // 1_000,
    }
