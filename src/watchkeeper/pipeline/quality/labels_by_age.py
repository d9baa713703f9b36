"""The delay of a model's labels: coverage by age, and what that does to metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import AGES, Completeness, completeness, pooled_shift
from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.pipeline.quality.performance_answer import AgeCoverage, LabelDelay, YoungBias
from watchkeeper.store import DAY, HOUR, Store
from watchkeeper.watch import LabelledDay

Ints = NDArray[np.int64]

FINE_DAYS = 7
"""Days at the end of a time whose hours are looked at one by one."""

_LEAST_DAYS = 3
_NEARLY_ALL = 0.99
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Hours or days of predictions, with the delays of their labels.

    Parameters
    ----------
    starts, lengths
        Seconds, shape (n,).
    predictions
        Shape (n,).
    delays
        Labels at each place of `AGES`, shape (n, len(AGES) + 1).
    cells
        What else is known of each; an empty cell where nothing is.
    """

    starts: Ints
    lengths: Ints
    predictions: Ints
    delays: Ints
    cells: tuple[QualityCell, ...]

    def ages(self, now: int) -> Ints:
        """Return the age of each one's youngest prediction."""
        return now - self.starts - self.lengths

    def curve(self, now: int) -> Completeness:
        """Return the coverage by age."""
        return completeness(self.ages(now), self.predictions, self.delays)


def cohorts(store: Store, model: str, *, start: int, end: int) -> Cohorts:
    """Return the days from ``start`` to ``end``, the last 7 as hours."""
    fine = max(end // DAY * DAY - FINE_DAYS * DAY, start // DAY * DAY)
    found = [
        *_read(store, model, DAY, start // DAY * DAY, fine),
        *_read(store, model, HOUR, fine, end),
    ]
    delays = np.zeros((len(found), len(AGES) + 1), dtype=np.int64)
    for row, one in zip(delays, found, strict=True):
        for place, count in one.cell.delays.items():
            row[place] = count
    return Cohorts(
        starts=np.array([one.start for one in found], dtype=np.int64),
        lengths=np.array([one.length for one in found], dtype=np.int64),
        predictions=np.array([one.predictions for one in found], dtype=np.int64),
        delays=delays,
        cells=tuple(one.cell for one in found),
    )


def labelled_days(store: Store, model: str, *, start: int, end: int) -> list[LabelledDay]:
    """Return the days from ``start`` to ``end`` with the labels that each had at every age."""
    found: list[LabelledDay] = []
    for one in _read(store, model, DAY, start // DAY * DAY, end):
        counts = np.zeros(len(AGES) + 1, dtype=np.int64)
        for place, count in one.cell.delays.items():
            counts[place] = count
        labelled = np.minimum(np.cumsum(counts)[: len(AGES)], one.predictions)
        rows = one.predictions // one.cell.one_in
        found.append(
            LabelledDay(
                start=one.start,
                rows=rows,
                labelled=tuple((labelled // one.cell.one_in).tolist()),
            )
        )
    return found


def label_delay(recent: Cohorts, reference: Completeness | None, *, now: int) -> LabelDelay:
    """Return how late labels come, and how far metrics are off before they do."""
    curve = recent.curve(now)
    return LabelDelay(
        median_seconds=curve.quantile(0.5),
        p95_seconds=curve.quantile(0.95),
        coverage_by_age=_shown(curve),
        reference_coverage_by_age=None if reference is None else _shown(reference),
        bias_of_young=_biases(recent, curve, now=now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cohort:
    start: int
    length: int
    predictions: int
    cell: QualityCell


def _read(store: Store, model: str, level: int, start: int, end: int) -> list[_Cohort]:
    totals: dict[int, int] = {}
    for one in store.service_cells.sums(model, HOUR, start=start, end=end):
        place = one.start // level * level
        totals[place] = totals.get(place, 0) + one.predictions
    cells = {one.start: one for one in store.quality.cells(model, level, start=start, end=end)}
    found: list[_Cohort] = []
    for place in sorted(totals.keys() | cells.keys()):
        kept = cells.get(place)
        cell = QualityCell() if kept is None else QualityCell.from_bytes(kept.payload)
        predictions = max(totals.get(place, 0), 0 if kept is None else kept.predictions)
        found.append(_Cohort(start=place, length=level, predictions=predictions, cell=cell))
    return found


def _shown(curve: Completeness) -> list[AgeCoverage]:
    return [
        AgeCoverage(age_seconds=age, ratio=round(ratio, _DIGITS))
        for age, ratio in zip(curve.ages, curve.ratio, strict=True)
    ]


def _biases(recent: Cohorts, curve: Completeness, *, now: int) -> list[YoungBias]:
    mature = curve.quantile(_NEARLY_ALL)
    if mature is None:
        return []
    shifts: dict[tuple[str, int], list[tuple[float, int]]] = {}
    for cell in _old(recent.cells, recent.ages(now), mature):
        final = {one.name: one.value for one in cell.metrics}
        for young in cell.young:
            for name, value in young.values.items():
                known = final.get(name)
                if known is not None:
                    shifts.setdefault((name, young.place), []).append((value - known, young.rows))
    found: list[YoungBias] = []
    for (name, place), pairs in sorted(shifts.items()):
        if len(pairs) < _LEAST_DAYS:
            continue
        differences, rows = (np.array(part, dtype=np.float64) for part in zip(*pairs, strict=True))
        shift = pooled_shift(differences, rows)
        found.append(
            YoungBias(
                metric=name,
                age_seconds=AGES[place],
                label_ratio=round(curve.at(AGES[place]) / curve.final, _DIGITS),
                bias=shift.mean,
                low=shift.low,
                high=shift.high,
                days=len(pairs),
            )
        )
    return found


def _old(cells: Sequence[QualityCell], ages: Ints, least: float) -> Iterable[QualityCell]:
    return (cell for cell, age in zip(cells, ages.tolist(), strict=True) if age >= least)
