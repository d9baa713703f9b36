"""How often chance alone would take labels as far from their estimate as they came."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

_DRAWS = 1_999
_AT_ONCE = 200_000


def label_p_value(
    labels: NDArray[np.int64],
    chances: Floats,
    slopes: Floats,
    *,
    own_variance: float = 0.0,
    seed: int = 0,
) -> float:
    """Return the p-value of labels drawn by their chances, two-sided.

    Labels are drawn anew 1,999 times. So it holds for few labels and rare classes, too, where an
    error estimated from the labels themselves would be far too small. At least 0.0005.

    Parameters
    ----------
    labels
        Index of the class of each row, shape (rows,).
    chances
        Of each class, shape (rows, classes).
    slopes
        How much the metric grows with each row's label being of each class, shape (rows, classes).
    own_variance
        Variance of the estimator's own error in the metric.

    References
    ----------
    G. A. Barnard (1963), discussion of Bartlett, JRSS B 25 (Monte Carlo tests); J. Besag,
    P. Clifford (1989), Generalized Monte Carlo significance tests, Biometrika 76.

    Examples
    --------
    >>> sure = np.tile([0.05, 0.95], (10, 1))
    >>> right = np.tile([0.0, 0.1], (10, 1))  # accuracy, where all answers are the second class
    >>> label_p_value(np.ones(10, int), sure, right) > 0.5
    True
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(labels))
    expected = float((chances * slopes).sum())
    limits = chances.cumsum(axis=1)[:, :-1]
    own = math.sqrt(own_variance)

    distance = abs(float(slopes[rows, labels].sum()) - expected)
    beyond = 0
    at_once = max(_AT_ONCE // max(len(labels), 1), 1)
    for done in range(0, _DRAWS, at_once):
        draws = min(at_once, _DRAWS - done)
        drawn = (rng.random((draws, len(labels), 1)) > limits).sum(axis=2)
        apart = slopes[rows, drawn].sum(axis=1) - expected + own * rng.standard_normal(draws)
        beyond += int((np.abs(apart) >= distance * (1.0 - 1e-9)).sum())
    return (1 + beyond) / (1 + _DRAWS)


def mean_p_value(bias: float, *variances: float, own_variance: float) -> float:
    """Return the p-value of a mean's distance from its estimate, two-sided.

    Parameters
    ----------
    variances
        Of the mean by chance, as different sources say: the greatest counts.
    """
    error = math.sqrt(max(variances) + own_variance)
    return 2.0 * float(ndtr(-abs(bias) / error)) if error > 0 else float(bias == 0.0)
