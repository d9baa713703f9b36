"""Variances of many series, each from few values, made trustworthy by borrowing from the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma, psi

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratedVariance:
    """Posterior variances and the degrees of freedom behind them, one each per series."""

    variance: Floats
    degrees: Floats


def moderate(variance: Floats, degrees: Floats, *, most: float = 1e4) -> ModeratedVariance:
    """Shrink variances towards their common prior, as far as the series agree.

    Parameters
    ----------
    variance
        Sample variances, shape (series,), > 0.
    degrees
        Their degrees of freedom, shape (series,), > 0.
    most
        Bound on the degrees of freedom of the prior.

    Notes
    -----
    Smyth 2004, "Linear models and empirical Bayes methods for assessing differential expression":
    scaled inverse chi-square prior, fitted to the logarithms of the variances by moments.

    Examples
    --------
    >>> moderate(np.array([1.0, 1.1, 0.9]), np.full(3, 5.0)).variance.round(2).tolist()
    [1.23, 1.23, 1.23]
    """
    if len(variance) < 2:
        return ModeratedVariance(variance=variance.copy(), degrees=degrees.copy())
    half = degrees / 2.0
    log = np.log(variance) - psi(half) + np.log(half)
    centre = float(log.mean())
    spread = float(np.var(log, ddof=1) - polygamma(1, half).mean())
    prior_degrees = most if spread <= 0 else min(most, 2.0 * _trigamma_inverse(spread))
    prior = float(np.exp(centre + psi(prior_degrees / 2.0) - np.log(prior_degrees / 2.0)))
    total = degrees + prior_degrees
    return ModeratedVariance(
        variance=(prior_degrees * prior + degrees * variance) / total, degrees=total
    )


def _trigamma_inverse(value: float) -> float:
    """Solve trigamma(x) = value by Newton's method (Smyth 2004, appendix)."""
    x = 0.5 + 1.0 / value
    for _ in range(60):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1.0 - trigamma / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-10:
            break
    return float(x)
