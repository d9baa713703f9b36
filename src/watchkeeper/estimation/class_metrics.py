"""Metrics of classifiers from the chances of each class, one class at a time or all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.fractional import (
    BINARY_METRICS,
    Value,
    mean_of,
)
from watchkeeper.estimation.predictions import ClassPredictions

Floats = NDArray[np.float64]
CostMatrix = tuple[tuple[float, ...], ...]

_LEAST_SCORE = 1e-12
_MACRO = {
    "macro_precision": "precision",
    "macro_recall": "recall",
    "macro_f_beta": "f_beta",
    "roc_auc": "roc_auc",
}


def class_metric(
    name: str,
    chances: Floats,
    rows: ClassPredictions,
    *,
    beta: float = 1.0,
    cost_matrix: CostMatrix | None = None,
) -> Value:
    """Return a metric of rows whose labels are known, or known by their chances.

    Of more than two classes, the area under the ROC curve is the mean over the classes, each
    against the rest.

    Parameters
    ----------
    chances
        Of each class, shape (rows, classes); 0 and 1 for known labels.
    """
    classes = chances.shape[1]
    if name == "cost":
        matrix = np.asarray(cost_matrix if cost_matrix is not None else 1.0 - np.eye(classes))
        return mean_of(chances, matrix.T[rows.predicted])
    if classes == 2:
        one = BINARY_METRICS[name](
            chances[:, 1], rows.scores[:, 1], (rows.predicted == 1).astype(np.float64), beta
        )
        by_label = np.column_stack([np.zeros(len(chances)), one.by_label])
        return Value(value=one.value, by_label=by_label, by_row=one.by_row)
    if name in _MACRO:
        return _macro(_MACRO[name], chances, rows, beta)
    return mean_of(chances, _EACH[name](rows))


def _macro(name: str, chances: Floats, rows: ClassPredictions, beta: float) -> Value:
    """Return the mean over the classes for which the metric is defined."""
    found: list[tuple[int, Value]] = []
    for k in range(chances.shape[1]):
        answered = (rows.predicted == k).astype(np.float64)
        one = BINARY_METRICS[name](chances[:, k], rows.scores[:, k], answered, beta)
        if not np.isnan(one.value):
            found.append((k, one))
    by_label = np.zeros(chances.shape)
    if not found:
        return Value(value=float("nan"), by_label=by_label, by_row=np.zeros(len(chances)))
    for k, one in found:
        by_label[:, k] = one.by_label / len(found)
    return Value(
        value=float(np.mean([one.value for _, one in found])),
        by_label=by_label,
        by_row=np.mean([one.by_row for _, one in found], axis=0),
    )


def _right(rows: ClassPredictions) -> Floats:
    return np.asarray(np.eye(rows.scores.shape[1])[rows.predicted])


def _surprise(rows: ClassPredictions) -> Floats:
    return np.asarray(-np.log(np.maximum(rows.scores, _LEAST_SCORE)))


def _squares(rows: ClassPredictions) -> Floats:
    total = (rows.scores**2).sum(axis=1, keepdims=True)
    return np.asarray(total - 2.0 * rows.scores + 1.0)


_EACH: Mapping[str, Callable[[ClassPredictions], Floats]] = MappingProxyType(
    {"accuracy": _right, "log_loss": _surprise, "brier": _squares}
)

BINARY: tuple[str, ...] = (
    "roc_auc",
    "accuracy",
    "precision",
    "recall",
    "f_beta",
    "specificity",
    "brier",
    "log_loss",
)
MULTICLASS: tuple[str, ...] = (
    "roc_auc",
    "accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f_beta",
    "brier",
    "log_loss",
)
