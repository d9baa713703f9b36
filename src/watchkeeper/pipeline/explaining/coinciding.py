"""What changed upstream at the time of an incident: nulls, types, categories, versions, volume."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.diagnosis import (
    CodedColumn,
    Coincidence,
    CoincidenceKind,
    Course,
    coincidence_text,
    courses_of_shares,
    find_coincidences,
)
from watchkeeper.pipeline.explaining.sides import Sides
from watchkeeper.pipeline.opened import newest_baseline
from watchkeeper.pipeline.readings import NULL_RATIO
from watchkeeper.pipeline.span import read_span
from watchkeeper.store import Store

Floats = NDArray[np.float64]

_BUCKETS_BEFORE = 240
_HOUR = 3600
_LEAST_RATIO = 0.01
_MOST_GROUPS = 12


def coincidences_of(
    store: Store, model: str, sides: Sides, columns: list[CodedColumn]
) -> tuple[Coincidence, ...]:
    """Return what stands out at the onset of the current side, and what is new in it."""
    onset, end = sides.current.start, sides.current.end
    baseline = newest_baseline(store, model)
    length = None if baseline is None else baseline.setup.bucketing().length
    step = _HOUR if length is None else max(int(length.total_seconds()), 1)
    start = onset - timedelta(seconds=step * _BUCKETS_BEFORE)
    first = int(start.timestamp()) // step
    size = int(end.timestamp() - 1) // step - first + 1
    table = store.sampler.traffic(model, start=start, end=end, step_seconds=step)
    known = store.quality.rows.span(model)
    begins = 0 if known is None else known[0] // step - first
    courses = [*_traffic(table, first, size, begins)]
    if baseline is not None:
        span = read_span(store, model, baseline, start=start, end=end)
        starts = [
            -1 if s is None else int(s.timestamp()) // step - first for s in span.buckets.starts
        ]
        at = np.array(starts, dtype=np.int64)
        inside = (at >= 0) & (at < size)
        for place, unit in enumerate(baseline.readings.units):
            if not unit.segment:
                nulls = np.full(size, np.nan)
                nulls[at[inside]] = span.readings[inside, NULL_RATIO, place]
                courses.append(
                    Course(
                        kind="null rate",
                        subject=unit.column,
                        values=nulls,
                        least_change=_LEAST_RATIO,
                    )
                )
    at_onset = int(onset.timestamp()) // step - first
    stepped = find_coincidences(courses, at_onset)
    return (*stepped, *new_in(sides, columns))


def new_in(sides: Sides, columns: list[CodedColumn]) -> Iterator[Coincidence]:
    """Yield what the current side has that the reference did not: types and categories."""
    yield from _new_types(sides)
    yield from _new_categories(sides, columns)


def _traffic(table: pa.Table, first: int, size: int, begins: int) -> Iterator[Course]:
    places = table.column("step").to_numpy() - first
    rows = table.column("predictions").to_numpy().astype(np.float64)
    inside = (places >= 0) & (places < size)
    volume = np.bincount(places[inside], weights=rows[inside], minlength=size).astype(np.float64)
    volume[: max(begins, 0)] = np.nan  # no silence, but a model that was not there yet
    yield Course(kind="volume", subject="predictions", values=volume)
    for kind in ("version", "variant"):
        named = pc.fill_null(table.column(kind), "")
        encoded = pc.if_else(pc.equal(named, ""), "(none)", named).combine_chunks()
        encoded = encoded.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        if not 1 < len(names) <= _MOST_GROUPS:
            continue
        codes = encoded.indices.to_numpy()
        counts = np.zeros((len(names), size))
        np.add.at(counts, (codes[inside], places[inside]), rows[inside])
        least = 2.0 * _LEAST_RATIO
        yield from courses_of_shares(
            "version" if kind == "version" else "variant", names, counts, least_change=least
        )


def _new_types(sides: Sides) -> Iterator[Coincidence]:
    """Yield the columns of which values came that are of another type than before."""
    now = sides.is_current
    for name in sides.table.column_names:
        if not name.startswith("misfit:"):
            continue
        misfits = sides.table.column(name).is_valid().to_numpy()
        plain = name.removeprefix("misfit:").removeprefix("feature:").removeprefix("tag:")
        found = _static("schema", plain, float(misfits[~now].mean()), float(misfits[now].mean()))
        if found is not None:
            yield found


def _new_categories(sides: Sides, columns: list[CodedColumn]) -> Iterator[Coincidence]:
    now = sides.is_current
    for column in columns:
        if column.edges is not None or column.name in {"version", "variant"}:
            continue
        before = np.bincount(column.codes[~now], minlength=column.size)
        after = np.bincount(column.codes[now], minlength=column.size)
        ratio = float(after[1:][before[1:] == 0].sum() / max(after.sum(), 1))
        found = _static("new category", column.name, 0.0, ratio)
        if found is not None:
            yield found


def _static(kind: CoincidenceKind, subject: str, before: float, after: float) -> Coincidence | None:
    if after - before < _LEAST_RATIO:
        return None
    return Coincidence(
        kind=kind,
        subject=subject,
        before=before,
        after=after,
        times_usual=None,
        lead_buckets=None,
        text=coincidence_text(kind, subject, before, after),
    )
