"""What a labelled prediction lost: an error, a squared or logarithmic loss, a distance."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
LossName: TypeAlias = Literal["error", "label_error", "brier", "log_loss", "absolute_error"]

LARGEST_LOG_LOSS: Final = 6.907755278982137
"""Log loss of a label that was given a probability of 0.001: a larger loss counts as this."""

_FAR = 0.99


def error_losses(labels: NDArray[np.generic], predicted: NDArray[np.generic]) -> Floats:
    """Return 1 for a wrong class and 0 for a right one, shape (n,).

    Examples
    --------
    >>> error_losses(np.array(["a", "b"]), np.array(["a", "a"])).tolist()
    [0.0, 1.0]
    """
    return np.asarray(labels != predicted, dtype=np.float64)


def label_losses(labels: Floats, said: NDArray[np.int64]) -> Floats:
    """Return what share of the labels that are true or said is not both, 0 where none is either.

    What other labels there are makes no difference (Jaccard 1912).

    Parameters
    ----------
    labels, said
        1 or 0 for each label, shape (n, k).

    Examples
    --------
    >>> label_losses(np.array([[1.0, 1, 0], [0, 0, 0]]), np.array([[1, 0, 0], [0, 0, 0]])).tolist()
    [0.5, 0.0]
    """
    either = np.maximum(labels, said).sum(axis=1)
    wrong = np.abs(labels - said).sum(axis=1)
    losses: Floats = wrong / np.maximum(either, 1.0)
    return losses


def brier_losses(labels: NDArray[np.generic], scores: Floats) -> Floats:
    """Return the squared distance of the probabilities from what came, from 0 to 1.

    Parameters
    ----------
    labels
        0 or 1, shape (n,), or the index of the class.
    scores
        Probability of 1, shape (n,), or of each class, shape (n, k); then the sum over the
        classes is halved, so that for two classes both forms agree (Brier 1950).

    Examples
    --------
    >>> brier_losses(np.array([1, 0]), np.array([0.9, 0.5])).round(2).tolist()
    [0.01, 0.25]
    """
    if scores.ndim == 1:
        return (scores - labels.astype(np.float64)) ** 2
    came = np.zeros_like(scores)
    came[np.arange(len(labels)), labels.astype(np.intp)] = 1.0
    halved: Floats = 0.5 * ((scores - came) ** 2).sum(axis=1)
    return halved


def log_losses(labels: NDArray[np.generic], scores: Floats) -> Floats:
    """Return minus the logarithm of the probability of what came, at most 6.9.

    Parameters are those of `brier_losses`.

    Examples
    --------
    >>> log_losses(np.array([1, 0]), np.array([0.9, 0.0])).round(4).tolist()
    [0.1054, 0.0]
    """
    if scores.ndim == 1:
        given = np.where(labels.astype(np.float64) > 0.5, scores, 1.0 - scores)
    else:
        given = scores[np.arange(len(labels)), labels.astype(np.intp)]
    least = np.exp(-LARGEST_LOG_LOSS)
    losses: Floats = np.abs(np.log(np.clip(given, least, 1.0)))
    return losses


def absolute_losses(labels: Floats, predicted: Floats) -> Floats:
    """Return the distance of a predicted number from what came."""
    return np.abs(predicted - labels)


def largest_loss(loss: LossName, reference: Floats) -> float:
    """Return where a loss is cut off, so that it has a largest value.

    Parameters
    ----------
    reference
        Losses of the baseline, at least one.

    Notes
    -----
    A distance has no largest value of its own; it is cut off at the baseline's 99th percentile
    and a half more, so that a few rows far out do not drown what the others say.
    """
    if loss == "log_loss":
        return LARGEST_LOG_LOSS
    if loss != "absolute_error":
        return 1.0
    far = 1.5 * float(np.quantile(reference, _FAR))
    return far if far > 0.0 else 1.0
