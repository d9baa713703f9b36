"""Rows cut into buckets, by time or by number, however the tables arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.watch import Bucketing

_QUARTER = 900_000_000  # microseconds; every zone's midnight falls on a quarter of an hour
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rows of one bucket, perhaps not all of them.

    Attributes
    ----------
    key
        For buckets of time, microseconds from 1970 to the bucket's start; for buckets of rows, the
        bucket's number.
    table
        The rows.
    """

    key: int
    table: pa.Table


def microseconds(table: pa.Table, time_column: str) -> NDArray[np.int64]:
    """Return the times of a table's rows in microseconds since 1970; nulls must be gone."""
    column = table.column(time_column).combine_chunks().cast(pa.timestamp("us", "UTC"))
    values: NDArray[np.int64] = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return values


def from_microseconds(value: int) -> datetime:
    """Return the aware time that lies so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=int(value))


def to_microseconds(time: datetime) -> int:
    """Return the whole microseconds from 1970 to an aware time."""
    return (time - _EPOCH) // timedelta(microseconds=1)


class TimeCutter:
    """Cuts tables into buckets of time; rows may come in any order."""

    def __init__(self, bucketing: Bucketing, time_column: str, zone: tzinfo) -> None:
        self._bucketing, self._time_column, self._zone = bucketing, time_column, zone
        self._starts: dict[int, int] = {}

    def cut(self, table: pa.Table) -> Iterator[Piece]:
        """Yield the pieces of a table, by bucket, rows in their order."""
        if table.num_rows == 0:
            return
        keys = self.keys(microseconds(table, self._time_column))
        if (np.diff(keys) < 0).any():
            order = np.argsort(keys, kind="stable")
            table, keys = table.take(pa.array(order)), keys[order]
        edges = np.flatnonzero(np.diff(keys)) + 1
        starts = np.concatenate([[0], edges])
        ends = np.concatenate([edges, [len(keys)]])
        for start, end in zip(starts, ends, strict=True):
            yield Piece(key=int(keys[start]), table=table.slice(int(start), int(end - start)))

    def keys(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the start of each time's bucket, in microseconds since 1970."""
        length = self._bucketing.length
        assert length is not None
        if length < timedelta(days=1):
            size = length // timedelta(microseconds=1)
            return times // size * size
        quarters, inverse = np.unique(times // _QUARTER, return_inverse=True)
        starts = np.array([self._start(int(q)) for q in quarters], dtype=np.int64)
        return starts[inverse]

    def _start(self, quarter: int) -> int:
        if quarter not in self._starts:
            time = from_microseconds(quarter * _QUARTER)
            self._starts[quarter] = to_microseconds(self._bucketing.start_of(time, zone=self._zone))
        return self._starts[quarter]


class RowCutter:
    """Cuts tables into buckets of a fixed number of rows, in the order they come."""

    def __init__(self, bucketing: Bucketing) -> None:
        assert bucketing.rows is not None
        self._rows, self._seen = bucketing.rows, 0

    def cut(self, table: pa.Table) -> Iterator[Piece]:
        """Yield the pieces of a table; the first may go on with an earlier bucket."""
        at = 0
        while at < table.num_rows:
            take = min(self._rows - self._seen % self._rows, table.num_rows - at)
            yield Piece(key=self._seen // self._rows, table=table.slice(at, take))
            at, self._seen = at + take, self._seen + take
