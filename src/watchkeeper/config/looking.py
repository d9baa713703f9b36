"""A first look at a data set: what its columns hold, and when its rows happened."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.checks import Check, infer_checks
from watchkeeper.events import Column, infer_schema
from watchkeeper.pipeline import Progress, TableSource, open_table, run_checks

_SAMPLE_ROWS = 100_000
_EXAMPLES = 4
_HOUR_MICROSECONDS = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSeen:
    """One column as it was seen.

    Attributes
    ----------
    column
        Type and role that it seems to have.
    why_not_watched
        In plain words; empty for columns that are watched.
    null_ratio
        Share of its rows without a value.
    minimum, maximum
        Ends of numbers and times, as text; ``None`` for other types and where there are none.
    distinct
        Number of different values in the sample; ``None`` where values cannot be compared.
    examples
        Its most frequent values, most frequent first.
    """

    column: Column
    why_not_watched: str
    null_ratio: float
    minimum: str | None
    maximum: str | None
    distinct: int | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSeen:
    """A data set as it was seen.

    Attributes
    ----------
    name
        What the data is called.
    rows, bad_cells
        Number of rows, and of values that are not of their column's type.
    columns
        By name, in their order.
    time
        Column of the time; ``None`` if no column looks like it.
    first, last
        Ends of the times; ``None`` without times.
    hours
        Number of hours (UTC) that have a row.
    checks
        What holds for all of it and should for what comes next; see `infer_checks`.
    """

    name: str
    rows: int
    bad_cells: int
    columns: dict[str, ColumnSeen]
    time: str | None
    first: datetime | None
    last: datetime | None
    hours: int
    checks: tuple[Check, ...] = ()


def look(
    data: object,
    *,
    time_column: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> DataSeen:
    """Read a data set once and say what is in it.

    Parameters
    ----------
    data
        As `watchkeeper.pipeline.open_table` takes it.
    time_column
        Column of the time, when known.

    Raises
    ------
    DataError
        The data cannot be read, or the column does not exist.
    """
    if time_column is None:
        head = next(open_table(data, bad_cells="null").batches(_SAMPLE_ROWS))
        time_column = infer_schema(head).time_column
    source = open_table(data, time_column=time_column, bad_cells="null")
    seen = _Reading(time_column=time_column)
    # The bar wants every piece, the sketch the rows.
    for table in source.batches(on_progress=on_progress):
        seen.add(table)
    return seen.result(source, data)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What is kept while batches go by: ends, nulls, hours, and every so many-th row."""

    time_column: str | None
    rows: int = 0
    step: int = 1
    sample: list[pa.Table] = field(default_factory=list)
    ends: dict[str, list[object]] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)
    hours: set[int] = field(default_factory=set)

    def add(self, table: pa.Table) -> None:
        for name in table.column_names:
            column = table.column(name)
            self.nulls[name] = self.nulls.get(name, 0) + column.null_count
            if _has_ends(column.type):
                ends = pc.min_max(column).as_py()
                known = [v for v in (*self.ends.get(name, ()), *ends.values()) if v is not None]
                self.ends[name] = [min(known), max(known)] if known else []
        if self.time_column is not None:
            micros = table.column(self.time_column).drop_null().cast(pa.int64()).to_numpy()
            self.hours.update(np.unique(micros // _HOUR_MICROSECONDS).tolist())
        self.sample.append(_every(table, self.step, -self.rows % self.step))
        self.rows += table.num_rows
        while sum(part.num_rows for part in self.sample) > 2 * _SAMPLE_ROWS:
            whole = pa.concat_tables(self.sample)
            self.sample, self.step = [_every(whole, 2, 0)], 2 * self.step

    def result(self, source: TableSource, data: object) -> DataSeen:
        sample = pa.concat_tables(self.sample)
        inference = infer_schema(sample, time_column=self.time_column)
        columns = {
            name: ColumnSeen(
                column=column,
                why_not_watched=inference.notes.get(name, ""),
                null_ratio=self.nulls[name] / max(self.rows, 1),
                minimum=_shown(self.ends.get(name, [])[:1]),
                maximum=_shown(self.ends.get(name, [])[1:]),
                distinct=_distinct(sample.column(name)),
                examples=_examples(sample.column(name)),
            )
            for name, column in inference.schema.columns.items()
        }
        times = self.ends.get(self.time_column or "", [])
        known = {name: (_number(v[0]), _number(v[1])) for name, v in self.ends.items() if v}
        inferred = infer_checks(sample, inference.schema, ends=known)
        # A sample may have missed what breaks one.
        holding = zip(inferred, run_checks(data, inferred), strict=True)
        first, last = (_aware(time) for time in times) if times else (None, None)
        return DataSeen(
            name=source.name,
            rows=self.rows,
            bad_cells=source.rejected,
            columns=columns,
            time=self.time_column,
            first=first,
            last=last,
            hours=len(self.hours),
            checks=tuple(check for check, result in holding if result.passed),
        )


def _has_ends(kind: pa.DataType) -> bool:
    is_number = pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind)
    return bool(is_number or pt.is_timestamp(kind) or pt.is_date(kind))


def _every(table: pa.Table, step: int, start: int) -> pa.Table:
    if step == 1:
        return table
    return table.take(pa.array(np.arange(start, table.num_rows, step)))


def _number(end: object) -> float:
    return end if isinstance(end, int | float) else math.nan


def _aware(time: object) -> datetime | None:
    return time.astimezone(UTC) if isinstance(time, datetime) else None


def _shown(values: list[object]) -> str | None:
    if not values:
        return None
    value = values[0]
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _distinct(column: pa.ChunkedArray) -> int | None:
    if pt.is_nested(column.type) or pt.is_null(column.type):
        return None
    return int(pc.count_distinct(column).as_py())


def _examples(column: pa.ChunkedArray) -> tuple[str, ...]:
    """Return frequent values; of those as frequent, what came first."""
    if pt.is_nested(column.type) or pt.is_floating(column.type) or column.null_count == len(column):
        return tuple(str(_shown([v.as_py()])) for v in column.drop_null().slice(0, _EXAMPLES))
    counted = pc.value_counts(column.drop_null())
    counts = counted.field("counts").to_numpy()
    best = np.argsort(-counts, kind="stable")[:_EXAMPLES]
    return tuple(str(_shown([counted.field("values")[int(at)].as_py()])) for at in best)
