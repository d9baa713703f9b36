"""What was left wrong on reference rows like a bucket's, put right as far as they can show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation.calibration import log_odds
from watchkeeper.estimation.reweighting import Placed, Weighted, logistic

Floats = NDArray[np.float64]

_SHIFT_PRECISION, _SLOPE_PRECISION = 1_000.0, 2_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Placed rows of the reference: what was expected of them, and what came.

    Attributes
    ----------
    expected
        Chance of each class by a label model that had not seen the row, shape (rows, classes).
    labels
        Index of the class, shape (rows,).
    """

    expected: Floats
    labels: NDArray[np.int64]


def remember(placed: Placed, expected: Floats, labels: NDArray[np.int64]) -> Remembered:
    """Keep what is known of the placed rows."""
    return Remembered(expected=expected[placed.chosen], labels=labels[placed.chosen])


def put_right(remembered: Remembered, weighted: Weighted, chances: Floats) -> Floats:
    """Return chances corrected by how wrong they were on weighted reference rows.

    Level and slope of the log odds are fitted anew, held back towards what they were as if by 1,000
    rows' worth of evidence: where the label model is right under the shift nothing changes, and
    where few rows are alike little can.

    Parameters
    ----------
    chances
        Of each class, shape (rows, classes).

    References
    ----------
    J. Bialek, J. Kivimaki, W. Kuberski, N. Perrakis (2024), Estimating model performance under
    covariate shift without labels (weighted calibration); J. M. Robins, A. Rotnitzky, L. P. Zhao
    (1994), Estimation of regression coefficients when some regressors are not always observed,
    JASA 89 (a model and weights, of which one has to be right).
    """
    classes = chances.shape[1]
    if classes == 2:
        positive = _one_class(remembered, weighted, chances[:, 1], 1)
        return np.column_stack([1.0 - positive, positive])
    each = [_one_class(remembered, weighted, chances[:, k], k) for k in range(classes)]
    found = np.stack(each, axis=1)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _one_class(remembered: Remembered, weighted: Weighted, chances: Floats, k: int) -> Floats:
    before = log_odds(remembered.expected[:, k])
    spread = expit(before) * (1.0 - expit(before))
    centre = float(np.average(before, weights=np.maximum(spread, 1e-9)))
    terms = np.column_stack([np.ones(len(before)), before - centre])
    precision = np.array([_SHIFT_PRECISION, _SLOPE_PRECISION])
    is_k = (remembered.labels == k).astype(np.float64)
    move = logistic(terms, is_k, weighted.weights, precision, before)
    now = log_odds(chances)
    return np.asarray(expit(now + move[0] + move[1] * (now - centre)))
