"""Reading counts back: what each place means to a person, and which numbers it stands for."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.profiles.bins import FIRST, MISFIT, NULL, Bins, NumberBins

_DIGITS = 4


def bin_labels(bins: Bins) -> list[str]:
    """Return what a person reads for each place of an array of counts.

    Examples
    --------
    >>> bin_labels(NumberBins(edges=(0.0, 5e-324, 2.5, math.nextafter(4.0, math.inf))))
    ['null', 'misfit', '< 0', '0', '(0, 2.5)', '[2.5, 4]', '> 4']
    >>> from watchkeeper.profiles import CategoryBins
    >>> bin_labels(CategoryBins(values=("a", "b"), bin_of=(0, 1), bins=3, pools=1))
    ['null', 'misfit', 'a', '(rare 1)', '(unseen)']
    """
    labels = [""] * FIRST
    labels[NULL], labels[MISFIT] = "null", "misfit"
    if isinstance(bins, NumberBins):
        return [*labels, *_number_labels(bins.edges)]
    own = bins.bins - 1 - bins.pools
    names = dict(zip(bins.bin_of[:own], bins.values, strict=False))
    labels += [names[place] for place in range(own)]
    labels += [f"(rare {pool + 1})" for pool in range(bins.pools)]
    return [*labels, "(unseen)"]


def bin_midpoints(bins: NumberBins) -> NDArray[np.float64]:
    """Return the middle of each bin, in the column's unit, shape ``(bins.size,)``.

    NaN for the places of nulls and misfits. The bins below and above all of the reference stand
    for its minimum and maximum.

    Examples
    --------
    >>> bin_midpoints(NumberBins(edges=(0.0, 2.0, 4.0))).tolist()
    [nan, nan, 0.0, 1.0, 3.0, 4.0]
    """
    return _midpoints(bins.edges).copy()


def quantile_from_counts(bins: NumberBins, counts: NDArray[np.generic], q: float) -> float:
    """Return a quantile of the numbers counted, taking each bin as evenly filled.

    The bins beyond the extremes of the reference stand for these extremes. NaN when nothing was
    counted, or the bins have no edges.

    Parameters
    ----------
    bins
        The bins of the column.
    counts
        Rows, or shares, per place, shape ``(bins.size,)``; nulls and misfits are left out.
    q
        0 to 1, both included.

    Raises
    ------
    UsageError
        When `q` is not within 0 to 1.

    Examples
    --------
    >>> bins = NumberBins(edges=(0.0, 10.0, 20.0))
    >>> quantile_from_counts(bins, np.array([5, 0, 0, 10, 10, 0]), 0.25)
    5.0
    """
    if not 0 <= q <= 1:
        raise UsageError(
            f"Expected a quantile's share within 0 to 1, got {q}. Try 0.5, the median."
        )
    return float(quantiles_from_counts([bins], [counts], (q,))[0, 0])


def quantiles_from_counts(
    bins: Sequence[NumberBins],
    counts: Sequence[NDArray[np.generic]],
    shares: Sequence[float],
    ends: Sequence[tuple[float, float] | None] | None = None,
) -> NDArray[np.float64]:
    """Return several quantiles of several columns as `quantile_from_counts` does.

    Parameters
    ----------
    bins, counts
        Of each column.
    shares
        Within 0 to 1.
    ends
        The smallest and the largest number counted, where known: bins reach no further, and those
        beyond the extremes of the reference that far.

    Returns
    -------
    ndarray
        Shape (columns, shares); NaN for a column without numbers, or without edges.
    """
    width = max(len(own.edges) for own in bins) + 1
    filled = np.zeros((len(bins), width))
    lower, upper = np.zeros((len(bins), width)), np.zeros((len(bins), width))
    for row, own in enumerate(bins):
        size = len(own.edges) + 1
        filled[row, :size] = counts[row][FIRST:]
        low, high = _bounds(own.edges)
        limits = None if ends is None else ends[row]
        if limits is not None and own.edges:
            low, high = np.clip(low, *limits), np.clip(high, *limits)
            low[0], high[-1] = limits
        lower[row, :size], upper[row, :size] = low, high
    reached = np.cumsum(filled, axis=1)
    total = reached[:, -1:]
    goal = np.asarray(shares) * total
    place = np.count_nonzero(reached[:, None, :] < goal[:, :, None], axis=2)
    place = np.maximum(place, np.count_nonzero(reached <= 0, axis=1)[:, None])
    place = np.minimum(place, width - 1)
    inside = np.take_along_axis(filled, place, 1)
    missing = goal - (np.take_along_axis(reached, place, 1) - inside)
    part = np.where(inside > 0, missing / np.where(inside > 0, inside, 1.0), 1.0)
    low, high = np.take_along_axis(lower, place, 1), np.take_along_axis(upper, place, 1)
    found: NDArray[np.float64] = low + np.clip(part, 0.0, 1.0) * (high - low)
    known = (total > 0) & np.array([bool(own.edges) for own in bins])[:, None]
    return np.where(known, found, math.nan)


@lru_cache(maxsize=4096)
def _bounds(edges: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each bin's lower and upper bound; the outermost have the extreme edge for both."""
    if not edges:
        return np.zeros(1), np.zeros(1)
    return np.array([edges[0], *edges]), np.array([*edges, edges[-1]])


@lru_cache(maxsize=4096)
def _midpoints(edges_: tuple[float, ...]) -> NDArray[np.float64]:
    middles = np.full(FIRST + len(edges_) + 1, math.nan)
    if edges_:
        edges = np.asarray(edges_)
        middles[FIRST] = edges[0]
        middles[FIRST + 1 : -1] = edges[:-1] + (edges[1:] - edges[:-1]) / 2
        middles[-1] = edges[-1]
    return middles


@lru_cache(maxsize=4096)
def _number_labels(edges: tuple[float, ...]) -> tuple[str, ...]:
    if not edges:
        return ("any number",)
    shown = _shown(edges)
    labels = [f"< {shown[0]}"]
    after_tie = False
    last = len(edges) - 2
    for place, (low, high) in enumerate(itertools.pairwise(edges)):
        is_tie = math.nextafter(low, math.inf) == high
        if is_tie:
            labels.append(shown[place])
        else:
            closing = "]" if place == last else ")"
            labels.append(f"{'(' if after_tie else '['}{shown[place]}, {shown[place + 1]}{closing}")
        after_tie = is_tie
    return (*labels, f"> {shown[-1]}")


def _shown(edges: tuple[float, ...]) -> list[str]:
    """Write edges with as few digits as tell them apart; one just above a tie as the tie."""
    numbers = [
        low if math.nextafter(low, math.inf) == high else high
        for low, high in itertools.pairwise((-math.inf, *edges[:-1]))
    ]
    numbers.append(math.nextafter(edges[-1], -math.inf))
    wanted = len(set(numbers))
    for digits in range(_DIGITS, 18):
        shown = [f"{number:.{digits}g}" for number in numbers]
        if len(set(shown)) == wanted:
            break
    return shown
