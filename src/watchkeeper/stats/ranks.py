"""Whether two samples of something ordered, counted in the same bins, are of one population."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr

Floats = NDArray[np.float64]

ORDER = 4
"""Components looked at: location, scale, skewness, peakedness."""


def rank_components(first: Floats, second: Floats, order: int = ORDER) -> Floats:
    """Return by how much each polynomial of the ranks differs, in standard deviations.

    The polynomials are orthonormal over the mid-ranks of both samples together, ties included, so
    when the rows are exchangeable the components have mean 0, variance 1 and no correlation,
    exactly, whatever the ties and the distribution. The first one is Wilcoxon's statistic.

    Parameters
    ----------
    first, second
        Rows per bin, ascending, shape (bins,), each with a sum above 0.
    order
        Largest degree.

    Returns
    -------
    ndarray
        Positive where the second sample is larger (first component) or wider (second); shape
        (at most ``order``,), shorter when there are few different values.

    References
    ----------
    J. Neyman (1937), "Smooth" test for goodness of fit; A. Janic-Wróblewska, T. Ledwina (2000),
    Data driven rank test for two-sample problem, Scandinavian Journal of Statistics 27.

    Examples
    --------
    >>> rank_components(np.array([10.0, 10.0]), np.array([5.0, 15.0])).round(4)
    array([1.6125])
    """
    used = (first + second) > 0
    first, second = first[used], second[used]
    pooled = first + second
    rows, size_first, size_second = pooled.sum(), first.sum(), second.sum()
    degree = min(order, len(pooled) - 1)
    if degree < 1:
        return np.zeros(0)
    weight = pooled / rows
    places = 2.0 * (np.cumsum(weight) - 0.5 * weight) - 1.0
    root = np.sqrt(weight)
    powers = places[:, None] ** np.arange(degree + 1)[None, :]
    basis, triangle = np.linalg.qr(root[:, None] * powers)
    sign = np.sign(np.diagonal(triangle))
    difference = (second / size_second - first / size_first) / root
    scale = np.sqrt(size_first * size_second * (rows - 1.0)) / rows
    components: Floats = (basis * sign).T @ difference * scale
    return components[1:]


def location_p_value(components: Floats) -> float:
    """Return the p-value of no shift, two-sided (Wilcoxon 1945, with ties)."""
    return float(2.0 * ndtr(-abs(components[0]))) if len(components) else 1.0


def shape_p_value(components: Floats) -> float:
    """Return the p-value of no change in scale, skewness or peakedness."""
    rest = components[1:]
    return float(chdtrc(len(rest), rest @ rest)) if len(rest) else 1.0
