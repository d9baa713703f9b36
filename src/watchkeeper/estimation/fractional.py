"""Classification metrics where a label is the part of a row that is positive, 0 to 1.

With true labels (0 or 1) they are the usual metrics; with the chance of a positive label they are
what is to be expected. Each comes with its derivatives, from which errors follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_SCORE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A metric of rows, and how it depends on them.

    Attributes
    ----------
    value
        NaN where it is not defined, as precision is when nothing is predicted positive.
    by_label
        Derivative by each row's label, shape (rows,), or by the chance of each of its classes,
        shape (rows, classes).
    by_row
        Influence of each row, mean 0 where the metric is one of means, shape (rows,): the metric's
        variance over samples of rows is theirs, divided by the rows.
    """

    value: float
    by_label: Floats
    by_row: Floats


def roc_auc(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the chance that a positive row scores above a negative row; ties count half.

    A row is never compared with itself, whatever part of it is positive.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44 (placements).
    """
    rest = 1.0 - labels
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    first = np.searchsorted(ordered, scores, "left")
    last = np.searchsorted(ordered, scores, "right")
    negatives_below = _half_below(rest[order], first, last) - 0.5 * rest
    positives_above = labels.sum() - _half_below(labels[order], first, last) - 0.5 * labels
    pairs = float(labels.sum() * rest.sum() - labels @ rest)
    if pairs <= 0.0:
        return _undefined(labels)
    auc = float(labels @ negatives_below) / pairs
    # Each pair is a positive and a negative row: it changes with either.
    by_label = (negatives_below - positives_above) / pairs
    by_label -= auc * ((rest.sum() - rest) - (labels.sum() - labels)) / pairs
    mass = labels * (negatives_below - auc * (rest.sum() - rest))
    mass += rest * (positives_above - auc * (labels.sum() - labels))
    return Value(value=auc, by_label=by_label, by_row=mass * len(labels) / pairs)


def accuracy(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the part of the rows whose class is predicted."""
    return _mean(labels, right=predicted, wrong=1.0 - predicted)


def brier(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the mean squared difference of score and label."""
    return _mean(labels, right=(1.0 - scores) ** 2, wrong=scores**2)


def log_loss(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the mean negative logarithm of the score of what is true."""
    positive = -np.log(np.maximum(scores, _LEAST_SCORE))
    negative = -np.log(np.maximum(1.0 - scores, _LEAST_SCORE))
    return _mean(labels, right=positive, wrong=negative)


def precision(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the part of the rows predicted positive that are."""
    return _ratio(labels, top=predicted, bottom=(np.zeros(len(labels)), predicted))


def recall(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the part of the positive rows that are predicted so."""
    return _ratio(labels, top=predicted, bottom=(np.ones(len(labels)), np.zeros(len(labels))))


def specificity(labels: Floats, scores: Floats, predicted: Floats) -> Value:
    """Return the part of the negative rows that are predicted so."""
    mirrored = recall(1.0 - labels, 1.0 - scores, 1.0 - predicted)
    return Value(value=mirrored.value, by_label=-mirrored.by_label, by_row=mirrored.by_row)


def f_beta(labels: Floats, scores: Floats, predicted: Floats, beta: float = 1.0) -> Value:
    """Return the harmonic mean of precision and recall, the latter weighing ``beta`` squared."""
    weight = beta**2
    return _ratio(
        labels,
        top=(1.0 + weight) * predicted,
        bottom=(np.full(len(labels), weight), predicted),
    )


def mean_of(chances: Floats, each: Floats) -> Value:
    """Return the mean of what a row gives by its class.

    Parameters
    ----------
    chances
        Of each class, shape (rows, classes).
    each
        What a row gives if it is of that class, same shape.
    """
    by_row = (chances * each).sum(axis=1)
    value = float(by_row.mean()) if len(by_row) else float("nan")
    return Value(value=value, by_label=each / max(len(by_row), 1), by_row=by_row - value)


def _without_beta(
    metric: Callable[[Floats, Floats, Floats], Value],
) -> Callable[[Floats, Floats, Floats, float], Value]:
    return lambda labels, scores, predicted, _: metric(labels, scores, predicted)


BINARY_METRICS: Mapping[str, Callable[[Floats, Floats, Floats, float], Value]] = MappingProxyType(
    {
        "roc_auc": _without_beta(roc_auc),
        "accuracy": _without_beta(accuracy),
        "precision": _without_beta(precision),
        "recall": _without_beta(recall),
        "f_beta": f_beta,
        "specificity": _without_beta(specificity),
        "brier": _without_beta(brier),
        "log_loss": _without_beta(log_loss),
    }
)
"""By name; each takes labels, scores and predicted classes (0 or 1), shape (rows,), and beta."""


def _half_below(weights: Floats, first: NDArray[np.int64], last: NDArray[np.int64]) -> Floats:
    """Return the weight below each score; that of equal scores counts half."""
    before = np.concatenate([[0.0], np.cumsum(weights)])
    half: Floats = 0.5 * (before[first] + before[last])
    return half


def _mean(labels: Floats, *, right: Floats, wrong: Floats) -> Value:
    """Return the mean of what a row gives if positive and if negative."""
    each = labels * right + (1.0 - labels) * wrong
    value = float(each.mean()) if len(each) else float("nan")
    return Value(value=value, by_label=(right - wrong) / max(len(each), 1), by_row=each - value)


def _ratio(labels: Floats, *, top: Floats, bottom: tuple[Floats, Floats]) -> Value:
    """Return the sum of ``label * top`` over that of ``label * bottom[0] + bottom[1]``."""
    below = labels * bottom[0] + bottom[1]
    total = float(below.sum())
    if total <= 0.0:
        return _undefined(labels)
    value = float(labels @ top) / total
    return Value(
        value=value,
        by_label=(top - value * bottom[0]) / total,
        by_row=(labels * top - value * below) * len(labels) / total,
    )


def _undefined(labels: Floats) -> Value:
    return Value(value=float("nan"), by_label=np.zeros(len(labels)), by_row=np.zeros(len(labels)))
