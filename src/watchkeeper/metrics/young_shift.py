"""How far a metric was off on past days, while only some of the labels were there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A mean difference with its interval at 95 %."""

    mean: float
    low: float
    high: float


def pooled_shift(differences: NDArray[np.float64], weights: NDArray[np.float64]) -> Shift:
    """Return the weighted mean of differences of several days, with Student's interval.

    The spread is that between days, so that whatever all rows of a day share is in it
    (W. G. Cochran 1977, Sampling Techniques, chapter 6: ratio estimators).

    Parameters
    ----------
    differences
        Of each day, shape (n,), at least 2.
    weights
        How much each day counts, above 0, shape (n,).

    Examples
    --------
    >>> pooled_shift(np.array([0.1, 0.3]), np.array([1.0, 1.0])).mean
    0.2
    """
    days = len(differences)
    share = weights / weights.sum()
    mean = float(share @ differences)
    variance = float(share**2 @ (differences - mean) ** 2) * days / (days - 1)
    reach = float(stdtrit(days - 1, 0.975)) * math.sqrt(variance)
    return Shift(mean=mean, low=mean - reach, high=mean + reach)
