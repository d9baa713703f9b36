"""What would have been estimated without labels, bucket by bucket, held against what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError, NotEnoughDataError
from watchkeeper.estimation import BucketEstimate
from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.kept_rows import KeptRows, by_bucket
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.labelled_rows import FEATURE, LabelledRows, with_label
from watchkeeper.pipeline.backtesting.measured_buckets import MeasuredBuckets, cut_of, places_of
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.cutting import Piece
from watchkeeper.pipeline.estimating.answered import Answered, answered
from watchkeeper.pipeline.estimating.cell import LEAST_ROWS
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.pipeline.estimating.fitting import MOST_REFERENCE_ROWS
from watchkeeper.pipeline.estimating.model_estimator import ModelEstimator, fit_model_estimator
from watchkeeper.pipeline.estimating.scored import LABELLED, score_of
from watchkeeper.pipeline.metric_values import EstimateScore, MetricSeries, PerformanceTotal
from watchkeeper.pipeline.preparation import Watched
from watchkeeper.pipeline.quality.plan import QualityPlan
from watchkeeper.pipeline.result_performance import BacktestEstimates

MOST_BUCKETS = 40
"""Buckets that are estimated at most; of more, one in so many is."""

_ROWS_OF_BUCKET = 1_000
_USABLE = frozenset({"number", "category", "boolean"})
_LEAST_SCORED = 3


def estimate_buckets(
    sources: Sources, rows: LabelledRows, task: LabelTask, buckets: Buckets
) -> tuple[ModelEstimates | None, str | None]:
    """Return estimates of the watched buckets, or why there are none, as a sentence.

    An estimator is fitted on up to 20,000 labelled rows of the reference, and looks at up to 1,000
    predictions of each bucket, whether they have a label or not, without the labels.

    Parameters
    ----------
    rows
        With the inputs of the model.
    """
    if task.plan.task == "multilabel":
        return None, "Nothing is estimated before labels come for a multilabel task."
    facts = EstimatorFacts(
        plan=QualityPlan(settings=task.settings),
        task=task.plan,
        columns=tuple(FEATURE + name for name in rows.inputs),
    )
    kept = KeptRows(MOST_REFERENCE_ROWS)
    for table in rows.of(sources.reference(rows.columns)):
        kept.add(with_label(table))
    found = kept.table()
    if found is None or not buckets.starts:
        return None, None
    known = answered(found, facts)
    known = known.take(np.flatnonzero(np.isfinite(known.labels)))
    facts = msgspec.structs.replace(facts, classes=known.classes)
    try:
        estimator = fit_model_estimator(known, facts)
    except (NotEnoughDataError, DataError) as error:
        return None, f"Nothing is estimated: {error}."
    every = -(-len(buckets.starts) // MOST_BUCKETS)
    estimates = dict(_estimates(sources, rows, buckets, facts, estimator, every))
    return ModelEstimates(estimator.metrics, estimates, len(buckets.starts), every), None


class ModelEstimates:
    """Estimates by the number of their bucket."""

    def __init__(
        self, metrics: Sequence[str], found: dict[int, BucketEstimate], buckets: int, every: int
    ) -> None:
        self._metrics, self._found, self._buckets, self._every = metrics, found, buckets, every

    def told(
        self, measured: MeasuredBuckets, reference: PerformanceTotal, shown: Sequence[str]
    ) -> BacktestEstimates:
        """Return them with how good they were, of the metrics that are shown."""
        names = [name for name in shown if name in self._metrics]
        usual = {one.name: one.value for one in reference.metrics}
        scores = [self._score(name, measured, usual.get(name)) for name in names]
        return BacktestEstimates(
            series=tuple(self._series(name) for name in names),
            refused=tuple(
                self._found[at].refused if at in self._found else None
                for at in range(self._buckets)
            ),
            every=self._every,
            scores=tuple(one for one in scores if one is not None),
        )

    def _series(self, name: str) -> MetricSeries:
        each = [self._values(name, at) for at in range(self._buckets)]
        value, low, high = ([None if one is None else one[n] for one in each] for n in range(3))
        return MetricSeries(metric=name, value=value, low=low, high=high)

    def _values(self, name: str, bucket: int) -> tuple[float, float, float] | None:
        found = self._found.get(bucket)
        if found is None:
            return None
        one = next(metric for metric in found.metrics if metric.name == name)
        if one.value is None or one.low is None or one.high is None:
            return None
        return one.value, one.low, one.high

    def _score(
        self, name: str, measured: MeasuredBuckets, usual: float | None
    ) -> EstimateScore | None:
        real = next(one.value for one in measured.series if one.metric == name)
        pairs = []
        for at in sorted(self._found):
            is_known = measured.labelled[at] >= LABELLED * measured.predictions[at]
            estimate, truth = self._values(name, at), real[at]
            if is_known and estimate is not None and truth is not None:
                pairs.append((*estimate, truth))
        return score_of(name, pairs, usual) if len(pairs) >= _LEAST_SCORED else None


def input_names(watched: Watched, rows: LabelledRows) -> tuple[str, ...]:
    """Return the watched columns that the model can have seen and that can be compared."""
    roles = {*rows.roles.columns}
    return tuple(
        name
        for name, column in watched.schema.columns.items()
        if name not in roles and column.type in _USABLE and column.role in ("feature", "segment")
    )


def _estimates(
    sources: Sources,
    rows: LabelledRows,
    buckets: Buckets,
    facts: EstimatorFacts,
    estimator: ModelEstimator,
    every: int,
) -> Iterator[tuple[int, BucketEstimate]]:
    places = {
        key: at for key, at in places_of(rows.plan, buckets.starts).items() if at % every == 0
    }
    tables = rows.of(sources.monitored(rows.columns))
    ordered = sources.data_survey.ordered
    cut = _only(places, cut_of(rows.plan))
    for key, kept in by_bucket(tables, cut, ordered=ordered, most=_ROWS_OF_BUCKET):
        table = kept.table()
        if table is None:
            continue
        found: Answered = answered(table, facts)
        if len(found) >= LEAST_ROWS:
            yield places[key], estimator.estimate(found)


def _only(
    places: dict[int, int], cut: Callable[[pa.Table], Iterator[Piece]]
) -> Callable[[pa.Table], Iterator[Piece]]:
    return lambda table: (piece for piece in cut(table) if piece.key in places)
