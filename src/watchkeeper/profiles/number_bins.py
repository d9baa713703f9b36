"""Bins of a number, chosen from a sample of the reference."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from watchkeeper.profiles.bins import NumberBins

_LARGEST_SCORE = 3.3
_LEAST_NUMBERS = 5
_LEAST_RATIO = 0.0002


def bins_of_sample(
    sample: NDArray[np.float64], minimum: float, maximum: float, number_bins: int
) -> NumberBins:
    """Choose the bins of a number.

    A value that holds more than ``1 / number_bins`` of the sample gets a bin of its own. Quantiles
    at equal steps of the normal score, so finer in the tails than equal shares, cut the rest. Every
    bin between the extremes holds at least 5 numbers of the sample, and 0.02 % of it.

    Parameters
    ----------
    sample
        Finite numbers, ascending, shape (n,).
    minimum, maximum
        Extremes of all the numbers, also of those not in the sample.
    number_bins
        Largest number of bins, the two beyond the extremes included.

    Examples
    --------
    >>> bins_of_sample(np.repeat([0.0, 1.0], 50), 0.0, 1.0, 8).edges
    (0.0, 1.0, 1.0000000000000002)
    """
    if not sample.size:
        return NumberBins(edges=())
    least = max(_LEAST_NUMBERS, _LEAST_RATIO * sample.size)
    values, rows = np.unique(sample, return_counts=True)
    tied = rows > max(sample.size / number_bins, least - 1)
    ties = values[tied]
    rest = np.repeat(values[~tied], rows[~tied])
    last = math.nextafter(maximum, math.inf)
    fixed = np.concatenate([ties, np.nextafter(ties, math.inf)])
    cuts = _quantiles(rest, max(number_bins - 2 - fixed.size, 2), least)
    inner = np.unique(np.concatenate([fixed, cuts]))
    inner = inner[(inner > minimum) & (inner < last)]
    edges = _drop_empty(values, np.concatenate([[minimum], inner, [last]]))
    edges = _merge_small(sample, edges, least)
    while edges.size > number_bins - 1:
        edges = _merge_smallest(sample, edges)
    return NumberBins(edges=tuple(edges.tolist()))


def _quantiles(rest: NDArray[np.float64], cuts: int, least: float) -> NDArray[np.float64]:
    """Return the numbers at equal steps of the normal score, as far out as bins stay filled."""
    if rest.size < 2 * least:
        return rest[:1]
    score = min(_LARGEST_SCORE, float(-ndtri(least / rest.size)))
    shares = ndtr(np.linspace(-score, score, cuts))
    cut: NDArray[np.float64] = rest[np.minimum(shares * rest.size, rest.size - 1).astype(np.int64)]
    return cut


def _drop_empty(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop inner edges that open an empty bin, as after a tie among whole numbers."""
    below = np.searchsorted(values, edges, side="left")
    filled = np.diff(below) > 0
    kept: NDArray[np.float64] = edges[np.concatenate([[True], filled[1:], [True]])]
    return kept


def _merge_small(
    sample: NDArray[np.float64], edges: NDArray[np.float64], least: float
) -> NDArray[np.float64]:
    """Drop inner edges, from the left, until no bin between edges is too empty."""
    below = np.searchsorted(sample, edges, side="left")
    kept = [0]
    for place in range(1, edges.size - 1):
        if below[place] - below[kept[-1]] >= least:
            kept.append(place)
    if len(kept) > 1 and sample.size - below[kept[-1]] < least:
        kept.pop()
    merged: NDArray[np.float64] = edges[[*kept, edges.size - 1]]
    return merged


def _merge_smallest(sample: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop the inner edge between the two neighbours that together hold the fewest numbers."""
    counts = np.diff(np.searchsorted(sample, edges, side="left"))
    return np.delete(edges, int(np.argmin(counts[:-1] + counts[1:])) + 1)
