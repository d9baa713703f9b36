"""What labelled predictions lost, and what their labels were beside what was predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.pipeline.quality.scoring import Scorable
from watchkeeper.watch.concept import WatchedLoss, absolute_losses, brier_losses, error_losses

Floats = NDArray[np.float64]

LOSS_LABELS: Final[dict[WatchedLoss, str]] = {
    "error": "error rate",
    "brier": "Brier score",
    "log_loss": "log loss",
    "absolute_error": "mean absolute error",
    "cost": "cost per prediction",
}
"""What the mean of a loss is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLosses:
    """Arrays of one entry for each row, shape (n,).

    Attributes
    ----------
    name
        Which loss it is: the distance of a predicted number, the squared distance of
        probabilities, or whether a class is wrong.
    losses
        In their own unit.
    predictions, came
        The prediction as a number, and what came beside it: of two classes the label, of more
        whether the answer was right, of numbers how far above the prediction the truth lay.
    """

    name: WatchedLoss
    losses: Floats
    predictions: Floats
    came: Floats


def row_losses(rows: Scorable) -> RowLosses:
    """Return what each row lost."""
    labels, scores = rows.labels, rows.scores
    if rows.task == "regression":
        assert scores is not None
        return RowLosses(
            name="absolute_error",
            losses=absolute_losses(labels, scores),
            predictions=scores,
            came=labels - scores,
        )
    if scores is None:
        assert rows.predicted is not None
        errors = error_losses(labels, rows.predicted)
        came = labels.astype(np.float64) if rows.task == "binary" else 1.0 - errors
        answered = rows.predicted.astype(np.float64)
        return RowLosses(name="error", losses=errors, predictions=answered, came=came)
    losses = brier_losses(labels, scores)
    if rows.task == "binary":
        return RowLosses(name="brier", losses=losses, predictions=scores, came=labels)
    right = scores.argmax(axis=1) == labels
    return RowLosses(
        name="brier",
        losses=losses,
        predictions=scores.max(axis=1),
        came=right.astype(np.float64),
    )
