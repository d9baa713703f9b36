"""The interval of any metric from its influence function, over rows or over entities."""

from __future__ import annotations

import math

from scipy.special import stdtrit

from watchkeeper.metrics.quality.clusters import Clusters, Spread, spread
from watchkeeper.metrics.quality.estimated import Estimated
from watchkeeper.stats import Z_95, wilson

_MOST_EXPONENT = 300.0
_MOST_SHIFT = 0.75
_ROUNDING = 1e-24


def interval(found: Estimated, together: Clusters | None = None) -> tuple[float, float]:
    """Return both ends of the interval at 95 %; an end that is not known is infinite.

    A metric with two bounds takes Wilson's interval for as many rows as its variance is worth,
    which for a share of independent rows is Wilson's own. One with one bound is taken to
    logarithms. Without two bounds, both ends move by what the skewness of the influence asks
    for (Hall), and quantiles are Student's with as many degrees of freedom as the variance is
    worth. Between entities, all is computed from the sums of each entity.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22; E. L. Korn, B. I. Graubard (1998), Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data, Survey Methodology 24; K.-Y.
    Liang, S. L. Zeger (1986), Longitudinal data analysis using generalized linear models,
    Biometrika 73; P. Hall (1992), On the removal of skewness by transformation, JRSS B 54.

    Examples
    --------
    >>> import numpy as np
    >>> hits = np.array([1.0] * 8 + [0.0] * 2)
    >>> low, high = interval(
    ...     Estimated(value=0.8, influence=hits - 0.8, scale="share", support=10)
    ... )
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    varies = spread(found.influence, together)
    if together is not None and varies.units < 2:
        return _ends(found)
    if found.scale in ("share", "signed"):
        return _within_bounds(found, varies, together)
    return _open(found, varies)


def _within_bounds(
    found: Estimated, varies: Spread, together: Clusters | None
) -> tuple[float, float]:
    start, end = _ends(found)
    share = min(max((found.value - start) / (end - start), 0.0), 1.0)
    degrees = math.inf if found.degrees is None else found.degrees
    variance = varies.variance
    if together:
        variance *= _enlarged(varies)
        degrees = min(degrees, varies.degrees)
    if found.degrees is not None:
        variance *= 1.0 + 1.0 / found.degrees
    variance = max(variance, found.least_variance) / (end - start) ** 2
    # Sums that cancel leave rounding, which is no variance.
    if variance > _ROUNDING and 0.0 < share < 1.0:
        worth = share * (1.0 - share) / variance
    else:
        worth = found.support * (together.count / len(together.codes) if together else 1.0)
    z = Z_95 if math.isinf(degrees) else _student(degrees)
    low, high = wilson(share, max(worth, 1.0), z)
    return max(start, start + low * (end - start) - found.excess), start + high * (end - start)


def _open(found: Estimated, varies: Spread) -> tuple[float, float]:
    if varies.units < 2:
        return _ends(found)
    t = _student(varies.degrees)
    error = varies.error * math.sqrt(_enlarged(varies))
    moved = (2.0 * t**2 + 1.0) / 6.0 * varies.skew
    if found.scale == "free":
        moved = _at_most(moved, t * error)
        return found.value + moved - t * error, found.value + moved + t * error
    if found.scale == "positive":
        return _by_logarithm(found.value, t * error, moved, found.power)
    # A quotient bends as the logarithm does, against the skewness of what it is made of.
    low, high = _by_logarithm(1.0 - found.value, t * error, None, 1.0)
    return 1.0 - high, 1.0 - low


def _enlarged(varies: Spread) -> float:
    """Return how much larger a variance is than it shows.

    The few units that make most of it may be missing.
    """
    return varies.units / (varies.units - 1) + 1.0 / varies.degrees


def _by_logarithm(
    value: float, reach: float, moved: float | None, power: float
) -> tuple[float, float]:
    if value <= 0:
        return 0.0, reach if reach > 0 else math.inf
    reach = min(reach / value, _MOST_EXPONENT)
    # Logarithms move the interval of a mean upwards by themselves.
    shift = 0.0 if moved is None else moved / value - power * reach**2 / 2.0
    shift = _at_most(shift, reach)
    return value * math.exp(shift - reach), value * math.exp(shift + reach)


def _at_most(moved: float, reach: float) -> float:
    return max(min(moved, _MOST_SHIFT * reach), -_MOST_SHIFT * reach)


def _ends(found: Estimated) -> tuple[float, float]:
    if found.scale == "share":
        return found.least, found.most
    if found.scale == "signed":
        return -1.0, 1.0
    low = 0.0 if found.scale == "positive" else -math.inf
    return low, 1.0 if found.scale == "below_one" else math.inf


def _student(degrees: float) -> float:
    return float(stdtrit(degrees, 0.975))
