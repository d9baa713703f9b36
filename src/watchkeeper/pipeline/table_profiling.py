"""Whole tables to profiles, column by column and on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.events import Schema
from watchkeeper.pipeline.column_choice import choose_columns, require_columns
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.files import open_table
from watchkeeper.pipeline.row_sample import RowSample
from watchkeeper.profiles import (
    Bins,
    BucketProfile,
    ColumnProfile,
    Profiler,
    TableProfile,
    derived_schema,
    fit_bins,
    is_table_profile,
    table_profile_from_bytes,
    table_profile_to_bytes,
    top_segments,
)

_CELLS = 2_000_000
"""Cells of one piece of work: columns of a small table are profiled together."""

OnColumns = Callable[[int, int], None]


def profile_table(
    data: object,
    *,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    segment_by: str | None = None,
    schema: Schema | None = None,
    timezone: str | None = None,
    on_columns: OnColumns | None = None,
) -> TableProfile:
    """Profile a reference, so that its rows are not needed again.

    Parameters
    ----------
    data
        Path, pattern, folder, list of these, or a data frame (pandas, Polars, PyArrow, DuckDB).
    columns, ignore
        Columns to profile (default: all that make sense) and to leave out.
    segment_by
        Column whose most frequent values, up to 20, are profiled each by itself too.
    schema
        Declared columns; by default they are inferred.
    timezone
        Zone of times that name none; default UTC.
    on_columns
        Called with the number of columns done and their total.

    Raises
    ------
    DataError
        If the data cannot be read, or a named column does not exist.
    """
    source = open_table(data, timezone=timezone, bad_cells="misfit")
    return profile_reader(
        ColumnReader(source),
        columns=columns,
        ignore=ignore,
        segment_by=segment_by,
        schema=schema,
        on_columns=on_columns,
    )


def profile_reader(
    reader: ColumnReader,
    *,
    columns: Sequence[str] | None,
    ignore: Sequence[str],
    segment_by: str | None,
    schema: Schema | None,
    sample: RowSample | None = None,
    may_be_empty: bool = False,
    on_columns: OnColumns | None = None,
) -> TableProfile:
    """Profile an opened reference; see `profile_table`. ``sample`` picks up rows on the way."""
    if segment_by is not None:
        require_columns([segment_by], reader.names)
    chosen, left = choose_columns(
        reader.head(), schema=schema, columns=columns, ignore=ignore, may_be_empty=may_be_empty
    )
    segments: list[str] = []
    if segment_by is not None:
        segments = top_segments([reader.columns([segment_by])], segment_by)
    bins: dict[str, Bins] = {}

    def work(part: Schema) -> BucketProfile:
        table = reader.columns(_with(part, segment_by))
        if sample is not None:
            sample.add(table)
        own = fit_bins(part, [table])
        bins.update(own)
        return _profiled(part, own, table, segment_by, segments)

    profile = _together(chosen, reader.rows, work, on_columns)
    order = derived_schema(chosen).columns
    return TableProfile(
        name=reader.source.name,
        schema=chosen,
        bins={name: bins[name] for name in order},
        profile=profile,
        segment_by=segment_by,
        segments=tuple(segments),
        notes=tuple(f"{name} was not compared: {why}" for name, why in left.items()),
    )


def profile_like(
    reference: TableProfile,
    reader: ColumnReader,
    *,
    sample: RowSample | None = None,
    on_columns: OnColumns | None = None,
) -> BucketProfile:
    """Profile a table on the bins of a reference; a column that it lacks is null in every row."""
    by = reference.segment_by

    def work(part: Schema) -> BucketProfile:
        present = [name for name in _with(part, by) if name in reader.names]
        table = reader.columns(present) if present else pa.table({"": pa.nulls(reader.rows)})
        if sample is not None:
            sample.add(table)
        own = {name: reference.bins[name] for name in derived_schema(part).columns}
        return _profiled(part, own, table, by, reference.segments)

    if by is not None:
        require_columns([by], reader.names)
    return _together(reference.schema, reader.rows, work, on_columns)


def save_profile(table: TableProfile, path: str | Path) -> None:
    """Write a profile to a file."""
    Path(path).write_bytes(table_profile_to_bytes(table))


def load_profile(path: str | Path) -> TableProfile:
    """Read a saved profile.

    Raises
    ------
    DataError
        When there is no such file, or it is not a whole saved profile.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return table_profile_from_bytes(data, name=str(path))


def is_saved_profile(path: str | Path) -> bool:
    """Whether a path is that of a saved profile, by its first bytes."""
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        return is_table_profile(file.read(8))


def _with(part: Schema, segment_by: str | None) -> list[str]:
    names = list(part.columns)
    return [*names, segment_by] if segment_by is not None and segment_by not in names else names


def _profiled(
    part: Schema,
    bins: dict[str, Bins],
    table: pa.Table,
    segment_by: str | None,
    segments: Sequence[str],
) -> BucketProfile:
    profiler = Profiler(part, bins, segment_by=segment_by, segments=segments)
    return profiler.profile(table, index=0)


def _parts(schema: Schema, rows: int) -> list[Schema]:
    width = max(1, _CELLS // max(rows, 1))
    names = list(schema.columns)
    return [
        Schema(columns={name: schema.columns[name] for name in names[start : start + width]})
        for start in range(0, len(names), width)
    ]


def _together(
    schema: Schema,
    rows: int,
    work: Callable[[Schema], BucketProfile],
    on_columns: OnColumns | None,
) -> BucketProfile:
    """Profile all columns, some at a time, and put their profiles side by side."""
    parts = _parts(schema, rows)
    done = 0
    columns: dict[str, ColumnProfile] = {}
    segments: dict[str, dict[str, ColumnProfile]] = {}
    for part, profile in zip(parts, _mapped(work, parts), strict=True):
        columns.update(profile.columns)
        for name, own in profile.segments.items():
            segments.setdefault(name, {}).update(own)
        done += len(part.columns)
        if on_columns is not None:
            on_columns(done, len(schema.columns))
    return BucketProfile(
        index=0, start=None, end=None, rows=rows, columns=columns, segments=segments
    )


def _mapped(
    work: Callable[[Schema], BucketProfile], parts: Sequence[Schema]
) -> Iterable[BucketProfile]:
    if len(parts) < 2:
        yield from map(work, parts)
        return
    # Decoding and sorting let other threads work.
    with ThreadPoolExecutor(max_workers=min(len(parts), os.cpu_count() or 1)) as workers:
        yield from workers.map(work, parts)
