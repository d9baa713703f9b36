"""What cannot be known of a model's quality, or not yet, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.metrics.quality import CostMatrix
from watchkeeper.pipeline.quality.performance_answer import LabelDelay, YoungBias
from watchkeeper.pipeline.quality.plan import KeptPlan
from watchkeeper.pipeline.quality.seen import Seen
from watchkeeper.pipeline.quality.task import TaskPlan, classes_of
from watchkeeper.pipeline.quality.totals import QUICK_ROWS, WindowTotals

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_NAMED = 12
_FEW = 0.5
_YOUNG = 0.9


def span_text(seconds: float) -> str:
    """Return a length of time in the largest unit that it fills twice.

    Examples
    --------
    >>> span_text(7_200), span_text(5_400), span_text(259_200)
    ('2 h', '90 min', '3 d')
    """
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} s"


def sentences(
    kept: KeptPlan,
    delay: LabelDelay,
    *,
    predictions: int,
    labelled: int,
    pending: int,
    totals: WindowTotals,
    one_in: int,
    missing: str | None,
) -> Iterator[str]:
    """Yield them, the most important first."""
    if kept.why_not is not None:
        yield kept.why_not
    elif kept.task is None:
        yield (
            "No outcome has come yet. Send what really happened as outcomes with the prediction's"
            " id, and the quality of predictions is measured from then on."
        )
    fault = cost_fault(kept.plan.settings.cost_matrix, kept.seen, kept.task)
    if fault is not None:
        yield fault
    if missing == "segment":
        yield "Nothing tells segments apart: set a baseline with segment_by."
    elif missing == "horizon":
        yield "Nothing tells how far ahead forecasts look: set quality.horizon."
    elif missing is not None:
        yield f"The predictions of this window name no {missing}."
    if pending:
        yield f"{_count(pending, 'day')} new labels that are not measured yet."
    if labelled and predictions and labelled < _FEW * predictions:
        yield (
            f"{labelled / predictions:.0%} of the predictions of this window have a label. Metrics"
            " are those of the labelled ones; how good the others were cannot be known from them."
        )
    if labelled and delay.p95_seconds is not None:
        yield (
            f"95 % of the labels that come are there after {span_text(delay.p95_seconds)}; what is"
            " younger is provisional."
        )
    worst = _clearest(delay)
    if worst is not None:
        yield (
            f"After {span_text(worst.age_seconds)}, with {worst.label_ratio:.0%} of the labels,"
            f" {worst.metric} was {abs(worst.bias):.3g} too {'high' if worst.bias > 0 else 'low'}"
            f" on {worst.days} past days ({worst.low:.3g} to {worst.high:.3g}): subtract that from"
            " what is so young."
        )
    if one_in > 1:
        yield f"Of the largest days, one in {one_in} predictions is measured, always the same."
    if totals.is_pooled:
        yield (
            f"The window has more than {QUICK_ROWS:,} predictions: its totals are the means of its"
            " steps, by their labelled predictions. The command line, and exact=true, measure them"
            " from all rows."
        )
    if totals.one_in > 1:
        yield (
            f"The totals are measured from one in {totals.one_in} predictions of this large window,"
            " always the same."
        )


def cost_fault(matrix: CostMatrix | None, seen: Seen, task: TaskPlan | None) -> str | None:
    """Return why costs are left out, ``None`` if they need not be."""
    if matrix is None or task is None or task.task not in ("binary", "multiclass"):
        return None
    names = classes_of(seen, task)
    if len(names) == len(matrix):
        return None
    some = "" if task.task == "binary" else f" ({', '.join(names[:_NAMED])})"
    return (
        f"The cost matrix has {len(matrix)} rows, and there are {len(names)} classes{some}:"
        " costs are left out."
    )


def _clearest(delay: LabelDelay) -> YoungBias | None:
    """Return the bias of young labels that stands out most from chance, if any does."""
    clear = [
        one
        for one in delay.bias_of_young
        if one.label_ratio < _YOUNG and (one.low > 0 or one.high < 0)
    ]
    return max(clear, key=lambda one: abs(one.bias) / (one.high - one.low + 1e-12), default=None)


def _count(number: int, what: str) -> str:
    return f"1 {what} has" if number == 1 else f"{number} {what}s have"
