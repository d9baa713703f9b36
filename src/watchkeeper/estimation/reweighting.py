"""What was left wrong on reference rows like a bucket's, put right as far as they can show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation.calibration import log_odds
from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.points import ColumnSupport, points

Floats = NDArray[np.float64]

_MOST_ROWS, _MOST_ASKED = 12_000, 5_000
_RIDGE_RATIO = 0.03
_LEAST_LOG_WEIGHT, _MOST_LOG_WEIGHT = -4.0, 3.0
_SHIFT_PRECISION, _SLOPE_PRECISION = 500.0, 1_000.0
_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Rows of the reference, up to 12,000: where they lie, what was expected, what came.

    Attributes
    ----------
    columns
        How rows are placed.
    places
        Shape (rows, coordinates).
    expected
        Chance of each class by a label model that had not seen the row, shape (rows, classes).
    labels
        Index of the class, shape (rows,).
    """

    columns: tuple[ColumnSupport, ...]
    places: NDArray[np.float16]
    expected: Floats
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """How much each remembered row is like a bucket's.

    Attributes
    ----------
    weights
        Their sum is the effective number of rows.
    effective_ratio
        That number as a share of all.
    """

    weights: Floats
    effective_ratio: float


def remember(
    columns: tuple[ColumnSupport, ...],
    inputs: Inputs,
    expected: Floats,
    labels: NDArray[np.int64],
    *,
    seed: int = 0,
) -> Remembered:
    """Keep some random rows of the reference."""
    chosen = np.random.default_rng(seed).permutation(inputs.rows)[:_MOST_ROWS]
    return Remembered(
        columns=columns,
        places=points(columns, inputs.take(chosen)).astype(np.float16),
        expected=expected[chosen],
        labels=labels[chosen],
    )


def weigh(remembered: Remembered, inputs: Inputs, *, seed: int = 0) -> Weighted:
    """Weigh remembered rows by how much denser a bucket is where they lie.

    The ratio of densities is that of the odds of a classifier which tells the two apart: logistic
    regression with a ridge on places and their squares. Weights are cut at e^-4 and e^3.

    References
    ----------
    S. Bickel, M. Brueckner, T. Scheffer (2009), Discriminative learning under covariate shift,
    JMLR 10.
    """
    if inputs.rows > _MOST_ASKED:
        inputs = inputs.take(np.random.default_rng(seed).permutation(inputs.rows)[:_MOST_ASKED])
    before = _terms(remembered.places.astype(np.float64))
    now = _terms(points(remembered.columns, inputs).astype(np.float64))
    mean, scale = before.mean(axis=0), before.std(axis=0)
    varied = scale > 1e-6
    both = (np.vstack([before, now])[:, varied] - mean[varied]) / scale[varied]
    both = np.column_stack([np.ones(len(both)), both])
    is_now = np.concatenate([np.zeros(len(before)), np.ones(len(now))])
    mass = np.where(is_now > 0, 1.0, len(now) / len(before))
    ridge = np.full(both.shape[1], _RIDGE_RATIO * len(now))
    ridge[0] = 1e-9
    found = _logistic(both, is_now, mass, ridge, np.zeros(len(both)))
    odds = np.clip(both[: len(before)] @ found, _LEAST_LOG_WEIGHT, _MOST_LOG_WEIGHT)
    weights = np.exp(odds)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Weighted(
        weights=weights * effective / weights.sum(), effective_ratio=effective / len(weights)
    )


def put_right(remembered: Remembered, weighted: Weighted, chances: Floats) -> Floats:
    """Return chances corrected by how wrong they were on weighted reference rows.

    Level and slope of the log odds are fitted anew, held back towards what they were as if by 500
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
    move = _logistic(terms, is_k, weighted.weights, precision, before)
    now = log_odds(chances)
    return np.asarray(expit(now + move[0] + move[1] * (now - centre)))


def _terms(places: Floats) -> Floats:
    return np.column_stack([places, (places - 0.5) ** 2])


def _logistic(terms: Floats, y: Floats, weights: Floats, ridge: Floats, offset: Floats) -> Floats:
    found = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        p = expit(offset + terms @ found)
        gradient = terms.T @ (weights * (p - y)) + ridge * found
        spread = weights * np.maximum(p * (1.0 - p), 1e-6)
        curvature = (terms * spread[:, None]).T @ terms + np.diag(ridge)
        found -= np.linalg.solve(curvature, gradient)
    return found
