"""Tables in, one profile per bucket out, in order and without holes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo

import pyarrow as pa

from watchkeeper.pipeline.cutting import (
    Piece,
    RowCutter,
    TimeCutter,
    from_microseconds,
    microseconds,
)
from watchkeeper.profiles import BucketProfile, Profiler, merge
from watchkeeper.watch import Bucketing

_FOLD_ROWS = 500_000


def time_profiles(
    tables: Iterable[pa.Table],
    profiler: Profiler,
    bucketing: Bucketing,
    *,
    time_column: str,
    zone: tzinfo,
    ordered: bool,
    first: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[BucketProfile]:
    """Yield one profile per bucket of time, numbered from 0, buckets without rows included.

    Parameters
    ----------
    tables
        Rows with usable times.
    ordered
        Whether times never go back: then a bucket is given out as soon as the next one begins,
        otherwise all are kept until the end.
    first
        A time in the first bucket; by default the first row's.
    until
        End (excluded) of the last bucket; by default the last row's bucket is the last.
    """
    cutter = TimeCutter(bucketing, time_column, zone)
    gathered = _gathered(tables, cutter.cut, profiler, ordered=ordered)
    return numbered_buckets(gathered, bucketing, zone=zone, first=first, until=until)


def numbered_buckets(
    gathered: Iterable[tuple[int, BucketProfile]],
    bucketing: Bucketing,
    *,
    zone: tzinfo,
    first: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[BucketProfile]:
    """Yield buckets numbered from 0, holes filled with empty ones.

    ``gathered`` pairs each bucket's start, in microseconds since 1970 and ascending, with its
    profile; for the rest see `time_profiles`.
    """
    start = None if first is None else bucketing.start_of(first, zone=zone)
    index = 0
    for key, profile in gathered:
        at = from_microseconds(key)
        while start is not None and start < at:
            end = bucketing.next_start(start, zone=zone)
            yield empty_bucket(index, start, end)
            start, index = end, index + 1
        end = bucketing.next_start(at, zone=zone)
        yield _placed(profile, index, at, end)
        start, index = end, index + 1
    while start is not None and until is not None and start < until:
        end = bucketing.next_start(start, zone=zone)
        yield empty_bucket(index, start, end)
        start, index = end, index + 1


def row_profiles(
    tables: Iterable[pa.Table],
    profiler: Profiler,
    bucketing: Bucketing,
    *,
    time_column: str | None,
) -> Iterator[BucketProfile]:
    """Yield one profile per full bucket of rows, numbered from 0; the rest at the end is left out.

    With a time column a bucket goes from its first row's time to its last row's.
    """
    assert bucketing.rows is not None
    cutter = RowCutter(bucketing)
    span: dict[int, tuple[int, int]] = {}

    def cut(table: pa.Table) -> Iterator[Piece]:
        for piece in cutter.cut(table):
            if time_column is not None:
                times = microseconds(piece.table, time_column)
                low, high = int(times.min()), int(times.max())
                before = span.get(piece.key, (low, high))
                span[piece.key] = (min(low, before[0]), max(high, before[1]))
            yield piece

    for key, profile in _gathered(tables, cut, profiler, ordered=True):
        if profile.rows < bucketing.rows:
            return
        start, end = span.pop(key, (None, None))
        yield _placed(
            profile,
            key,
            None if start is None else from_microseconds(start),
            None if end is None else from_microseconds(end),
        )


def empty_bucket(index: int, start: datetime | None, end: datetime | None) -> BucketProfile:
    """Return the profile of a bucket without rows."""
    return BucketProfile(index=index, start=start, end=end, rows=0, columns={}, segments={})


def _gathered(
    tables: Iterable[pa.Table],
    cut: Callable[[pa.Table], Iterator[Piece]],
    profiler: Profiler,
    *,
    ordered: bool,
) -> Iterator[tuple[int, BucketProfile]]:
    """Yield keys and whole profiles; a bucket that spans tables is merged from its pieces."""
    gathering = _Gathering(profiler)
    for table in tables:
        for piece in cut(table):
            if ordered:
                for key in gathering.begun():
                    if key < piece.key:
                        yield key, gathering.finish(key)
            gathering.add(piece)
        if not ordered:
            for key in gathering.begun():
                gathering.fold(key)
    for key in gathering.begun():
        yield key, gathering.finish(key)


class _Gathering:
    """Buckets under way: a few rows as they are, more of them already as a profile."""

    def __init__(self, profiler: Profiler) -> None:
        self._profiler = profiler
        self._tables: dict[int, list[pa.Table]] = {}
        self._rows: dict[int, int] = {}
        self._profiles: dict[int, BucketProfile] = {}

    def begun(self) -> list[int]:
        """Return the buckets under way, ascending."""
        return sorted(self._tables.keys() | self._profiles.keys())

    def add(self, piece: Piece) -> None:
        """Take in a piece."""
        self._tables.setdefault(piece.key, []).append(piece.table)
        self._rows[piece.key] = self._rows.get(piece.key, 0) + piece.table.num_rows
        if self._rows[piece.key] >= _FOLD_ROWS:
            self.fold(piece.key)

    def fold(self, key: int) -> None:
        """Turn a bucket's rows into a profile."""
        tables = self._tables.pop(key, [])
        self._rows.pop(key, None)
        if not tables:
            return
        table = pa.concat_tables(tables, promote_options="default")
        profile = self._profiler.profile(table, index=0)
        known = self._profiles.get(key)
        self._profiles[key] = profile if known is None else merge(known, profile)

    def finish(self, key: int) -> BucketProfile:
        """Give a bucket out."""
        self.fold(key)
        return self._profiles.pop(key)


def _placed(
    profile: BucketProfile, index: int, start: datetime | None, end: datetime | None
) -> BucketProfile:
    return BucketProfile(
        index=index,
        start=start,
        end=end,
        rows=profile.rows,
        columns=profile.columns,
        segments=profile.segments,
    )
