"""How good the predictions of a backtest were: all that their labels say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

import pyarrow as pa

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.backtesting.label_task import LabelTask, label_task
from watchkeeper.pipeline.backtesting.labelled_rows import LabelledRows
from watchkeeper.pipeline.backtesting.measured_buckets import MeasuredBuckets, measure_buckets
from watchkeeper.pipeline.backtesting.period import Period, curve, paired, totals
from watchkeeper.pipeline.backtesting.saying import sentences
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.quality.task import Untold
from watchkeeper.pipeline.result_performance import BacktestPerformance


def backtest_performance(
    sources: Sources,
    rows: LabelledRows,
    settings: QualitySettings,
    starts: Sequence[datetime | None],
) -> BacktestPerformance:
    """Measure the labelled predictions of the reference and of what was watched.

    The data is read twice: what kind of task it is must be known before anything is measured.
    Memory holds a bucket's rows (of data whose times go back: a part of all buckets') and up to a
    million labelled rows of each side.

    Parameters
    ----------
    starts
        Start of each watched bucket.
    """
    task = label_task(_seen_rows(sources, rows), settings)
    reference, watched = (Period.empty(len(rows.segments)) for _ in range(2))
    for _ in reference.take(rows.of(sources.reference(rows.columns))):
        pass
    monitored = watched.take(rows.of(sources.monitored(rows.columns)))
    if isinstance(task, Untold):
        for _ in monitored:
            pass
        return _unmeasured(task, rows, reference, watched)
    buckets = measure_buckets(
        monitored, task, rows.plan, starts, ordered=sources.data_survey.ordered
    )
    return _measured(task, rows, reference, watched, buckets)


def _seen_rows(sources: Sources, rows: LabelledRows) -> Iterator[pa.Table]:
    """Yield outputs and labels only."""
    timed = [rows.plan.time_column] if rows.plan.time_column is not None else []
    columns = [*rows.roles.told_by, *timed]
    for table in chain(sources.reference(columns), sources.monitored(columns)):
        yield rows.roles.named(table)


def _measured(
    task: LabelTask,
    rows: LabelledRows,
    reference: Period,
    watched: Period,
    buckets: MeasuredBuckets,
) -> BacktestPerformance:
    before, before_each, before_rows = totals(task, reference, rows.segments)
    now, now_each, now_rows = totals(task, watched, rows.segments)
    bins = task.choice.bins
    return BacktestPerformance(
        label=rows.roles.label,
        output=rows.roles.output,
        task=task.plan.task,
        positive=task.plan.positive,
        metrics=task.infos(),
        predictions=buckets.predictions,
        labelled=buckets.labelled,
        series=buckets.series,
        reference=before,
        watched=now,
        segments=paired(before_each, now_each),
        calibration=curve(now_rows, bins),
        reference_calibration=curve(before_rows, bins),
        said=tuple(sentences(task, reference, watched, buckets.one_in)),
    )


def _unmeasured(
    task: Untold, rows: LabelledRows, reference: Period, watched: Period
) -> BacktestPerformance:
    return BacktestPerformance(
        label=rows.roles.label,
        output=rows.roles.output,
        task=None,
        positive=None,
        metrics=(),
        predictions=(),
        labelled=(),
        series=(),
        reference=reference.total([]),
        watched=watched.total([]),
        said=(task.reason,),
    )
