"""Whether two samples, counted in the same cells, come from one population; cells may be sparse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc, ndtr

Floats = NDArray[np.float64]

_ENOUGH = 50.0
_ENOUGH_EVEN = 15.0
_EVEN = 0.1
_USUAL = 1.0
_LEAST = 5
_CELLS = 2


def cell_p_values(first: Floats, second: Floats) -> Floats:
    """Return for each cell the two-sided p-value that its share is the same in both samples.

    Given how often the cell came in both together, the second sample's part is hypergeometric.
    Where counts are large the normal approximation with continuity correction serves, else the
    binomial distribution, whose tails are no lighter.

    Parameters
    ----------
    first, second
        Rows per cell, shape (..., cells), each with a sum above 0.

    References
    ----------
    R. A. Fisher (1935), The logic of inductive inference; W. Hoeffding (1963), Probability
    inequalities for sums of bounded random variables, section 6.

    Examples
    --------
    >>> cell_p_values(np.array([90.0, 10.0]), np.array([70.0, 30.0])).round(4)
    array([0.0008, 0.0008])
    """
    size_second = second.sum(axis=-1, keepdims=True)
    rows = first.sum(axis=-1, keepdims=True) + size_second
    part = size_second / rows
    pooled = first + second
    # Of a cell that holds most of the rows, the rest is the rarer event.
    rare = pooled <= rows / 2
    count = np.where(rare, second, size_second - second)
    total = np.where(rare, pooled, rows - pooled)
    mean = total * part
    variance = mean * (1.0 - part) * (rows - total) / np.maximum(rows - 1.0, 1.0)
    off = np.maximum(np.abs(count - mean) - 0.5, 0.0) / np.sqrt(np.maximum(variance, 1e-300))
    p: Floats = 2.0 * ndtr(-off)
    # Between sides of about one size the distribution is even, and the normal soon serves.
    enough = np.where(np.abs(part - 0.5) < _EVEN, _ENOUGH_EVEN, _ENOUGH)
    # A cell that is no further off than usual needs no exact answer.
    small = (total * np.minimum(part, 1.0 - part) < enough) & (off >= _USUAL)
    parts = np.broadcast_to(part, p.shape)
    p[small] = _binomial_p_values(count[small], total[small], parts[small])
    return np.where(total == 0, 1.0, np.minimum(p, 1.0))


def _binomial_p_values(count: Floats, total: Floats, part: Floats) -> Floats:
    upper = np.where(count > 0, betainc(np.maximum(count, 1.0), total - count + 1.0, part), 1.0)
    beyond = betainc(count + 1.0, np.maximum(total - count, 1.0), part)
    lower = np.where(count < total, 1.0 - beyond, 1.0)
    p: Floats = 2.0 * np.minimum(lower, upper)
    return p


def largest_cell_p_value(first: Floats, second: Floats) -> Floats:
    """Return the p-value of the cell that changed most, times the cells that could have shown one.

    Cells with fewer than five rows in both samples together could not, so they do not count
    (Tarone 1990, A modified Bonferroni method for discrete data). Arrays of shape (..., cells)
    have one of shape (...).
    """
    looked_at = (first + second) >= _LEAST
    p = np.where(looked_at, cell_p_values(first, second), 1.0)
    smallest: Floats = p.min(axis=-1) * np.count_nonzero(looked_at, axis=-1)
    return np.where(looked_at.any(axis=-1), np.minimum(smallest, 1.0), 1.0)


def spread_p_value(first: Floats, second: Floats) -> Floats:
    """Return the p-value of Pearson's statistic over all cells together.

    Its mean and variance given the margins are exact, also where cells are sparse; a gamma
    distribution with these stands for its own.

    Parameters
    ----------
    first, second
        Rows per cell, shape (..., cells), each with a sum above 0. Cells that are empty in both do
        not count.

    Returns
    -------
    ndarray
        Shape (...); 1 for fewer than two cells or five rows.

    References
    ----------
    J. B. S. Haldane (1940), The mean and variance of chi-squared, when used as a test of
    homogeneity, when expectations are small, Biometrika 31; R. B. Dawson (1954), A simplified
    expression for the variance of the chi-squared function on a contingency table, Biometrika 41.

    Examples
    --------
    >>> p = spread_p_value(np.array([90.0, 10.0, 50.0]), np.array([70.0, 30.0, 50.0]))
    >>> round(float(p), 4)
    0.0019
    """
    pooled = first + second
    used = pooled > 0
    divisor = np.where(used, pooled, 1.0)
    cells = np.count_nonzero(used, axis=-1)
    size_first, size_second = first.sum(axis=-1), second.sum(axis=-1)
    # Moments are of five rows or more; fewer have no answer anyway.
    rows = np.maximum(size_first + size_second, _LEAST)
    expected = pooled * (size_second / rows)[..., None]
    squares = ((second - expected) ** 2 / divisor).sum(axis=-1)
    statistic = squares * rows**2 / (size_first * size_second)
    reciprocals = (used / divisor).sum(axis=-1)
    mean, variance = _pearson_moments(cells, reciprocals, size_first, size_second, rows)
    known = (cells >= _CELLS) & (size_first + size_second >= _LEAST) & (variance > 0)
    variance = np.where(known, variance, 1.0)
    return np.where(known, gammaincc(mean**2 / variance, statistic * mean / variance), 1.0)


def _pearson_moments(
    cells: NDArray[np.intp],
    reciprocals: Floats,
    size_first: Floats,
    size_second: Floats,
    rows: Floats,
) -> tuple[Floats, Floats]:
    mean = rows / (rows - 1.0) * (cells - 1.0)
    by_sample = (rows - 2.0) / (rows - 1.0)
    by_cell = (rows - cells) * (cells - 1.0) / (rows - 1.0)
    sample_term = (rows * (1.0 / size_first + 1.0 / size_second) - 4.0) / (rows - 2.0)
    cell_term = (rows * reciprocals - cells**2) / (rows - 2.0)
    variance = 2.0 * rows / (rows - 3.0) * (by_sample - sample_term) * (by_cell - cell_term)
    variance += rows**2 / (rows - 1.0) * sample_term * cell_term
    return mean, variance
