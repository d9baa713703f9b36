"""What cannot be known from a backtest's labels, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.period import Period
from watchkeeper.pipeline.estimating.saying import UNSEEN
from watchkeeper.pipeline.metric_values import GroupGap, MetricInfo
from watchkeeper.pipeline.quality.saying import cost_fault
from watchkeeper.pipeline.result_performance import BacktestEstimates

_FEW = 0.5
_MOST_SCORED = 2
_MOST_GAPS = 3


def sentences(task: LabelTask, reference: Period, watched: Period, one_in: int) -> Iterator[str]:
    """Yield them, the most important first."""
    fault = cost_fault(task.settings.cost_matrix, task.seen, task.plan)
    if fault is not None:
        yield fault
    if not reference.labelled.any():
        yield "No prediction of the reference has a label to hold the others against."
    predictions, labelled = int(watched.predictions.sum()), int(watched.labelled.sum())
    if predictions and labelled < _FEW * predictions:
        yield (
            f"{labelled / predictions:.0%} of the watched predictions have a label. Metrics are"
            " those of the labelled ones; how good the others were cannot be known from them."
        )
    most = max(one_in, reference.kept.one_in, watched.kept.one_in)
    if most > 1:
        yield (
            f"Where labelled rows are too many to be measured together, one in up to {most} is,"
            " always the same ones."
        )


def gap_sentences(gaps: Sequence[GroupGap]) -> Iterator[str]:
    """Say how much worse or better some protected groups are served than all others."""
    told = [one for one in gaps if one.is_told]
    for one in told[:_MOST_GAPS]:
        yield (
            f"{METRICS[one.metric].label} where {one.column} = {one.group}: {one.value:.3g}, of all"
            f" others {one.others:.3g} (a gap of {one.difference:+.2g}, {one.low:+.2g} to"
            f" {one.high:+.2g})."
        )
    if len(told) > _MOST_GAPS:
        yield f"{len(told) - _MOST_GAPS} more gaps between protected groups are in the JSON."


def estimate_sentences(found: BacktestEstimates, metrics: Sequence[MetricInfo]) -> Iterator[str]:
    """Say whether estimates without labels could have been trusted."""
    labels = {one.name: one.label for one in metrics}
    for score in found.scores[:_MOST_SCORED]:
        text = (
            f"Estimates of {labels[score.metric]} without labels were off by {score.error:.2g} on"
            f" average over {score.steps} buckets; {score.inside_ratio:.0%} of the measured values"
            " lay inside their intervals of 95 %"
        )
        if score.unchanged_error is not None:
            text += f". Saying that nothing had changed is off by {score.unchanged_error:.2g}"
        yield f"{text}."
    refused = [reason for reason in found.refused if reason is not None]
    looked_at = sum(value is not None for value in found.series[0].value) if found.series else 0
    if refused:
        yield (
            f"In {len(refused)} of {len(refused) + looked_at} buckets nothing could be estimated:"
            f" {refused[0].rstrip('.')}."
        )
    if found.every > 1:
        yield f"One in {found.every} buckets was estimated."
    if found.scores:
        yield UNSEEN
