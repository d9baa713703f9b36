"""Metrics of predicted classes, from the confusion matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from watchkeeper.errors import SettingsError
from watchkeeper.metrics.quality.averages import macro
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.pairs import Pairs
from watchkeeper.metrics.quality.scored import Floats


def accuracy(pairs: Pairs) -> Estimated:
    """Return the share of rows whose class was predicted."""
    return pairs.mean(np.eye(pairs.classes), "share")


def precision(pairs: Pairs, index: int) -> Finding:
    """Return the share of true ones among the rows predicted as class ``index``."""
    empty = "The class was never predicted."
    return pairs.ratio(pairs.hit(index), pairs.predicted(index), empty)


def recall(pairs: Pairs, index: int) -> Finding:
    """Return the share of rows of class ``index`` that were predicted as it."""
    return pairs.ratio(pairs.hit(index), pairs.true(index), "No row has the class.")


def positive_rate(pairs: Pairs) -> Estimated:
    """Return the share of rows whose predicted class is the positive one."""
    return pairs.mean(pairs.predicted(1), "share")


def f_beta(pairs: Pairs, index: int, beta: float) -> Finding:
    """Return the weighted harmonic mean of precision and recall of class ``index``.

    References
    ----------
    C. J. van Rijsbergen (1979), Information retrieval, 2nd edition.
    """
    weight = beta**2
    below = pairs.predicted(index) + weight * pairs.true(index)
    empty = "The class was neither predicted nor true."
    return pairs.ratio((1.0 + weight) * pairs.hit(index), below, empty)


def balanced_accuracy(pairs: Pairs) -> Finding:
    """Return the mean recall of the classes that have a row."""
    found = [recall(pairs, index) for index in range(pairs.classes)]
    return macro([one for one in found if not isinstance(one, Unsaid)])


def cost_table(choice: QualityChoice, classes: int) -> Floats:
    """Return the owner's cost matrix as an array, shape (classes, classes).

    Raises
    ------
    SettingsError
        If it has another shape.
    """
    matrix = choice.cost_matrix or ()
    if len(matrix) != classes or any(len(line) != classes for line in matrix):
        raise SettingsError(
            f"cost_matrix must have {classes} lines (true classes) of {classes} costs (predicted "
            f"classes); got lines of {[len(line) for line in matrix]}."
        )
    return np.array(matrix, dtype=np.float64)


def mean_cost(pairs: Pairs, cost_matrix: Floats) -> Estimated:
    """Return the mean cost of a prediction; ``cost_matrix`` is by true and predicted class."""
    found = pairs.mean(cost_matrix, "share")
    return replace(found, least=float(cost_matrix.min()), most=float(cost_matrix.max()))


def mcc(pairs: Pairs) -> Finding:
    """Return Matthews' correlation coefficient, for any number of classes.

    References
    ----------
    B. W. Matthews (1975), Comparison of the predicted and observed secondary structure of T4
    phage lysozyme; J. Gorodkin (2004), Comparing two K-category assignments by a K-category
    correlation coefficient.
    """
    rows = float(pairs.counts.sum())
    parts = pairs.counts / rows
    true, predicted = parts.sum(axis=1), parts.sum(axis=0)
    apart = (1.0 - predicted @ predicted, 1.0 - true @ true)
    # Rows of one class leave a rounding error above 0.
    if min(np.count_nonzero(true), np.count_nonzero(predicted)) < 2:
        return Unsaid(reason="All rows have one class, true or predicted.")
    scale = float(np.sqrt(apart[0] * apart[1]))
    together = float(np.trace(parts) - predicted @ true)
    value = together / scale
    # Of each pair: what a little more of it changes.
    grows = np.eye(pairs.classes) - (predicted[:, None] + true[None, :])
    grows += 2.0 * float(predicted @ true) - float(np.trace(parts))
    narrows = -2.0 * (predicted[None, :] - predicted @ predicted) / apart[0]
    narrows = narrows - 2.0 * (true[:, None] - true @ true) / apart[1]
    influence = grows / scale - value / 2.0 * narrows
    support = float(min(true[true > 0].min(), predicted[predicted > 0].min())) * rows
    return pairs.estimated(min(max(value, -1.0), 1.0), influence, "signed", support)
