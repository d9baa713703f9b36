"""The interval of any metric from its influence function, over rows or over entities."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from watchkeeper.metrics.quality.estimated import Estimated
from watchkeeper.metrics.quality.scored import Floats, Integers
from watchkeeper.stats import Z_95, wilson

_MOST_EXPONENT = 300.0
_ROUNDING = 1e-24


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Which rows belong together: ``codes`` from 0, shape (n,), of ``count`` different entities."""

    codes: Integers
    count: int


def clusters(entities: Integers | None) -> Clusters | None:
    """Return the clusters of rows, or ``None`` if no entity has two."""
    if entities is None or not len(entities):
        return None
    codes = entities
    if codes.min() < 0 or codes.max() > 4 * len(codes):
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    count = int(np.count_nonzero(np.bincount(codes)))
    return Clusters(codes=codes, count=count) if count < len(codes) else None


def interval(estimated: Estimated, together: Clusters | None = None) -> tuple[float, float]:
    """Return both ends of the interval at 95 %.

    A metric with two bounds takes Wilson's interval for as many rows as its variance is worth,
    which for a share of independent rows is Wilson's own. One with one bound is taken to
    logarithms. Between entities the variance is that of their sums, and quantiles are
    Student's.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22; E. L. Korn, B. I. Graubard (1998), Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data, Survey Methodology 24; K.-Y.
    Liang, S. L. Zeger (1986), Longitudinal data analysis using generalized linear models,
    Biometrika 73.

    Examples
    --------
    >>> hits = np.array([1.0] * 8 + [0.0] * 2)
    >>> low, high = interval(
    ...     Estimated(value=0.8, influence=hits - 0.8, scale="share", support=10)
    ... )
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    value, units = estimated.value, together.count if together else len(estimated.influence)
    if units < 2:
        return _ends(estimated)
    variance = influence_variance(estimated.influence, together)
    if estimated.scale in ("share", "signed"):
        return _within_bounds(estimated, variance, together)
    reach = _student(units) * math.sqrt(variance * (1.0 if together else units / (units - 1)))
    if estimated.scale == "free":
        return value - reach, value + reach
    if estimated.scale == "positive":
        return _by_logarithm(value, reach)
    high, low = _by_logarithm(1.0 - value, reach)
    return 1.0 - low, 1.0 - high


def influence_variance(influence: Floats, together: Clusters | None) -> float:
    """Return the variance of a metric from its influence function, shape (n,)."""
    rows = len(influence)
    if together is None:
        return float(influence @ influence) / rows**2
    sums = np.bincount(together.codes, influence)
    return float(sums @ sums) / rows**2 * together.count / max(together.count - 1, 1)


def _within_bounds(
    estimated: Estimated, variance: float, together: Clusters | None
) -> tuple[float, float]:
    start, end = _ends(estimated)
    share = min(max((estimated.value - start) / (end - start), 0.0), 1.0)
    variance = max(variance, estimated.least_variance) / (end - start) ** 2
    # Sums that cancel leave rounding, which is no variance.
    if variance > _ROUNDING and 0.0 < share < 1.0:
        worth = share * (1.0 - share) / variance
    else:
        worth = estimated.support * (together.count / len(together.codes) if together else 1.0)
    z = _student(together.count) if together else Z_95
    low, high = wilson(share, max(worth, 1.0), z)
    return max(start, start + low * (end - start) - estimated.excess), start + high * (end - start)


def _ends(estimated: Estimated) -> tuple[float, float]:
    if estimated.scale == "share":
        return estimated.least, estimated.most
    if estimated.scale == "signed":
        return -1.0, 1.0
    low = 0.0 if estimated.scale == "positive" else -math.inf
    return low, 1.0 if estimated.scale == "below_one" else math.inf


def _by_logarithm(value: float, reach: float) -> tuple[float, float]:
    if value <= 0:
        return 0.0, reach
    factor = math.exp(min(reach / value, _MOST_EXPONENT))
    return value / factor, value * factor


def _student(units: int) -> float:
    return float(stdtrit(units - 1, 0.975))
