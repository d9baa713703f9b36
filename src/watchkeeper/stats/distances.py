"""Distances between two distributions over the same bins.

Functions of one name take two arrays of shape (bins,), counts or shares: what was `expected` (the
reference) and what was `observed`. Each is divided by its own sum first. Order matters to
`wasserstein` and `kolmogorov_smirnov` only: their bins ascend.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import rel_entr

from watchkeeper.errors import UsageError

Floats = NDArray[np.float64]

FLOOR = 1e-4
"""Smallest share that `psi` and `chi_square` divide by, so that an empty bin is not infinite."""


def psi(expected: ArrayLike, observed: ArrayLike, *, floor: float = FLOOR) -> float:
    """Return the population stability index, ``sum (o - e) ln(o / e)``: 0 to infinity, symmetric.

    Common practice reads below 0.1 as stable and above 0.25 as changed; neither is a test.

    Parameters
    ----------
    expected, observed
        Counts or shares per bin.
    floor
        Share that stands for any smaller one.

    References
    ----------
    S. Kullback, R. A. Leibler (1951), On information and sufficiency (their divergence J);
    N. Siddiqi (2006), Credit risk scorecards.

    Examples
    --------
    >>> round(psi([50, 50], [75, 25]), 6)
    0.274653
    """
    return float(_psi(*_shares(expected, observed, dimensions=1), floor))


def jensen_shannon(expected: ArrayLike, observed: ArrayLike) -> float:
    """Return the Jensen-Shannon distance to base 2: 0 (equal) to 1 (no bin in common), a metric.

    It is the root of the Jensen-Shannon divergence.

    References
    ----------
    J. Lin (1991), Divergence measures based on the Shannon entropy; D. M. Endres,
    J. E. Schindelin (2003), A new metric for probability distributions.

    Examples
    --------
    >>> round(jensen_shannon([1, 0], [1, 1]), 6)
    0.557923
    """
    return float(_jensen_shannon(*_shares(expected, observed, dimensions=1)))


def hellinger(expected: ArrayLike, observed: ArrayLike) -> float:
    """Return the Hellinger distance: 0 (equal) to 1 (no bin in common), a metric.

    References
    ----------
    E. Hellinger (1909), Neue Begründung der Theorie quadratischer Formen von unendlichvielen
    Veränderlichen.

    Examples
    --------
    >>> round(hellinger([1, 0], [1, 1]), 6)
    0.541196
    """
    return float(_hellinger(*_shares(expected, observed, dimensions=1)))


def wasserstein(expected: ArrayLike, observed: ArrayLike, positions: ArrayLike) -> float:
    """Return the Wasserstein-1 (earth mover's) distance, in the unit of the positions.

    Parameters
    ----------
    expected, observed
        Counts or shares per bin.
    positions
        The number that each bin stands for, ascending, shape (bins,).

    References
    ----------
    L. N. Vaserstein (1969), Markov processes over denumerable products of spaces; in one
    dimension the area between the distribution functions.

    Examples
    --------
    >>> wasserstein([1, 1, 0], [0, 1, 1], [0.0, 10.0, 20.0])
    10.0
    """
    e, o = _shares(expected, observed, dimensions=1)
    places = np.asarray(positions, dtype=np.float64)
    if places.shape != e.shape:
        raise UsageError(
            f"Expected one position per bin, {e.size}, got {places.size}. Give the midpoints of "
            "the same bins."
        )
    return float(_wasserstein(e, o, places))


def kolmogorov_smirnov(expected: ArrayLike, observed: ArrayLike) -> float:
    """Return the largest difference of the distribution functions at the bins' edges: 0 to 1.

    References
    ----------
    N. V. Smirnov (1939), On the estimation of the discrepancy between empirical curves of
    distribution for two independent samples.

    Examples
    --------
    >>> kolmogorov_smirnov([1, 1, 0], [0, 1, 1])
    0.5
    """
    return float(_kolmogorov_smirnov(*_shares(expected, observed, dimensions=1)))


def chi_square(expected: ArrayLike, observed: ArrayLike, *, floor: float = FLOOR) -> float:
    """Return Pearson's statistic of observed counts against expected shares: 0 to infinity.

    Given shares as `observed` it is Pearson's phi-squared, the statistic per row. Bins that are
    empty on both sides add nothing.

    Parameters
    ----------
    expected
        Counts or shares per bin.
    observed
        Counts per bin.
    floor
        Share that stands for any smaller expected one.

    References
    ----------
    K. Pearson (1900), On the criterion that a given system of deviations from the probable [...]
    can be reasonably supposed to have arisen from random sampling.

    Examples
    --------
    >>> round(chi_square([1, 1, 1, 1, 1, 1], [5, 8, 9, 8, 10, 20]), 6)
    13.4
    """
    e, o = _shares(expected, observed, dimensions=1)
    rows = float(np.sum(np.asarray(observed, dtype=np.float64)))
    return float(_chi_square(e, o, rows, floor))


def total_variation(expected: ArrayLike, observed: ArrayLike) -> float:
    """Return half the summed difference of shares: the part of rows that moved, 0 to 1.

    References
    ----------
    D. A. Levin, Y. Peres (2017), Markov chains and mixing times, chapter 4.

    Examples
    --------
    >>> total_variation([50, 50], [75, 25])
    0.25
    """
    return float(_total_variation(*_shares(expected, observed, dimensions=1)))


def l_infinity(expected: ArrayLike, observed: ArrayLike) -> float:
    """Return the largest difference of the share of any one bin: 0 to 1.

    References
    ----------
    E. Breck, N. Polyzotis, S. Roy, S. E. Whang, M. Zinkevich (2019), Data validation for machine
    learning, MLSys: the distance of choice for categories.

    Examples
    --------
    >>> l_infinity([50, 30, 20], [40, 50, 10])
    0.2
    """
    return float(_l_infinity(*_shares(expected, observed, dimensions=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """Distances of many pairs of distributions, each an array of shape (pairs,)."""

    psi: Floats
    jensen_shannon: Floats
    hellinger: Floats
    chi_square: Floats
    total_variation: Floats
    l_infinity: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedDistances:
    """Distances of many pairs of distributions of numbers, each of shape (pairs,)."""

    wasserstein: Floats
    kolmogorov_smirnov: Floats


def distances(expected: ArrayLike, observed: ArrayLike, rows: ArrayLike) -> Distances:
    """Return all distances that need no order of the bins, of many pairs at once.

    Parameters
    ----------
    expected, observed
        Counts or shares per bin, shape (pairs, bins). Bins that are empty on both sides add
        nothing, so pairs over fewer bins are filled up with zeros.
    rows
        Rows behind each of `observed`, shape (pairs,), for the chi-square statistic.
    """
    e, o = _shares(expected, observed, dimensions=2)
    return Distances(
        psi=_psi(e, o, FLOOR),
        jensen_shannon=_jensen_shannon(e, o),
        hellinger=_hellinger(e, o),
        chi_square=_chi_square(e, o, np.asarray(rows, dtype=np.float64), FLOOR),
        total_variation=_total_variation(e, o),
        l_infinity=_l_infinity(e, o),
    )


def ordered_distances(
    expected: ArrayLike, observed: ArrayLike, positions: Floats
) -> OrderedDistances:
    """Return all distances of numbers, of many pairs at once.

    Parameters
    ----------
    expected, observed
        Counts or shares per bin, ascending, shape (pairs, bins).
    positions
        The number that each bin stands for, ascending, shape (pairs, bins).
    """
    e, o = _shares(expected, observed, dimensions=2)
    return OrderedDistances(
        wasserstein=_wasserstein(e, o, positions), kolmogorov_smirnov=_kolmogorov_smirnov(e, o)
    )


# Each of these takes shares of shape (..., bins) and returns shape (...).


def _psi(e: Floats, o: Floats, floor: float) -> Floats:
    e, o = np.maximum(e, floor), np.maximum(o, floor)
    found: Floats = ((o - e) * np.log(o / e)).sum(axis=-1)
    return found


def _jensen_shannon(e: Floats, o: Floats) -> Floats:
    middle = (e + o) / 2
    nats = (rel_entr(e, middle) + rel_entr(o, middle)).sum(axis=-1) / 2
    distance: Floats = np.sqrt(np.clip(nats / math.log(2), 0.0, 1.0))
    return distance


def _hellinger(e: Floats, o: Floats) -> Floats:
    squares = ((np.sqrt(e) - np.sqrt(o)) ** 2).sum(axis=-1)
    distance: Floats = np.minimum(np.sqrt(squares / 2), 1.0)
    return distance


def _wasserstein(e: Floats, o: Floats, places: Floats) -> Floats:
    apart = np.abs(np.cumsum(e - o, axis=-1))[..., :-1]
    distance: Floats = (apart * np.diff(places, axis=-1)).sum(axis=-1)
    return distance


def _kolmogorov_smirnov(e: Floats, o: Floats) -> Floats:
    apart = np.abs(np.cumsum(e - o, axis=-1)).max(axis=-1, initial=0.0)
    distance: Floats = np.minimum(apart, 1.0)
    return distance


def _chi_square(e: Floats, o: Floats, rows: float | Floats, floor: float) -> Floats:
    statistic: Floats = rows * ((o - e) ** 2 / np.maximum(e, floor)).sum(axis=-1)
    return statistic


def _total_variation(e: Floats, o: Floats) -> Floats:
    distance: Floats = np.minimum(np.abs(e - o).sum(axis=-1) / 2, 1.0)
    return distance


def _l_infinity(e: Floats, o: Floats) -> Floats:
    distance: Floats = np.abs(e - o).max(axis=-1, initial=0.0)
    return distance


def _shares(expected: ArrayLike, observed: ArrayLike, *, dimensions: int) -> tuple[Floats, Floats]:
    e = np.asarray(expected, dtype=np.float64)
    o = np.asarray(observed, dtype=np.float64)
    if e.ndim != dimensions or e.shape != o.shape:
        raise UsageError(
            f"Expected two arrays over the same bins, got shapes {e.shape} and {o.shape}. Count "
            "both on the bins of one baseline."
        )
    return _share(e, "expected"), _share(o, "observed")


def _share(array: Floats, name: str) -> Floats:
    total = array.sum(axis=-1, keepdims=True)
    if not (array.min(initial=0.0) >= 0 and total.min() > 0 and total.max() < math.inf):
        raise UsageError(
            f"Expected counts or shares of 0 or more with a finite sum above 0 as {name}, got "
            f"{array.tolist()[:8]}. Leave empty buckets out."
        )
    share: Floats = array / total
    return share
