"""What the columns of a watched model did over a span of time: as courses, and as a heat map."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError, nearest
from watchkeeper.pipeline.opened import OpenBaseline, newest_baseline
from watchkeeper.pipeline.readings import DRIFT, EXPECTED, NULL_RATIO, OBSERVED, WIDTH
from watchkeeper.pipeline.span import Buckets, read_span
from watchkeeper.store import Store

Floats = NDArray[np.float64]
Series = list[float | None]

_STEPS_PER_UNIT = 25.0
_MOST_STEPS = 254
_NO_DATA = 255
_DIGITS = 6


class ColumnCourse(msgspec.Struct, frozen=True, kw_only=True):
    """One column over the buckets, one entry each; ``None`` where there is nothing to read.

    Attributes
    ----------
    segment
        ``name=value``, or ``""`` for all rows.
    measure
        What the numbers are: ``mean``, or ``share of`` the commonest value.
    drift
        Distance from the expectation in usual distances: about 1 is usual, 4 is far.
    """

    name: str
    segment: str
    type: str
    measure: str
    observed: Series
    expected: Series
    low: Series
    high: Series
    null_ratio: Series
    drift: Series


class History(Buckets, frozen=True, kw_only=True):
    """Courses of columns, late rows included."""

    columns: list[ColumnCourse]


class HeatColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a heat map, with its largest drift."""

    name: str
    segment: str
    worst: float | None


class HeatMap(msgspec.Struct, frozen=True, kw_only=True):
    """Drift of columns by time.

    Attributes
    ----------
    drift
        Base64 of one byte for each column and bucket, column after column: 25 times the drift, 254
        at most, and 255 where there is nothing to read.
    """

    numbers: list[int]
    starts: list[datetime | None]
    ends: list[datetime | None]
    rows: list[int]
    columns: list[HeatColumn]
    drift: str


def read_history(
    store: Store,
    model: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    columns: Sequence[str] | None = None,
    segment: str | None = "",
) -> History:
    """Return what columns did, for the window see `read_span`.

    Parameters
    ----------
    columns
        Names; all by default.
    segment
        ``name=value``; by default of all rows, with ``None`` of every segment, too.

    Raises
    ------
    DataError
        If the model, a column or the segment is unknown.
    """
    baseline = newest_baseline(store, model)
    span = read_span(store, model, baseline, start=start, end=end)
    units = [] if baseline is None else _chosen(baseline, columns, segment)
    return History(
        **msgspec.structs.asdict(span.buckets),
        columns=[_course(baseline, unit, span.readings[:, :, unit]) for unit in units if baseline],
    )


def read_heat_map(
    store: Store,
    model: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    most: int = 200,
) -> HeatMap:
    """Return how far columns were from their expectation, for the window see `read_span`.

    Columns are in the order of the baseline, segments after all rows.

    Parameters
    ----------
    most
        Columns; of more, those with the largest drift.

    Raises
    ------
    DataError
        If the model is unknown.
    """
    baseline = newest_baseline(store, model)
    span = read_span(store, model, baseline, start=start, end=end)
    drift = span.readings[:, DRIFT].T
    worst = np.fmax.reduce(drift, axis=1, initial=-np.inf)
    chosen = np.sort(np.argsort(-worst, kind="stable")[:most])
    steps = np.minimum(np.rint(drift[chosen] * _STEPS_PER_UNIT), _MOST_STEPS)
    cells = np.where(np.isfinite(steps), steps, _NO_DATA).astype(np.uint8)
    units = () if baseline is None else baseline.readings.units
    return HeatMap(
        numbers=span.buckets.numbers,
        starts=span.buckets.starts,
        ends=span.buckets.ends,
        rows=span.buckets.rows,
        columns=[
            HeatColumn(
                name=units[unit].column,
                segment=units[unit].segment,
                worst=round(float(worst[unit]), 3) if np.isfinite(worst[unit]) else None,
            )
            for unit in chosen
        ],
        drift=base64.b64encode(cells.tobytes()).decode(),
    )


def unit_of(baseline: OpenBaseline, column: str, segment: str) -> int:
    """Return the place of a column of a segment among all that is watched.

    Raises
    ------
    DataError
        If it is not watched; the message names the nearest.
    """
    units = baseline.readings.units
    for place, unit in enumerate(units):
        if (unit.column, unit.segment) == (column, segment):
            return place
    model = baseline.setup.model
    segments = sorted({unit.segment for unit in units})
    if segment not in segments:
        known = nearest(segment, segments)
        raise DataError(f"segment: {model!r} has no segment {segment!r} that is watched.{known}")
    known = nearest(column, sorted({unit.column for unit in units}))
    raise DataError(f"column: {model!r} has no column {column!r} that is watched.{known}")


def _chosen(
    baseline: OpenBaseline, columns: Sequence[str] | None, segment: str | None
) -> list[int]:
    units = baseline.readings.units
    if segment is not None:
        unit_of(baseline, units[0].column, segment)
    for column in columns or ():
        unit_of(baseline, column, segment or "")
    return [
        place
        for place, unit in enumerate(units)
        if segment in (None, unit.segment) and (columns is None or unit.column in columns)
    ]


def _course(baseline: OpenBaseline, unit: int, readings: Floats) -> ColumnCourse:
    named = baseline.readings.units[unit]
    observed, expected, width, nulls, drift = (
        readings[:, row] for row in (OBSERVED, EXPECTED, WIDTH, NULL_RATIO, DRIFT)
    )
    return ColumnCourse(
        name=named.column,
        segment=named.segment,
        type=column_type(baseline, named.column),
        measure=baseline.readings.measure(unit),
        observed=_series(observed),
        expected=_series(expected),
        low=_series(expected - width),
        high=_series(expected + width),
        null_ratio=_series(nulls),
        drift=_series(drift),
    )


def column_type(baseline: OpenBaseline, column: str) -> str:
    """Return how a column was profiled; what is derived from another is a number."""
    declared = baseline.setup.schema.columns.get(column)
    return "number" if declared is None else declared.type


def _series(values: Floats) -> Series:
    """Return numbers for people: six digits, ``None`` for NaN."""
    finite = np.isfinite(values)
    safe = np.where(finite & (values != 0.0), values, 1.0)
    power = _DIGITS - 1 - np.floor(np.log10(np.abs(safe)))
    # Powers of ten are exact, their reciprocals are not.
    up, down = 10.0 ** np.maximum(power, 0.0), 10.0 ** np.maximum(-power, 0.0)
    rounded = np.where(values == 0.0, 0.0, np.rint(safe * up / down) / up * down)
    told = rounded.astype(np.object_)
    told[~finite] = None
    series: Series = told.tolist()
    return series
