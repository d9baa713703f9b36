"""How good the predictions of a backtest were: all that their labels say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import msgspec
import pyarrow as pa

from watchkeeper.pipeline.backtesting.buckets import Buckets
from watchkeeper.pipeline.backtesting.concept import ConceptWatch
from watchkeeper.pipeline.backtesting.concept_incidents import concept_incidents
from watchkeeper.pipeline.backtesting.estimating import estimate_buckets
from watchkeeper.pipeline.backtesting.explaining import explanations
from watchkeeper.pipeline.backtesting.label_task import LabelTask, by_horizon, label_task
from watchkeeper.pipeline.backtesting.labelled_rows import LabelledRows
from watchkeeper.pipeline.backtesting.labels import Labels
from watchkeeper.pipeline.backtesting.measured_buckets import MeasuredBuckets, measure_buckets
from watchkeeper.pipeline.backtesting.period import Period, Totals, curve, paired, totals
from watchkeeper.pipeline.backtesting.saying import estimate_sentences, gap_sentences, sentences
from watchkeeper.pipeline.backtesting.sources import Sources
from watchkeeper.pipeline.explaining.fairness import gaps_between
from watchkeeper.pipeline.metric_values import GroupGap
from watchkeeper.pipeline.quality.task import Untold
from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.pipeline.result_performance import BacktestEstimates, BacktestPerformance
from watchkeeper.watch import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFindings:
    """How good the predictions were, and when that got worse."""

    performance: BacktestPerformance
    incidents: tuple[Incident, ...] = ()


def label_findings(
    sources: Sources,
    rows: LabelledRows,
    buckets: Buckets,
    *,
    asked: Labels,
    inputs: tuple[str, ...],
    told: BacktestResult,
) -> LabelFindings:
    """Return all that the labels of the reference and of what was watched say.

    The data is read twice: what kind of task it is must be known before anything is measured.
    Memory holds a bucket's rows (of data whose times go back: a part of all buckets'), up to a
    million labelled rows of each side, and what those lost whose labels are still to come.

    Parameters
    ----------
    asked
        Whether performance is also estimated without labels, and incidents are explained.
    inputs
        What the model saw.
    told
        What is known without labels.
    """
    task = label_task(_seen_rows(sources, rows), asked.settings)
    reference, watched = (Period.empty(len(rows.segments)) for _ in range(2))
    _drain(reference.take(rows.of(sources.reference(rows.columns))))
    monitored = watched.take(rows.of(sources.monitored(rows.columns)))
    if isinstance(task, Untold):
        _drain(monitored)
        return LabelFindings(performance=_unmeasured(task, rows, reference, watched))
    before = totals(task, reference, rows.segments)
    concept = ConceptWatch(buckets, task, reference)
    concept.begin()
    measured = measure_buckets(
        monitored,
        task,
        rows.plan,
        buckets.starts,
        ordered=sources.data_survey.ordered,
        on_bucket=concept.add_rows,
    )
    now = totals(task, watched, rows.segments)
    concept.finish()
    incidents = concept_incidents(concept, buckets, timezone=rows.plan.timezone)
    gaps = _gaps(task, watched, now)
    said = [*sentences(task, reference, watched, measured.one_in), *gap_sentences(gaps)]
    said += [] if concept.why_not is None else [concept.why_not]
    performance = _measured(task, rows, before, now, measured, gaps, said)
    seen = replace(rows, inputs=inputs)
    if asked.estimates:
        estimates, why_not = estimate_buckets(sources, seen, task, buckets)
        told_of = (
            None if estimates is None else estimates.told(measured, before.whole, task.metrics)
        )
        performance = _with_estimates(performance, told_of, why_not)
    if asked.explain:
        both = (*told.incidents, *incidents)
        found = explanations(sources, seen, task, buckets, both, told.columns, measured.predictions)
        performance = msgspec.structs.replace(performance, explanations=found)
    return LabelFindings(performance=performance, incidents=incidents)


def _drain(tables: Iterator[pa.Table]) -> None:
    for _ in tables:
        pass


def _seen_rows(sources: Sources, rows: LabelledRows) -> Iterator[pa.Table]:
    """Yield outputs and labels only."""
    timed = [rows.plan.time_column] if rows.plan.time_column is not None else []
    columns = [*rows.roles.told_by, *timed]
    for table in chain(sources.reference(columns), sources.monitored(columns)):
        yield rows.roles.named(table)


def _measured(
    task: LabelTask,
    rows: LabelledRows,
    before: Totals,
    now: Totals,
    buckets: MeasuredBuckets,
    gaps: tuple[GroupGap, ...],
    said: Sequence[str],
) -> BacktestPerformance:
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
        reference=before.whole,
        watched=now.whole,
        segments=paired(before.segments, now.segments),
        calibration=curve(now.rows, bins),
        reference_calibration=curve(before.rows, bins),
        horizons=by_horizon(task, now.rows),
        fairness=gaps,
        said=tuple(said),
    )


def _with_estimates(
    found: BacktestPerformance, estimates: BacktestEstimates | None, why_not: str | None
) -> BacktestPerformance:
    said = [*found.said, *([] if why_not is None else [why_not])]
    if estimates is not None:
        said += estimate_sentences(estimates, found.metrics)
    return msgspec.structs.replace(found, estimates=estimates, said=tuple(said))


def _gaps(task: LabelTask, watched: Period, now: Totals) -> tuple[GroupGap, ...]:
    """Return how far protected groups are from all others."""
    table = watched.kept.table()
    if not task.settings.protected or table is None or now.rows is None or not len(now.rows):
        return ()
    return gaps_between(now.rows.rows(), table.take(pa.array(now.rows.places)), task.settings)


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
