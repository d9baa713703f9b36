"""The probabilities that a classifier told, and whether they came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.metrics.quality.calibration import CalibrationBin, calibration_curve
from watchkeeper.metrics.quality.clusters import clusters
from watchkeeper.metrics.quality.scored import Floats, Integers, ScoredRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Probabilities:
    """Probabilities, 0 to 1, and whether what they are of came true, 0 or 1, shape (n,).

    Attributes
    ----------
    entities
        Which of them belong together; ``None``: each stands alone.
    """

    told: Floats
    came_true: Floats
    entities: Integers | None


def probabilities_of(rows: ScoredRows) -> Probabilities | None:
    """Return what a classifier told; ``None`` of other tasks, or where only classes were predicted.

    Binary: of the positive class. Multiclass: of the class that was predicted. Multilabel: of every
    label of every row, those of a row belonging together.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017), On calibration of modern neural networks,
    ICML (of several classes, that of the predicted one).

    Examples
    --------
    >>> rows = ScoredRows(
    ...     task="multiclass", labels=np.array([0, 2]), scores=np.array([[0.7, 0.2, 0.1]] * 2)
    ... )
    >>> found = probabilities_of(rows)
    >>> found.told.tolist(), found.came_true.tolist()
    ([0.7, 0.7], [1.0, 0.0])
    """
    if rows.scores is None or not len(rows):
        return None
    scores = np.asarray(rows.scores, dtype=np.float64)
    labels = np.asarray(rows.labels, dtype=np.float64)
    if rows.task == "binary":
        return Probabilities(told=scores, came_true=labels, entities=rows.entities)
    if rows.task == "multiclass":
        predicted = scores.argmax(axis=1) if rows.predicted is None else rows.predicted
        of_predicted = scores[np.arange(len(scores)), predicted]
        right = (labels == predicted).astype(np.float64)
        return Probabilities(told=of_predicted, came_true=right, entities=rows.entities)
    if rows.task == "multilabel":
        own = np.arange(len(rows)) if rows.entities is None else rows.entities
        together = np.repeat(own, labels.shape[1])
        return Probabilities(told=scores.ravel(), came_true=labels.ravel(), entities=together)
    return None


def probability_curve(rows: ScoredRows, bins: int) -> tuple[CalibrationBin, ...]:
    """Return how often what a classifier told came true, by bins of equal width; maybe none."""
    found = probabilities_of(rows)
    if found is None:
        return ()
    return calibration_curve(found.told, found.came_true, bins, clusters(found.entities))
