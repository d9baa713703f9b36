"""Whether two samples of something ordered, counted in the same bins, are of one population."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr

Floats = NDArray[np.float64]

ORDER = 4
"""Components looked at: location, scale, skewness, peakedness."""

_NO_LENGTH = 1e-9


def rank_components(first: Floats, second: Floats, order: ArrayLike = ORDER) -> Floats:
    """Return by how much each polynomial of the ranks differs, in standard deviations.

    The polynomials are orthonormal over the mid-ranks of both samples together, ties included, so
    when the rows are exchangeable the components have mean 0, variance 1 and no correlation,
    exactly, whatever the ties and the distribution. The first one is Wilcoxon's statistic.

    Parameters
    ----------
    first, second
        Rows per bin, ascending, shape (..., bins), each with a sum above 0.
    order
        Largest degree, up to four, shape (...).

    Returns
    -------
    ndarray
        Positive where the second sample is larger (first component) or wider (second); shape
        (..., 4). NaN beyond the largest degree, and where there are too few different values.

    References
    ----------
    J. Neyman (1937), "Smooth" test for goodness of fit; A. Janic-Wróblewska, T. Ledwina (2000),
    Data driven rank test for two-sample problem, Scandinavian Journal of Statistics 27. The
    polynomials: T. J. Stieltjes (1884), Quelques recherches sur la théorie des quadratures dites
    mécaniques.

    Examples
    --------
    >>> rank_components(np.array([10.0, 10.0]), np.array([5.0, 15.0])).round(4)
    array([1.6125,    nan,    nan,    nan])
    """
    pooled = first + second
    size_first, size_second = first.sum(axis=-1), second.sum(axis=-1)
    rows = size_first + size_second
    weight = pooled / rows[..., None]
    degree = np.minimum(order, np.count_nonzero(pooled, axis=-1) - 1)
    difference = second / size_second[..., None] - first / size_first[..., None]
    scale = np.sqrt(size_first * size_second * (rows - 1.0)) / rows
    places = 2.0 * (np.cumsum(weight, axis=-1) - 0.5 * weight) - 1.0
    components: Floats = np.full((*degree.shape, ORDER), np.nan)
    # Each polynomial is the one before times the place, less its parts along the last two.
    before, now = np.zeros_like(places), np.ones_like(places)
    for k in range(ORDER):
        raised = places * now
        for earlier in (now, before):
            raised = raised - (weight * raised * earlier).sum(axis=-1, keepdims=True) * earlier
        length = np.sqrt((weight * raised**2).sum(axis=-1, keepdims=True))
        # One beyond the number of different values has no length but that of rounding.
        before, now = now, raised / np.maximum(length, _NO_LENGTH)
        components[..., k] = np.where(degree > k, (difference * now).sum(axis=-1) * scale, np.nan)
    return components


def location_p_value(components: Floats) -> Floats:
    """Return the p-value of no shift, two-sided (Wilcoxon 1945, with ties), shape (...)."""
    first = components[..., 0]
    p: Floats = np.where(np.isnan(first), 1.0, 2.0 * ndtr(-np.abs(first)))
    return p


def shape_p_value(components: Floats) -> Floats:
    """Return the p-value of no change in scale, skewness or peakedness, shape (...)."""
    rest = components[..., 1:]
    known = np.count_nonzero(~np.isnan(rest), axis=-1)
    p: Floats = np.where(known > 0, chdtrc(np.maximum(known, 1), np.nansum(rest**2, axis=-1)), 1.0)
    return p
