"""The reference, or all that was watched: measured as a whole and by segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.metrics.quality import CalibrationBin as CurveBin
from watchkeeper.metrics.quality import probability_curve
from watchkeeper.pipeline.backtesting.kept_rows import KeptRows
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.labelled_rows import SEGMENT, with_label
from watchkeeper.pipeline.metric_values import CalibrationBin, MetricValue, PerformanceTotal
from watchkeeper.pipeline.quality.scoring import Scorable
from watchkeeper.pipeline.result_performance import SegmentPerformance
from watchkeeper.profiles import OTHER

MOST_ROWS = 1_000_000
"""Labelled rows that are measured together at most; of more, always the same part is."""


@dataclass(slots=True, kw_only=True)
class Period:
    """The reference, or what was watched.

    Attributes
    ----------
    predictions, labelled
        Rows by segment, the last entry for those of no segment.
    kept
        Rows with a label, all of them or always the same part.
    """

    predictions: NDArray[np.int64]
    labelled: NDArray[np.int64]
    kept: KeptRows = field(default_factory=lambda: KeptRows(MOST_ROWS))

    @classmethod
    def empty(cls, segments: int) -> Period:
        """Return one without rows."""
        return cls(
            predictions=np.zeros(segments + 1, dtype=np.int64),
            labelled=np.zeros(segments + 1, dtype=np.int64),
        )

    def take(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Take in all rows as they go by."""
        for table in tables:
            known = with_label(table)
            self.predictions += self._counted(table)
            self.labelled += self._counted(known)
            self.kept.add(known)
            yield table

    def total(self, metrics: list[MetricValue]) -> PerformanceTotal:
        """Return its rows with their metrics."""
        return PerformanceTotal(
            group="all",
            predictions=int(self.predictions.sum()),
            labelled=int(self.labelled.sum()),
            metrics=metrics,
        )

    def _counted(self, table: pa.Table) -> NDArray[np.int64]:
        if SEGMENT not in table.column_names:
            return np.array([*[0] * (len(self.predictions) - 1), table.num_rows])
        return np.bincount(table.column(SEGMENT).to_numpy(), minlength=len(self.predictions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A period's metrics, those of each segment and of all others, and its rows as arrays."""

    whole: PerformanceTotal
    segments: tuple[PerformanceTotal, ...]
    rows: Scorable | None


def totals(task: LabelTask, period: Period, segments: Sequence[str]) -> Totals:
    """Measure a period as a whole and by segment."""
    table = period.kept.table()
    rows = None if table is None else task.scorable(table)
    whole = period.total(task.measured(rows))
    if not segments:
        return Totals(whole=whole, segments=(), rows=rows)
    codes = np.zeros(0, dtype=np.int64)
    if table is not None and rows is not None:
        codes = table.column(SEGMENT).to_numpy()[rows.places]
    each = [
        PerformanceTotal(
            group=name,
            predictions=int(period.predictions[code]),
            labelled=int(period.labelled[code]),
            metrics=task.measured(rows, codes == code),
        )
        for code, name in enumerate([*segments, OTHER])
    ]
    return Totals(whole=whole, segments=tuple(each), rows=rows)


def paired(
    reference: Sequence[PerformanceTotal], watched: Sequence[PerformanceTotal]
) -> tuple[SegmentPerformance, ...]:
    """Return segments with both their sides, those that no row was in left out."""
    return tuple(
        SegmentPerformance(segment=one.group, reference=one, watched=other)
        for one, other in zip(reference, watched, strict=True)
        if one.predictions or other.predictions
    )


def curve(rows: Scorable | None, bins: int) -> tuple[CalibrationBin, ...]:
    """Return how often the probabilities of a classifier came true."""
    found = () if rows is None else probability_curve(rows.rows(), bins)
    return tuple(_shown(one) for one in found)


def _shown(one: CurveBin) -> CalibrationBin:
    return CalibrationBin(
        low=one.low,
        high=one.high,
        rows=one.rows,
        predicted=one.predicted,
        observed=one.observed,
        observed_low=one.observed_low,
        observed_high=one.observed_high,
    )
