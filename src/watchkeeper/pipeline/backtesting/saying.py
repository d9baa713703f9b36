"""What cannot be known from a backtest's labels, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.pipeline.backtesting.label_task import LabelTask
from watchkeeper.pipeline.backtesting.period import Period
from watchkeeper.pipeline.quality.saying import cost_fault

_FEW = 0.5


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
