"""How wrong each labelled prediction was, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import ScoredRows
from watchkeeper.pipeline.explaining.question import Question
from watchkeeper.pipeline.explaining.sides import ComparedRows
from watchkeeper.pipeline.quality.scoring import Scorable, scorable
from watchkeeper.pipeline.quality.seen import seen_in
from watchkeeper.pipeline.quality.task import Untold, task_of
from watchkeeper.watch.concept import label_losses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What is known of the quality of both sides' predictions.

    Attributes
    ----------
    question
        The loss of each row, NaN without a label.
    costs
        By the owner's cost matrix, of the same shape; ``None`` without one.
    scored
        The labelled rows, for metrics.
    places
        Where they are among all rows.
    """

    question: Question
    costs: Floats | None
    scored: ScoredRows
    places: Ints


def losses_of(sides: ComparedRows, settings: QualitySettings) -> Losses | str:
    """Return the loss of each row, or a sentence that says why there is none.

    Of a class the error, 1 or 0, by the threshold for probabilities; of several labels the share
    of those true or said that is not both; of a number the absolute error. Ranked lists have no
    loss of one row.
    """
    is_labelled = sides.table.column("label").is_valid()
    labelled = sides.table.filter(is_labelled)
    if not labelled.num_rows:
        return "No prediction of either time has a label yet."
    plan = task_of(seen_in(labelled), settings)
    if isinstance(plan, Untold):
        return plan.reason
    if plan.task not in {"binary", "multiclass", "multilabel", "regression"}:
        return f"A loss of single predictions is not known for the task {plan.task}."
    kept = scorable(labelled, plan, cost_matrix=settings.cost_matrix)
    if not len(kept.places):
        return "No prediction has both an output and a label."
    rows: Ints = np.flatnonzero(is_labelled.to_numpy())[kept.places]
    if kept.task == "regression":
        assert kept.scores is not None
        about, loss, costs = "absolute error", np.abs(kept.labels - kept.scores), None
    elif kept.task == "multilabel":
        chosen = kept.classes_predicted(settings.threshold)
        about, loss, costs = "wrong labels", label_losses(kept.labels, chosen), None
    else:
        chosen, truth = kept.classes_predicted(settings.threshold), kept.labels.astype(np.int64)
        about, loss = "errors", (chosen != truth).astype(np.float64)
        costs = _costs(kept, truth, chosen)
    question = Question(
        kind="quality",
        about=about,
        quantity=about,
        values=_everywhere(loss, rows, sides),
        is_ratio=kept.task in ("binary", "multiclass"),
    )
    return Losses(
        question=question,
        costs=None if costs is None else _everywhere(costs, rows, sides),
        scored=kept.rows(),
        places=rows,
    )


def _costs(kept: Scorable, truth: Ints, chosen: Ints) -> Floats | None:
    if kept.costs is None:
        return None
    costs: Floats = np.array(kept.costs, dtype=np.float64)[truth, chosen]
    return costs


def _everywhere(values: Floats, rows: Ints, sides: ComparedRows) -> Floats:
    spread = np.full(sides.table.num_rows, np.nan)
    spread[rows] = values
    return spread
