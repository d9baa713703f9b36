"""From raw reference rows to a baseline: schema, bins, profiles, fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from watchkeeper.errors import DataError, nearest
from watchkeeper.events import Column, Schema, infer_schema
from watchkeeper.pipeline.bucketed import row_profiles, time_profiles
from watchkeeper.profiles import (
    Bins,
    BucketProfile,
    Profiler,
    derived_schema,
    fit_bins,
    top_segments,
)
from watchkeeper.watch import Bucketing, Calendar, NamedEvent

_SAMPLE_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is watched and how, before any baseline.

    Attributes
    ----------
    time_column
        Column of event times; ``None`` for buckets of rows without times.
    columns, ignore
        Names to watch (``None`` for all) and to leave out.
    segment_by
        Column whose values are watched each by itself too.
    season
        Whether cycles are looked for.
    holidays
        Country of the holiday calendar, or ``None``.
    schema
        Known schema; ``None`` to infer it from the reference.
    weights
        Importance of columns.
    """

    bucketing: Bucketing
    time_column: str | None = None
    columns: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    segment_by: str | None = None
    season: bool = True
    holidays: str | None = None
    timezone: str = "UTC"
    events: tuple[NamedEvent, ...] = ()
    schema: Schema | None = None
    weights: Mapping[str, float] = field(default_factory=dict)

    def calendar(self, typical_seconds: float | None) -> Calendar | None:
        """Return the calendar of the cycles, ``None`` when there are none to look for."""
        if self.time_column is None or not self.season:
            return None
        length = self.bucketing.length
        seconds = typical_seconds if length is None else length.total_seconds()
        return Calendar(
            timezone=self.timezone,
            country=self.holidays,
            events=self.events,
            bucket_seconds=seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The columns that are watched, with bins and a profiler for them."""

    schema: Schema
    ignored: Mapping[str, str]
    bins: Mapping[str, Bins]
    segments: tuple[str, ...]
    profiler: Profiler

    @property
    def limits(self) -> dict[str, Column]:
        """Columns with a declared range, categories or absence of nulls."""
        return {
            name: column
            for name, column in self.schema.columns.items()
            if not column.nullable
            or column.minimum is not None
            or column.maximum is not None
            or column.categories is not None
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Profiled columns, text and times by what is derived from them."""
        return tuple(self.bins)


def prepare(plan: Plan, reference: Callable[[], Iterable[pa.Table]]) -> Watched:
    """Settle schema and bins from the reference, read twice at most.

    Parameters
    ----------
    reference
        Gives the reference's tables, each time from the beginning.

    Raises
    ------
    DataError
        If a named column does not exist, or nothing is left to watch.
    """
    schema, ignored = _schema(plan, _sample(reference()))
    bins = fit_bins(schema, reference(), time_column=plan.time_column)
    segments: list[str] = []
    if plan.segment_by is not None:
        segments = top_segments(reference(), plan.segment_by)
    profiler = Profiler(
        schema,
        bins,
        time_column=plan.time_column,
        segment_by=plan.segment_by,
        segments=segments,
    )
    return Watched(
        schema=schema,
        ignored=ignored,
        bins={n: bins[n] for n in derived_schema(schema, plan.time_column).columns},
        segments=tuple(f"{plan.segment_by}={s}" for s in segments),
        profiler=profiler,
    )


def profiles_of(
    tables: Iterable[pa.Table],
    watched: Watched,
    plan: Plan,
    *,
    ordered: bool,
    first: datetime | None = None,
) -> Iterable[BucketProfile]:
    """Return the profiles of a source's buckets, in order, from the one that holds ``first``."""
    if plan.bucketing.rows is not None:
        return row_profiles(tables, watched.profiler, plan.bucketing, time_column=plan.time_column)
    assert plan.time_column is not None
    return time_profiles(
        tables,
        watched.profiler,
        plan.bucketing,
        time_column=plan.time_column,
        zone=ZoneInfo(plan.timezone),
        ordered=ordered,
        first=first,
    )


def _sample(tables: Iterable[pa.Table]) -> pa.Table:
    taken: list[pa.Table] = []
    rows = 0
    for table in tables:
        taken.append(table.slice(0, _SAMPLE_ROWS - rows))
        rows += taken[-1].num_rows
        if rows >= _SAMPLE_ROWS:
            break
    if not rows:
        raise DataError("the reference has no rows; name a reference that has some")
    return pa.concat_tables(taken, promote_options="default")


def _schema(plan: Plan, sample: pa.Table) -> tuple[Schema, dict[str, str]]:
    sample = sample.select([n for n in sample.column_names if not n.startswith("misfit:")])
    _check_names(plan, sample.column_names)
    if plan.schema is not None:
        schema, notes = plan.schema, _declared_notes(plan.schema)
        inferred: Sequence[str] = ()
    else:
        inference = infer_schema(sample, time_column=plan.time_column)
        schema, notes = inference.schema, dict(inference.notes)
        inferred = list(notes)
    columns: dict[str, Column] = {}
    ignored: dict[str, str] = {}
    asked = set(plan.columns or ())
    roles = {"feature", "prediction", "label", "segment"}
    for name, column in schema.columns.items():
        if name == plan.time_column:
            continue
        if name in plan.ignore:
            ignored[name] = "left out as asked"
        elif plan.columns is not None and name not in asked:
            ignored[name] = "not among the columns asked for"
        elif name in asked and column.role not in roles and name in inferred:
            columns[name] = Column(type=column.type)
        elif column.role in roles:
            columns[name] = column
        else:
            ignored[name] = notes.get(name, f"its role is {column.role}")
    if not columns:
        reasons = "; ".join(f"{n}: {why}" for n, why in list(ignored.items())[:5])
        raise DataError(f"no column is left to watch ({reasons or 'the data has none'})")
    return Schema(columns=columns), ignored


def _declared_notes(schema: Schema) -> dict[str, str]:
    return {
        name: f"its role is {column.role}"
        for name, column in schema.columns.items()
        if column.role not in {"feature", "prediction", "label", "segment"}
    }


def _check_names(plan: Plan, names: Sequence[str]) -> None:
    asked = [*(plan.columns or ()), *plan.ignore, *plan.weights]
    if plan.segment_by is not None:
        asked.append(plan.segment_by)
    for name in asked:
        if name not in names:
            raise DataError(f"the reference has no column {name!r}.{nearest(name, names)}")
