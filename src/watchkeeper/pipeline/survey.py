"""A first look at data: how many rows, from when to when, and whether they are in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import DataError
from watchkeeper.pipeline.cutting import from_microseconds, microseconds, to_microseconds
from watchkeeper.pipeline.files import OnProgress, TableSource

_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Extent of a source in rows and time; the times are ``None`` without a time column.

    Attributes
    ----------
    rows
        Rows with a usable time.
    untimed
        Rows left out: their time is missing, before 1971 or more than a year ahead of now.
    ordered
        Whether times never go back.
    """

    rows: int
    untimed: int
    first: datetime | None
    last: datetime | None
    ordered: bool


def survey(
    source: TableSource,
    time_column: str | None,
    *,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> Survey:
    """Read the time column once.

    Raises
    ------
    DataError
        If no row has a usable time.
    """
    if time_column is None:
        rows = source.rows
        if rows is None:
            rows = sum(t.num_rows for t in source.batches(on_progress=on_progress))
        return Survey(rows=rows, untimed=0, first=None, last=None, ordered=True)
    rows = untimed = 0
    first, last, ordered = None, None, True
    for table in source.select([time_column]).batches(on_progress=on_progress):
        timed = with_times(table, time_column, now=now)
        untimed += table.num_rows - timed.num_rows
        if not timed.num_rows:
            continue
        times = microseconds(timed, time_column)
        rows += len(times)
        ordered &= bool((np.diff(times) >= 0).all()) and (last is None or times[0] >= last)
        first = int(times.min()) if first is None else min(first, int(times.min()))
        last = int(times.max()) if last is None else max(last, int(times.max()))
    if first is None or last is None:
        message = (
            f"no row of {source.name} has a usable time in column {time_column!r}; expected times"
            f" such as 2013-01-31T12:00:00Z between {_EARLIEST:%Y} and next year"
        )
        raise DataError(message)
    return Survey(
        rows=rows,
        untimed=untimed,
        first=from_microseconds(first),
        last=from_microseconds(last),
        ordered=ordered,
    )


def with_times(table: pa.Table, time_column: str, *, now: datetime) -> pa.Table:
    """Return the rows whose time is there and can be right."""
    times = table.column(time_column)
    low = pa.scalar(to_microseconds(_EARLIEST), pa.int64())
    high = pa.scalar(to_microseconds(now + _AHEAD), pa.int64())
    number = times.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    usable = pc.and_(pc.greater_equal(number, low), pc.less_equal(number, high))
    usable = pc.fill_null(usable, False)
    return table if pc.all(usable).as_py() else table.filter(usable)


def timed_batches(
    source: TableSource,
    time_column: str | None,
    *,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> Iterator[pa.Table]:
    """Yield the tables of a source without the rows that have no usable time."""
    for table in source.batches(on_progress=on_progress):
        yield table if time_column is None else with_times(table, time_column, now=now)
