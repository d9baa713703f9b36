"""Labelled predictions measured bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.backtesting.kept_rows import by_bucket
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.labelled_rows import TIME, with_label
from watchkeeper.pipeline.backtesting.period import MOST_ROWS
from watchkeeper.pipeline.cutting import Piece, RowCutter, TimeCutter, to_microseconds
from watchkeeper.pipeline.metric_values import MetricSeries, MetricValue
from watchkeeper.pipeline.preparation import Plan

_MOST_UNORDERED = 4_000_000
_LEAST_OF_BUCKET = 2_000

OnBucketRows = Callable[[int, pa.Table], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBuckets:
    """Rows, labels and metrics of each watched bucket."""

    predictions: tuple[int, ...]
    labelled: tuple[int, ...]
    series: tuple[MetricSeries, ...]
    one_in: int


def measure_buckets(
    tables: Iterable[pa.Table],
    task: LabelTask,
    plan: Plan,
    starts: Sequence[datetime | None],
    *,
    ordered: bool,
    on_bucket: OnBucketRows | None = None,
) -> MeasuredBuckets:
    """Measure each bucket's rows, which are then let go.

    Parameters
    ----------
    starts
        Start of each watched bucket; rows of no bucket are left out.
    on_bucket
        Called with each bucket's number and labelled rows.
    """
    places = places_of(plan, starts)
    counts = np.zeros((2, len(starts)), dtype=np.int64)
    found: list[list[MetricValue]] = [[] for _ in starts]
    one_in = 1
    most = MOST_ROWS if ordered else max(_LEAST_OF_BUCKET, _MOST_UNORDERED // max(1, len(starts)))
    labelled = _Labelled(cut_of(plan))
    for key, kept in by_bucket(tables, labelled.cut, ordered=ordered, most=most):
        at, table = places.get(key), kept.table()
        if at is None:
            continue
        counts[:, at] = labelled.predictions.pop(key), kept.rows
        one_in = max(one_in, kept.one_in)
        if table is not None:
            rows = task.scorable(table)
            found[at] = task.measured(rows)
            if on_bucket is not None:
                on_bucket(at, table)
    return MeasuredBuckets(
        predictions=tuple(counts[0].tolist()),
        labelled=tuple(counts[1].tolist()),
        series=tuple(_series(name, found) for name in task.metrics),
        one_in=one_in,
    )


class _Labelled:
    """Cuts tables into pieces of rows with a label, and counts all rows."""

    def __init__(self, cut: Callable[[pa.Table], Iterator[Piece]]) -> None:
        self._cut = cut
        self.predictions: dict[int, int] = {}

    def cut(self, table: pa.Table) -> Iterator[Piece]:
        for piece in self._cut(table):
            rows = piece.table.num_rows
            self.predictions[piece.key] = self.predictions.get(piece.key, 0) + rows
            yield Piece(key=piece.key, table=with_label(piece.table))


def cut_of(plan: Plan) -> Callable[[pa.Table], Iterator[Piece]]:
    """Return what cuts tables into a plan's buckets."""
    if plan.bucketing.rows is not None:
        return RowCutter(plan.bucketing).cut
    return TimeCutter(plan.bucketing, TIME, ZoneInfo(plan.timezone)).cut


def places_of(plan: Plan, starts: Sequence[datetime | None]) -> dict[int, int]:
    """Return the number of each bucket by its key."""
    if plan.bucketing.rows is not None:
        return {at: at for at in range(len(starts))}
    return {to_microseconds(start): at for at, start in enumerate(starts) if start is not None}


def _series(name: str, found: Sequence[Sequence[MetricValue]]) -> MetricSeries:
    each = [next((one for one in bucket if one.name == name), None) for bucket in found]
    return MetricSeries(
        metric=name,
        value=[None if one is None else one.value for one in each],
        low=[None if one is None else one.low for one in each],
        high=[None if one is None else one.high for one in each],
    )
