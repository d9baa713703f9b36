"""From a bucket's rows to its profile."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from watchkeeper.errors import DataError, SettingsError, nearest
from watchkeeper.events import Schema
from watchkeeper.profiles.bins import Bins, CategoryBins, NumberBins
from watchkeeper.profiles.bucket import BucketProfile
from watchkeeper.profiles.column import ColumnProfile
from watchkeeper.profiles.extract import Extract, extract
from watchkeeper.profiles.segments import rows_by_segment
from watchkeeper.profiles.tally import SKETCHES, CategoryLookup, Sketch, edge_array, tally_numbers


class Profiler:
    """Profiles bucket after bucket on the same bins, which it prepares once.

    Parameters
    ----------
    schema
        The columns of the tables.
    bins
        Bins by profiled column, as `fit_bins` returns them.
    time_column
        The event's own time, as it was given to `fit_bins`.
    segment_by
        A column of the tables; every one of its values is profiled by itself too.
    segments
        The values of that column that get a profile of their own; all others share one.
    sketches
        Sketches to keep: ``"quantiles"``, ``"distinct"``, or ``True`` for both.
    """

    def __init__(
        self,
        schema: Schema,
        bins: Mapping[str, Bins],
        *,
        time_column: str | None = None,
        segment_by: str | None = None,
        segments: Sequence[str] = (),
        sketches: bool | Collection[Sketch] = False,
    ) -> None:
        self._schema = schema
        self._time_column = time_column
        self._segment_by = segment_by
        self._segments = tuple(segments)
        self._sketches = _chosen(sketches)
        self._edges = {n: edge_array(b) for n, b in bins.items() if isinstance(b, NumberBins)}
        self._lookups = {
            n: CategoryLookup.of(b) for n, b in bins.items() if isinstance(b, CategoryBins)
        }

    def profile(
        self,
        table: pa.Table,
        *,
        index: int,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> BucketProfile:
        """Profile the rows of one bucket; see `profile`."""
        whole = extract(table, self._schema, self._time_column)
        segments = {}
        if self._segment_by is not None:
            for name, rows in rows_by_segment(table, self._segment_by, self._segments):
                segments[f"{self._segment_by}={name}"] = self._columns(whole.take(rows))
        return BucketProfile(
            index=index,
            start=start,
            end=end,
            rows=whole.rows,
            columns=self._columns(whole),
            segments=segments,
        )

    def _columns(self, data: Extract) -> dict[str, ColumnProfile]:
        try:
            edges = [self._edges[name] for name in data.numbers]
            lookups = [self._lookups[name] for name in data.categories]
        except KeyError as error:
            name = str(error.args[0])
            known = [*self._edges, *self._lookups]
            raise DataError(
                f"Expected bins for the profiled column {name!r}, got none of its type. Fit the "
                f"bins with this schema and time column.{nearest(name, known)}"
            ) from None
        profiles = dict(
            zip(
                data.numbers,
                tally_numbers(list(data.numbers.values()), edges, sketches=self._sketches),
                strict=True,
            )
        )
        for (name, column), lookup in zip(data.categories.items(), lookups, strict=True):
            profiles[name] = lookup.tally(column.count(), sketches=self._sketches)
        return profiles


def _chosen(sketches: bool | Collection[Sketch]) -> frozenset[Sketch]:
    if isinstance(sketches, bool):
        return frozenset(SKETCHES) if sketches else frozenset()
    for name in sketches:
        if name not in SKETCHES:
            raise SettingsError(
                f"Expected sketches among {', '.join(map(repr, SKETCHES))}, got {name!r}."
                f"{nearest(name, SKETCHES)}"
            )
    return frozenset(sketches)


def profile(
    table: pa.Table,
    schema: Schema,
    bins: Mapping[str, Bins],
    *,
    index: int,
    start: datetime | None = None,
    end: datetime | None = None,
    time_column: str | None = None,
    segment_by: str | None = None,
    segments: Sequence[str] = (),
    sketches: bool | Collection[Sketch] = False,
) -> BucketProfile:
    """Profile the rows of one bucket on the baseline's bins.

    For many buckets, a `Profiler` prepares the bins only once.

    Parameters
    ----------
    table
        The bucket's rows. A watched column that it lacks is null in every row.
    schema
        The columns of the table; the watched ones are profiled.
    bins
        Bins by profiled column, as `fit_bins` returns them.
    index, start, end
        The bucket; `start` is inclusive, `end` exclusive.
    time_column
        The event's own time, as it was given to `fit_bins`.
    segment_by
        A column of the table; each value in `segments` is profiled by itself too, and all other
        values, nulls included, as ``name=(other)``.
    segments
        Values of that column, for example from `top_segments`.
    sketches
        Sketches to keep: ``"quantiles"``, ``"distinct"``, or ``True`` for both.

    Returns
    -------
    BucketProfile
        One profile per column of `derived_schema`.

    Raises
    ------
    DataError
        When a column has no bins of its type, or the table has no column `segment_by`.
    """
    profiler = Profiler(
        schema,
        bins,
        time_column=time_column,
        segment_by=segment_by,
        segments=segments,
        sketches=sketches,
    )
    return profiler.profile(table, index=index, start=start, end=end)
