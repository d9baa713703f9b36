"""What a month will have cost at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

LEAST_DAYS = 7
"""Whole days that a forecast needs."""

MOST_DAYS = 56
"""Whole days that it looks back on."""

_WEEKLY_FROM = 14
_RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
_UPPER = 0.95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A sum to come, and an interval that holds it at least nine times in ten."""

    expected: float
    low: float
    high: float


def forecast_sum(past: Sequence[float], parts: Sequence[float]) -> Forecast | None:
    """Return the sum of days to come, ``None`` with less than 7 days to go by.

    Days are a level and, from two weeks on, the usual deviation of each day of the week. The level
    is the mean of the past days, or follows them by exponential smoothing, at several rates: each
    counts by how likely it makes the past days. So days that go on as they did give a narrow
    interval, and days that wander a wide one.

    Parameters
    ----------
    past
        Whole days, one after the other, oldest first; the last 56 count.
    parts
        Of the days that follow them, which part is still to come, 0 to 1.

    References
    ----------
    R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder (2008), Forecasting with Exponential
    Smoothing (the variance of a sum of days to come, local level). J. A. Hoeting and others (1999),
    Bayesian Model Averaging: A Tutorial, Statistical Science 14.

    Examples
    --------
    >>> found = forecast_sum([10.0] * 14, [0.5, 1.0])
    >>> [round(value, 6) for value in (found.expected, found.low, found.high)]
    [15.0, 15.0, 15.0]
    """
    if len(past) < LEAST_DAYS:
        return None
    days = np.array(past[-MOST_DAYS:], dtype=np.float64)
    ahead = np.array(parts, dtype=np.float64)
    weekday = np.arange(len(days) + len(ahead)) % 7
    before, after = weekday[: len(days)], weekday[len(days) :]
    shape = _weekly(days, before)
    rest = days - shape[before]
    freedom = len(days) - 1 - (6 if shape.any() else 0)
    rates = _RATES if len(days) >= _WEEKLY_FROM else _RATES[:1]
    sizes = np.array([_mean_square(rest, rate, freedom) for rate in rates])
    # By how likely each rate makes the past days, relative to the best.
    least = max(float(sizes.min()), 1e-300)
    weights = (least / np.maximum(sizes, least)) ** (freedom / 2)
    weights /= weights.sum()
    levels = np.array([_level(rest, rate) for rate in rates])
    sums = levels * ahead.sum() + (ahead * shape[after]).sum()
    expected = float((weights * sums).sum())
    spreads = np.array([_spread(ahead, rate) for rate in rates]) + _estimated(before, after, ahead)
    variance = float((weights * (sizes * spreads + (sums - expected) ** 2)).sum())
    reach = float(stdtrit(freedom, _UPPER)) * math.sqrt(variance)
    return Forecast(
        expected=max(expected, 0.0), low=max(expected - reach, 0.0), high=max(expected + reach, 0.0)
    )


def _weekly(days: Floats, weekday: NDArray[np.int64]) -> Floats:
    """Return by how much each day of the week differs from the others, shape (7,)."""
    if len(days) < _WEEKLY_FROM:
        return np.zeros(7)
    counted = np.bincount(weekday, minlength=7)
    means: Floats = np.bincount(weekday, days, minlength=7) / counted
    found: Floats = means - means.mean()
    return found


def _mean_square(days: Floats, rate: float, freedom: int) -> float:
    """Return the mean square of the errors that a rate makes of each day by those before it."""
    if not rate:
        return float(((days - days.mean()) ** 2).sum()) / freedom
    made = days[1:] - _levels(days, rate)[:-1]
    return float((made**2).mean()) * (len(days) - 1) / freedom


def _level(days: Floats, rate: float) -> float:
    return float(_levels(days, rate)[-1]) if rate else float(days.mean())


def _levels(days: Floats, rate: float) -> Floats:
    """Return the level after each day; it begins as the mean of the first week."""
    levels = np.empty(len(days))
    level = float(days[:LEAST_DAYS].mean())
    for at, day in enumerate(days):
        level += rate * (day - level)
        levels[at] = level
    return levels


def _spread(ahead: Floats, rate: float) -> float:
    """Return the variance of the sum of days to come, as a multiple of one day's."""
    # An error of one day moves the level that all the following ones are expected at.
    following = np.append(np.cumsum(ahead[::-1])[::-1][1:], 0.0)
    return float(((np.sqrt(ahead) + rate * following) ** 2).sum())


def _estimated(before: NDArray[np.int64], after: NDArray[np.int64], ahead: Floats) -> float:
    """Return what the means of the past days add to it, for not being known exactly."""
    if len(before) < _WEEKLY_FROM:
        return float(ahead.sum() ** 2 / len(before))
    counted = np.bincount(before, minlength=7)
    return float((np.bincount(after, ahead, minlength=7) ** 2 / counted).sum())
