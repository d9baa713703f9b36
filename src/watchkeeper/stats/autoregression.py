"""Memory of series: what a bucket owes to the buckets before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoregression:
    """Autoregressive models of many series.

    Attributes
    ----------
    coefficients
        Shape (series, order); the first column belongs to the bucket just before.
    gain
        Part of a lasting shift that each bucket still shows after the first one, in (0, 1]:
        one minus the sum of the coefficients. Shape (series,).
    growth
        Variance of a forecast ``h + 1`` buckets ahead over that of one bucket ahead, shape
        (series, horizons), non-decreasing; the last column serves all longer gaps.
    """

    coefficients: Floats
    gain: Floats
    growth: Floats

    def forecast(self, lags: Floats) -> Floats:
        """Return the expected next value of each series; ``lags`` newest first."""
        expected: Floats = np.einsum("sp,sp->s", self.coefficients, lags)
        return expected

    def innovations(self, values: Floats, seen: NDArray[np.bool_]) -> Floats:
        """Return one-step forecast errors, NaN where a value was not seen.

        Parameters
        ----------
        values
            Shape (time, series), mean zero.
        seen
            Same shape; where false, the value is taken to be its forecast, and the first error
            after a gap is scaled down by what the gap added to its deviation.
        """
        order = self.coefficients.shape[1]
        lags = np.zeros((values.shape[1], order))
        gap = np.full(values.shape[1], self.growth.shape[1] - 1)
        series = np.arange(values.shape[1])
        errors = np.full(values.shape, np.nan)
        for t in range(len(values)):
            expected = self.forecast(lags)
            scale = np.sqrt(self.growth[series, np.minimum(gap, self.growth.shape[1] - 1)])
            errors[t] = np.where(seen[t], (values[t] - expected) / scale, np.nan)
            lags = push(lags, np.where(seen[t], values[t], expected))
            gap = np.where(seen[t], 0, gap + 1)
        return errors


def push(lags: Floats, newest: Floats) -> Floats:
    """Return the lags with the newest value in front and the oldest gone."""
    moved = np.empty_like(lags)
    moved[:, 1:] = lags[:, :-1]
    moved[:, 0] = newest
    return moved


def fit_autoregression(
    values: Floats,
    seen: NDArray[np.bool_],
    *,
    most_order: int,
    families: NDArray[np.intp] | None = None,
    horizons: int = 48,
) -> Autoregression:
    """Fit each series by Yule-Walker, with the order that BIC prefers.

    Parameters
    ----------
    values
        Shape (time, series), mean about zero.
    seen
        Same shape; unseen values are left out of the covariances.
    most_order
        Longest memory tried, in buckets.
    families
        Series of one family, shape (series,), learn their memories from one another.
    horizons
        Gaps, in buckets, for which the growth of the forecast variance is kept apart.

    Notes
    -----
    Durbin-Levinson recursion for all series at once (Brockwell, Davis 1991, "Time Series: Theory
    and Methods", section 8.2); order by Schwarz 1978, stricter
    below a hundred values.
    """
    count = seen.sum(axis=0).astype(np.float64)
    filled = np.where(seen, values, 0.0)
    most_order = max(1, min(most_order, len(values) // 4))
    covariance = _autocovariance(filled, seen, most_order)
    correlation = covariance / np.maximum(covariance[0], 1e-300)
    for family in np.unique(families) if families is not None else ():
        of = families == family
        correlation[:, of] = _shrunk(correlation[:, of], count[of])
    coefficients = _select_order(correlation, count)
    coefficients = _borne_out(coefficients, correlation[1], filled, seen, horizons)
    for family in np.unique(families) if families is not None else ():
        of = np.flatnonzero(families == family)
        coefficients[of] = _agreed(coefficients[of], correlation[:, of])
    coefficients = _lengthened(coefficients, count)
    gain = np.clip(1.0 - coefficients.sum(axis=1), 0.01, 1.0)
    return Autoregression(
        coefficients=coefficients, gain=gain, growth=_growth(coefficients, horizons)
    )


def _shrunk(correlation: Floats, count: Floats) -> Floats:
    """Draw correlations, shape (lags, series), to their mean as far as the series agree.

    Empirical Bayes on the first lag (Morris 1983), whose sampling variance is about 1 / n.
    """
    if correlation.shape[1] < 4 or len(correlation) < 2:
        return correlation
    mean = correlation.mean(axis=1, keepdims=True)
    first = correlation[1]
    sampling = float((1.0 / np.maximum(count, 4.0)).mean())
    between = max(0.0, float(first.var(ddof=1)) - sampling)
    own = between / max(between + sampling, 1e-12)
    shrunk: Floats = mean + own * (correlation - mean)
    return shrunk


def _agreed(coefficients: Floats, correlation: Floats) -> Floats:
    """Give the few series without a memory one, where most of their family have one."""
    has = (coefficients != 0).any(axis=1)
    if len(has) >= 4 and 2 * has.sum() > len(has):
        coefficients = coefficients.copy()
        coefficients[~has, 0] = np.maximum(correlation[1, ~has], 0.0)
    return coefficients


def _lengthened(coefficients: Floats, count: Floats) -> Floats:
    """Undo the downward bias of an estimated memory, and add a standard error.

    Bias (1 + 3 rho) / n: Kendall 1954. A memory that is thought too short lets a wander pass for a
    shift; one thought too long by a standard error only costs a little speed.
    """
    total = coefficients.sum(axis=1)
    n = np.maximum(count, 4.0)
    error = np.sqrt(np.maximum(1.0 - total**2, 0.0) / n)
    wanted = np.minimum(total + (1.0 + 3.0 * total) / n + error, np.maximum(0.98, total))
    longer = np.where(total > 0, wanted / np.maximum(total, 1e-12), 1.0)
    lengthened: Floats = coefficients * longer[:, None]
    return np.where(_is_stable(lengthened)[:, None], lengthened, coefficients)


def _is_stable(coefficients: Floats) -> NDArray[np.bool_]:
    """Return whether what a model remembers fades, by the Durbin-Levinson recursion backwards."""
    left = coefficients.copy()
    stable = np.ones(len(left), dtype=np.bool_)
    for order in range(left.shape[1], 0, -1):
        reflection = left[:, order - 1]
        stable &= np.abs(reflection) < 1.0
        reflection = np.where(stable, reflection, 0.0)[:, None]
        before = left[:, : order - 1]
        left = (before + reflection * before[:, ::-1]) / (1.0 - reflection**2)
    return stable


def _autocovariance(values: Floats, seen: NDArray[np.bool_], most: int) -> Floats:
    """Return (most + 1, series), tapered (over the count at lag 0) so that it stays definite."""
    lags = np.empty((most + 1, values.shape[1]))
    total = np.maximum(seen.sum(axis=0), 1)
    for lag in range(most + 1):
        pairs = len(values) - lag
        product = np.einsum("ts,ts->s", values[:pairs], values[lag:])
        both = np.maximum((seen[:pairs] & seen[lag:]).sum(axis=0), 1)
        lags[lag] = product / both * (pairs / len(values))
    return np.where(total > 1, lags, 0.0)


def _borne_out(
    coefficients: Floats, first: Floats, values: Floats, seen: NDArray[np.bool_], horizons: int
) -> Floats:
    """Return models of order 1 for series with gaps that longer ones forecast no better.

    With gaps, such as nights without rows, each lag is estimated from other pairs, and lags that
    do not fit together promise more than they keep.
    """
    doubted = np.flatnonzero(~seen.all(axis=0) & (coefficients[:, 1:] != 0).any(axis=1))
    if not len(doubted):
        return coefficients
    values, seen = values[:, doubted], seen[:, doubted]
    short = np.zeros((len(doubted), coefficients.shape[1]))
    short[:, 0] = np.clip(first[doubted], -0.995, 0.995)
    errors = []
    for tried in (coefficients[doubted], short):
        growth = _growth(tried, horizons)
        gain = np.ones(len(doubted))
        model = Autoregression(coefficients=tried, gain=gain, growth=growth)
        errors.append(np.nansum(model.innovations(values, seen) ** 2, axis=0))
    chosen = coefficients.copy()
    worse = ~(errors[0] < errors[1])
    chosen[doubted[worse]] = short[worse]
    return chosen


def _select_order(correlation: Floats, count: Floats) -> Floats:
    """Return the coefficients, shape (series, lags), of the order that BIC prefers."""
    most, series = correlation.shape[0] - 1, correlation.shape[1]
    error = np.ones(series)
    current = np.zeros((series, most))
    best = np.zeros((series, most))
    # BIC, made stricter for short series, where a chance memory does more harm than a missed one.
    penalty = np.log(np.maximum(count, 2.0)) * (1.0 + 20.0 / np.maximum(count, 2.0))
    score = np.zeros(series)
    fits = np.ones(series, dtype=np.bool_)
    for order in range(1, most + 1):
        reflection = correlation[order] - np.einsum(
            "sk,ks->s", current[:, : order - 1], correlation[order - 1 : 0 : -1]
        )
        reflection = reflection / np.maximum(error, 1e-12)
        if order > 1:
            fits &= np.abs(reflection) < 1.0  # else the lags are of no process at all
        reflection = np.clip(reflection, -0.995, 0.995)
        updated = current.copy()
        updated[:, : order - 1] -= reflection[:, None] * current[:, : order - 1][:, ::-1]
        updated[:, order - 1] = reflection
        current = updated
        error = error * (1.0 - reflection**2)
        candidate = count * np.log(np.maximum(error, 1e-12)) + order * penalty
        better = fits & (candidate < score)
        score = np.where(better, candidate, score)
        best[better] = current[better]
    return best


def _growth(coefficients: Floats, horizons: int) -> Floats:
    """Cumulated squares of the moving-average weights of each model."""
    series, order = coefficients.shape
    weights = np.zeros((series, horizons + 1))
    weights[:, 0] = 1.0
    for h in range(1, horizons + 1):
        past = weights[:, max(0, h - order) : h][:, ::-1]
        weights[:, h] = np.einsum("sp,sp->s", coefficients[:, : past.shape[1]], past)
    return np.cumsum(weights**2, axis=1)
