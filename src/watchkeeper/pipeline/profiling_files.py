"""Files of any length to one profile per bucket of time, in bounded memory and on all cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from watchkeeper.errors import DataError, SettingsError, nearest
from watchkeeper.events import Schema
from watchkeeper.pipeline.bucketed import numbered_buckets
from watchkeeper.pipeline.clock import UTC_TIME, check_timezone
from watchkeeper.pipeline.column_types import conform
from watchkeeper.pipeline.cutting import TimeCutter
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.table_source import TableSource
from watchkeeper.profiles import Bins, BucketProfile, Profiler, Sketch, merge
from watchkeeper.watch import Bucketing

_BATCH_ROWS = 500_000
_QUANTILES: tuple[Sketch, ...] = ("quantiles",)


def profile_buckets(
    data: object,
    schema: Schema,
    bins: Mapping[str, Bins],
    bucketing: Bucketing,
    *,
    time_column: str,
    segment_by: str | None = None,
    segments: Sequence[str] = (),
    sketches: bool | Collection[Sketch] = _QUANTILES,
    timezone: str | None = None,
    workers: int | None = None,
    on_untimed: Callable[[int], None] | None = None,
) -> Iterator[BucketProfile]:
    """Yield one profile per bucket of time, numbered from 0, buckets without rows included.

    Rows may come in any order; a bucket's parts are profiled where they are found and merged in
    the data's order, so the number of workers changes no bit of the result. In memory are a few
    row groups of Parquet, or batches of other data, and the profiles.

    Parameters
    ----------
    data
        Path, pattern, folder, list of these, or a data frame.
    schema
        The columns of the data; the watched ones are profiled.
    bins
        Bins by profiled column, as `fit_bins` returns them for this schema and time column.
    bucketing
        A length of time, such as ``Bucketing.parse("1h")``.
    time_column
        The event's time.
    segment_by, segments, sketches
        As for `watchkeeper.profiles.Profiler`.
    timezone
        Zone of times that name none, and of whole days; default UTC.
    workers
        Threads; default one per core.
    on_untimed
        Called with the number of rows without a usable time, which are in no bucket. Without it
        such rows are an error.

    Raises
    ------
    DataError
        When the data cannot be read, a column or its bins are missing, or rows lack a time.
    SettingsError
        When the buckets are of rows.
    """
    if bucketing.length is None:
        raise SettingsError(
            f"Expected buckets of time, such as '1h', got {bucketing}. Buckets of rows depend on "
            "the order of the rows, so their parts cannot be profiled side by side."
        )
    source = open_table(data, time_column=time_column, timezone=timezone, bad_cells="misfit")
    if time_column not in source.schema.names:
        raise DataError(
            f"Expected the time column {time_column!r} in {source.name}, which has no such column."
            f"{nearest(time_column, source.schema.names)}"
        )
    zone = check_timezone(timezone or "UTC")
    profiling = _Profiling(
        profiler=Profiler(
            schema,
            bins,
            time_column=time_column,
            segment_by=segment_by,
            segments=segments,
            sketches=sketches,
        ),
        cutter=TimeCutter(bucketing, time_column, zone),
        time_column=time_column,
        timezone=timezone,
    )
    wanted = {*schema.watched(), time_column} | ({segment_by} if segment_by else set())
    source = source.select(
        [name for name in source.schema.names if name in wanted or name.startswith("misfit:")]
    )
    whole: dict[int, BucketProfile] = {}
    for part in _mapped(profiling.part, _pieces(source, time_column), workers or _cores()):
        if part.untimed:
            if on_untimed is None:
                raise DataError(
                    f"Expected a time in every row of {source.name}, got none that can be read in "
                    f"{part.untimed} rows, column {time_column!r}. Correct them, or pass "
                    "`on_untimed` to leave such rows out."
                )
            on_untimed(part.untimed)
        for key, profile in part.profiles:
            whole[key] = merge(whole[key], profile) if key in whole else profile
    gathered = ((key, whole.pop(key)) for key in sorted(whole))
    yield from numbered_buckets(gathered, bucketing, zone=zone)


@dataclass(slots=True, kw_only=True)
class _Part:
    """Profiles by the start of their bucket, and rows that are in none."""

    profiles: list[tuple[int, BucketProfile]] = field(default_factory=list)
    untimed: int = 0


_Piece = Callable[[], Iterable[pa.Table]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Profiling:
    profiler: Profiler
    cutter: TimeCutter
    time_column: str
    timezone: str | None

    def part(self, piece: _Piece) -> _Part:
        """Read and profile a piece of the data."""
        part = _Part()
        for table in piece():
            timed = self._timed(table)
            part.untimed += table.num_rows - timed.num_rows
            for cut in self.cutter.cut(timed):
                part.profiles.append((cut.key, self.profiler.profile(cut.table, index=0)))
        return part

    def _timed(self, table: pa.Table) -> pa.Table:
        place = table.column_names.index(self.time_column)
        times = table.column(place)
        if times.type != UTC_TIME:
            chunks = [conform(c, UTC_TIME, timezone=self.timezone)[0] for c in times.chunks]
            times = pa.chunked_array(chunks, UTC_TIME)
            table = table.set_column(place, self.time_column, times)
        return table.filter(times.is_valid()) if times.null_count else table


def _pieces(source: TableSource, time_column: str) -> Iterator[_Piece]:
    """Yield what can be read side by side: row groups as stored, else batches in turn."""
    files = source.parquet_files()
    groups = [file.row_groups(source.schema, made_to_fit={time_column}) for file in files]
    if files and all(found is not None for found in groups):
        for found in groups:
            for group in found or ():
                yield group.tables
        return
    for table in source.batches(_BATCH_ROWS):
        yield partial(_alone, table)


def _alone(table: pa.Table) -> tuple[pa.Table]:
    return (table,)


def _mapped(
    work: Callable[[_Piece], _Part], pieces: Iterator[_Piece], workers: int
) -> Iterator[_Part]:
    """Yield results in the order of the pieces, with few of them under way."""
    if workers < 2:
        yield from map(work, pieces)
        return
    # Decoding and sorting let other threads work.
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting: deque[Future[_Part]] = deque()
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _cores() -> int:
    return os.cpu_count() or 1
