"""How much each row of the reference is like a bucket's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.points import ColumnSupport, points

Floats = NDArray[np.float64]

_MOST_ROWS, _MOST_ASKED = 12_000, 5_000
_RIDGE_RATIO = 0.03
_LEAST_LOG_WEIGHT, _MOST_LOG_WEIGHT = -4.0, 3.0
_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Rows of the reference, up to 12,000, and where they lie.

    Attributes
    ----------
    columns
        How rows are placed.
    places
        Shape (rows, coordinates).
    chosen
        Which rows of the reference they are, shape (rows,).
    """

    columns: tuple[ColumnSupport, ...]
    places: NDArray[np.float16]
    chosen: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """How much each placed row is like a bucket's.

    Attributes
    ----------
    weights
        Their sum is the effective number of rows.
    effective_ratio
        That number as a share of all.
    """

    weights: Floats
    effective_ratio: float


def place(columns: tuple[ColumnSupport, ...], inputs: Inputs, *, seed: int = 0) -> Placed:
    """Place some random rows of the reference."""
    chosen = np.random.default_rng(seed).permutation(inputs.rows)[:_MOST_ROWS]
    placed = points(columns, inputs.take(chosen)).astype(np.float16)
    return Placed(columns=columns, places=placed, chosen=chosen)


def weigh(placed: Placed, inputs: Inputs, *, seed: int = 0) -> Weighted:
    """Weigh rows of the reference by how much denser a bucket is where they lie.

    The ratio of densities is that of the odds of a classifier which tells the two apart: logistic
    regression with a ridge on places and their squares. Weights are cut at e^-4 and e^3.

    References
    ----------
    S. Bickel, M. Brueckner, T. Scheffer (2009), Discriminative learning under covariate shift,
    JMLR 10.
    """
    if inputs.rows > _MOST_ASKED:
        inputs = inputs.take(np.random.default_rng(seed).permutation(inputs.rows)[:_MOST_ASKED])
    before = _terms(placed.places.astype(np.float64))
    now = _terms(points(placed.columns, inputs).astype(np.float64))
    mean, scale = before.mean(axis=0), before.std(axis=0)
    varied = scale > 1e-6
    both = (np.vstack([before, now])[:, varied] - mean[varied]) / scale[varied]
    both = np.column_stack([np.ones(len(both)), both])
    is_now = np.concatenate([np.zeros(len(before)), np.ones(len(now))])
    mass = np.where(is_now > 0, 1.0, len(now) / len(before))
    ridge = np.full(both.shape[1], _RIDGE_RATIO * len(now))
    ridge[0] = 1e-9
    found = logistic(both, is_now, mass, ridge, np.zeros(len(both)))
    odds = np.clip(both[: len(before)] @ found, _LEAST_LOG_WEIGHT, _MOST_LOG_WEIGHT)
    weights = np.exp(odds)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Weighted(
        weights=weights * effective / weights.sum(), effective_ratio=effective / len(weights)
    )


def logistic(terms: Floats, y: Floats, weights: Floats, ridge: Floats, offset: Floats) -> Floats:
    """Return the coefficients of a weighted logistic regression beyond an offset, with a ridge."""
    found = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        p = expit(offset + terms @ found)
        gradient = terms.T @ (weights * (p - y)) + ridge * found
        spread = weights * np.maximum(p * (1.0 - p), 1e-6)
        curvature = (terms * spread[:, None]).T @ terms + np.diag(ridge)
        found -= np.linalg.solve(curvature, gradient)
    return found


def _terms(places: Floats) -> Floats:
    return np.column_stack([places, (places - 0.5) ** 2])
