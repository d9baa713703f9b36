"""A mean from a few true values and many predicted ones: prediction-powered inference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from watchkeeper.errors import NotEnoughDataError

Floats = NDArray[np.float64]

LEAST_LABELS = 10
"""Fewer true values than this say nothing about how wrong the predicted ones are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoweredMean:
    """A mean with its interval, and how far the predicted values were off.

    Attributes
    ----------
    value, low, high
        The mean and its interval.
    standard_error
        Of `value`.
    trust
        How much the predicted values count, 0 (not at all) to 1 (as if they were true): the
        tuning parameter of PPI++.
    bias
        Mean of predicted less true values, over the rows that have both.
    bias_standard_error
        Of `bias`.
    """

    value: float
    low: float
    high: float
    standard_error: float
    trust: float
    bias: float
    bias_standard_error: float


def powered_mean(
    true: ArrayLike, predicted: ArrayLike, predicted_elsewhere: ArrayLike, *, level: float = 0.95
) -> PoweredMean:
    """Return the mean over a population of which a few random rows have a true value.

    It is the true values' mean, corrected by how much the predicted values of those rows differ
    from those of the other rows, times the trust they deserve. Valid however wrong the predicted
    values are, provided that the rows with a true value are a random part of all. The quantile is
    Student's, since the true values are few.

    Parameters
    ----------
    true, predicted
        Of the rows with a true value, shape (n,), n of 10 or more.
    predicted_elsewhere
        Of the rows without, shape (N,).

    Raises
    ------
    NotEnoughDataError
        There are fewer than 10 true values.

    References
    ----------
    A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan, T. Zrnic (2023), Prediction-powered
    inference, Science 382; A. N. Angelopoulos, J. C. Duchi, T. Zrnic (2023), PPI++: efficient
    prediction-powered inference.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(size=2_000)
    >>> found = powered_mean(y[:50] + 1, y[:50], y[50:])
    >>> round(found.bias, 6), found.trust > 0.7, abs(found.value - 1) < 0.1
    (-1.0, True, True)
    """
    y, f = np.asarray(true, np.float64), np.asarray(predicted, np.float64)
    g = np.asarray(predicted_elsewhere, np.float64)
    n, others = len(y), len(g)
    if n < LEAST_LABELS:
        raise NotEnoughDataError(
            f"{n} rows have a true value, {LEAST_LABELS} are needed to correct predicted ones."
        )
    everywhere = np.concatenate([f, g])
    spread = float(everywhere.var())
    together = float(np.cov(y, f)[0, 1])
    trust = together / (spread * (1.0 + n / others)) if others and spread > 0 else 0.0
    trust = min(max(trust, 0.0), 1.0)
    value = float(y.mean()) + trust * ((float(g.mean()) if others else 0.0) - float(f.mean()))
    variance = float((y - trust * f).var(ddof=1)) / n
    if others:
        variance += trust**2 * spread / others
    else:
        value, variance = float(y.mean()), float(y.var(ddof=1)) / n
    error = math.sqrt(variance)
    reach = float(stdtrit(n - 1, 0.5 + level / 2.0)) * error
    gap = f - y
    return PoweredMean(
        value=value,
        low=value - reach,
        high=value + reach,
        standard_error=error,
        trust=trust,
        bias=float(gap.mean()),
        bias_standard_error=float(gap.std(ddof=1)) / math.sqrt(n),
    )


def normal_quantile(level: float) -> float:
    """Return how many standard errors a two-sided interval of this level reaches."""
    return float(ndtri(0.5 + level / 2.0))
