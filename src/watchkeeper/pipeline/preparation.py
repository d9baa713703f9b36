"""From raw reference rows to a baseline: schema, bins, profiles, fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from watchkeeper.events import Column, Schema
from watchkeeper.pipeline.bucketed import row_profiles, time_profiles
from watchkeeper.pipeline.column_choice import choose_columns, first_rows, require_columns
from watchkeeper.profiles import (
    Bins,
    BucketProfile,
    Profiler,
    derived_schema,
    fit_bins,
    top_segments,
)
from watchkeeper.watch import Bucketing, Calendar, NamedEvent, explanation_weights


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
    def explanations(self) -> tuple[str, ...]:
        """Profiled columns that hold what features contributed to the output."""
        return tuple(name for name in self.schema.explanations() if name in self.bins)

    def weights(self, given: Mapping[str, float]) -> dict[str, float]:
        """Return the importance of columns, those of explanations a part of what all others have.

        Parameters
        ----------
        given
            By a person.
        """
        return explanation_weights(self.names, self.explanations, given)

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
    sample = first_rows(reference())
    segment = [plan.segment_by] if plan.segment_by is not None else []
    require_columns([*plan.weights, *segment], sample.column_names)
    schema, ignored = choose_columns(
        sample,
        schema=plan.schema,
        time_column=plan.time_column,
        columns=plan.columns,
        ignore=plan.ignore,
    )
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
