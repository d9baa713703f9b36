"""Scores turned into probabilities by a smooth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

_NEAREST = 1e-6
_QUANTILES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
_RIDGE, _SLOPE_RIDGE = 1.0, 1e-2
_STEPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A piecewise linear map of log odds of scores to log odds of labels.

    Attributes
    ----------
    knots
        Where the slope may change.
    weights
        Of 1, the log odds, and what they exceed each knot by; shape (knots + 2,).
    """

    knots: Floats
    weights: Floats

    def log_odds(self, scores: Floats) -> Floats:
        """Return calibrated log odds, shape (rows,)."""
        found: Floats = _terms(scores, self.knots) @ self.weights
        return found

    def moved(self, level: float, slope: float) -> Calibration:
        """Return a curve of ``level`` and ``slope`` times this one."""
        weights = slope * self.weights
        weights[0] += level
        return Calibration(knots=self.knots, weights=weights)


def log_odds(scores: Floats) -> Floats:
    """Return log odds; scores nearer to 0 or 1 than a millionth count as that near."""
    found: Floats = logit(np.clip(scores, _NEAREST, 1.0 - _NEAREST))
    return found


def fit_calibration(scores: Floats, labels: Floats, weights: Floats | None = None) -> Calibration:
    """Return the curve of the greatest likelihood, held back towards a straight line.

    Parameters
    ----------
    labels
        0 or 1.
    weights
        Of the rows; 1 by default.

    References
    ----------
    J. Platt (1999), Probabilistic outputs for support vector machines (a straight line);
    P. H. C. Eilers, B. D. Marx (1996), Flexible smoothing with B-splines and penalties,
    Statistical Science 11.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.uniform(size=20_000)
    >>> labels = (rng.uniform(size=20_000) < truth).astype(float)
    >>> overconfident = expit(2 * logit(truth))
    >>> found = fit_calibration(overconfident, labels).log_odds(overconfident)
    >>> bool(np.abs(expit(found) - truth).mean() < 0.01)
    True
    """
    w = np.ones(len(labels)) if weights is None else weights
    knots = np.unique(np.quantile(log_odds(scores), _QUANTILES))
    terms = _terms(scores, knots)
    scale = np.maximum(terms.std(axis=0), 1e-9)
    scale[0] = 1.0
    terms = terms / scale
    ridge = np.full(terms.shape[1], _RIDGE)
    ridge[:2] = _SLOPE_RIDGE
    found = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        p = expit(terms @ found)
        gradient = terms.T @ (w * (p - labels)) + ridge * found
        curvature = (terms * (w * np.maximum(p * (1.0 - p), 1e-6))[:, None]).T @ terms
        move = np.linalg.solve(curvature + np.diag(ridge), gradient)
        # A step of Newton's may be too long where the curve is nearly flat.
        move *= min(1.0, 4.0 / max(float(np.abs(move).max()), 1e-12))
        found -= move
        if np.abs(move).max() < 1e-8:
            break
    return Calibration(knots=knots, weights=found / scale)


def _terms(scores: Floats, knots: Floats) -> Floats:
    odds = log_odds(scores)
    above = np.maximum(odds[:, None] - knots[None, :], 0.0)
    found: Floats = np.column_stack([np.ones(len(odds)), odds, above])
    return found
