"""The performance of both sides: metrics, calibration, what makes up a change, and for whom."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison import (
    CalibrationCurves,
    LossChange,
    PerformanceComparison,
    Settings,
    compare_metrics,
)
from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import probability_curve
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.explaining.loss import losses_of
from watchkeeper.pipeline.labelled_sides.labelled import LabelledSides
from watchkeeper.pipeline.labelled_sides.loss_change import loss_change
from watchkeeper.pipeline.labelled_sides.named import NamedColumns
from watchkeeper.pipeline.labelled_sides.protected_gaps import protected_gaps
from watchkeeper.pipeline.quality.plan import choice_of
from watchkeeper.pipeline.quality.scoring import Scorable, scorable
from watchkeeper.pipeline.quality.seen import seen_in
from watchkeeper.pipeline.quality.task import Untold, task_of

Flags = NDArray[np.bool_]

_BINS = 10


def performance_of_sides(
    named: NamedColumns,
    reference: ColumnReader | None,
    current: ColumnReader,
    *,
    quality: QualitySettings,
    settings: Settings,
    ignore: Sequence[str] = (),
    checked: Sequence[str] = (),
) -> PerformanceComparison:
    """Return how good the predictions of both sides are, as far as labels tell.

    Parameters
    ----------
    reference
        ``None`` where there is only a saved profile: then the current side is measured alone.
    ignore
        Columns that a change is not to be told by.

    checked
        Metrics to measure besides those that the settings choose.

    Raises
    ------
    DataError
        If a named column does not exist.
    """
    further = [name for name in (quality.horizon,) if name is not None]
    sides = LabelledSides.read(named, reference, current, further)
    if quality.metrics:
        wanted = tuple(dict.fromkeys((*quality.metrics, *checked)))
        quality = msgspec.structs.replace(quality, metrics=wanted)
    task = task_of(seen_in(sides.table), quality)
    if isinstance(task, Untold):
        return _unsaid(task.reason)
    if task.task not in {"binary", "multiclass", "multilabel", "regression"}:
        return _unsaid(f"Two sides of the task {task.task} are not compared.")
    horizon = quality.horizon
    steps = None
    if horizon is not None and horizon in sides.table.column_names:
        steps = sides.table.column(horizon)
    kept = scorable(sides.table, task, horizon=steps, cost_matrix=quality.cost_matrix)
    now = sides.is_current[kept.places]
    before = None if sides.readers[0] is None else kept.rows(~now)
    after = kept.rows(now)
    choice = choice_of(quality, task.task)
    metrics = compare_metrics(
        None if before is None else kept.measured(~now, choice),
        kept.measured(now, choice),
        false_call_rate=settings.false_call_rate,
        least_effect=settings.least_effect,
    )
    found = PerformanceComparison(
        task=task.task,
        positive=task.positive,
        reference_labelled=0 if before is None else len(before),
        current_labelled=len(after),
        worse=any(one.change == "worse" for one in metrics.values()),
        metrics=metrics,
        calibration=_calibration(kept, now),
        said=_said(sides),
    )
    return _diagnosed(found, sides, kept, quality, [*ignore, *further])


def _unsaid(reason: str) -> PerformanceComparison:
    return PerformanceComparison(
        task=None,
        positive=None,
        reference_labelled=0,
        current_labelled=0,
        worse=False,
        metrics={},
        said=(reason,),
    )


def _said(sides: LabelledSides) -> tuple[str, ...]:
    if sides.readers[0] is None:
        return ("The reference has no labels, so the current side is measured alone.",)
    return ()


def _calibration(kept: Scorable, now: Flags) -> CalibrationCurves | None:
    before, after = (probability_curve(kept.rows(side), _BINS) for side in (~now, now))
    return CalibrationCurves(reference=before, current=after) if before or after else None


def _diagnosed(
    found: PerformanceComparison,
    sides: LabelledSides,
    kept: Scorable,
    quality: QualitySettings,
    leave_out: Sequence[str],
) -> PerformanceComparison:
    """Return it with what makes up the change, and the gaps between protected groups."""
    if not found.current_labelled:
        return found
    rows, clocks = sides.compared(kept.places, leave_out)
    losses = losses_of(rows, quality)
    if isinstance(losses, str):
        return msgspec.structs.replace(found, said=(*found.said, losses))
    loss: LossChange | None = None
    said: tuple[str, ...] = ()
    if found.reference_labelled:
        loss, said = loss_change(losses, rows, quality, clocks)
    return msgspec.structs.replace(
        found,
        loss=loss,
        gaps=protected_gaps(losses, rows, quality),
        said=(*found.said, *said),
    )
