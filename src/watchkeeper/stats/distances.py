"""Distances between two distributions over the same bins.

Each function takes two arrays of shape (bins,), counts or shares: what was `expected` (the
reference) and what was `observed`. Each is divided by its own sum first. Order matters to
`wasserstein` and `kolmogorov_smirnov` only: their bins ascend.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    return _psi(*_shares(expected, observed), floor)


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
    return _jensen_shannon(*_shares(expected, observed))


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
    return _hellinger(*_shares(expected, observed))


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
    e, o = _shares(expected, observed)
    places = np.asarray(positions, dtype=np.float64)
    if places.shape != e.shape:
        raise UsageError(
            f"Expected one position per bin, {e.size}, got {places.size}. Give the midpoints of "
            "the same bins."
        )
    return _wasserstein(e, o, places)


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
    return _kolmogorov_smirnov(*_shares(expected, observed))


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
    e, o = _shares(expected, observed)
    rows = float(np.sum(np.asarray(observed, dtype=np.float64)))
    return _chi_square(e, o, rows, floor)


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
    return _total_variation(*_shares(expected, observed))


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
    return _l_infinity(*_shares(expected, observed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """All distances that need no order of the bins."""

    psi: float
    jensen_shannon: float
    hellinger: float
    chi_square: float
    total_variation: float
    l_infinity: float


def distances(expected: ArrayLike, observed: ArrayLike, rows: float) -> Distances:
    """Return all distances that need no order of the bins, at once.

    Parameters
    ----------
    expected, observed
        Counts or shares per bin.
    rows
        Rows behind `observed`, for the chi-square statistic.
    """
    e, o = _shares(expected, observed)
    return Distances(
        psi=_psi(e, o, FLOOR),
        jensen_shannon=_jensen_shannon(e, o),
        hellinger=_hellinger(e, o),
        chi_square=_chi_square(e, o, rows, FLOOR),
        total_variation=_total_variation(e, o),
        l_infinity=_l_infinity(e, o),
    )


def _psi(e: Floats, o: Floats, floor: float) -> float:
    e, o = np.maximum(e, floor), np.maximum(o, floor)
    return float(((o - e) * np.log(o / e)).sum())


def _jensen_shannon(e: Floats, o: Floats) -> float:
    middle = (e + o) / 2
    divergence = (_relative_entropy_bits(e, middle) + _relative_entropy_bits(o, middle)) / 2
    return math.sqrt(min(max(divergence, 0.0), 1.0))


def _hellinger(e: Floats, o: Floats) -> float:
    return min(math.sqrt(float(((np.sqrt(e) - np.sqrt(o)) ** 2).sum()) / 2), 1.0)


def _wasserstein(e: Floats, o: Floats, places: Floats) -> float:
    return float((np.abs(np.cumsum(e - o))[:-1] * np.diff(places)).sum())


def _kolmogorov_smirnov(e: Floats, o: Floats) -> float:
    return min(float(np.abs(np.cumsum(e - o)).max(initial=0.0)), 1.0)


def _chi_square(e: Floats, o: Floats, rows: float, floor: float) -> float:
    return rows * float(((o - e) ** 2 / np.maximum(e, floor)).sum())


def _total_variation(e: Floats, o: Floats) -> float:
    return min(float(np.abs(e - o).sum()) / 2, 1.0)


def _l_infinity(e: Floats, o: Floats) -> float:
    return float(np.abs(e - o).max(initial=0.0))


def _shares(expected: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    e = np.asarray(expected, dtype=np.float64)
    o = np.asarray(observed, dtype=np.float64)
    if e.ndim != 1 or e.shape != o.shape:
        raise UsageError(
            f"Expected two arrays over the same bins, got shapes {e.shape} and {o.shape}. Count "
            "both on the bins of one baseline."
        )
    for name, array in (("expected", e), ("observed", o)):
        if not (array.min(initial=0.0) >= 0 and 0 < array.sum() < math.inf):
            raise UsageError(
                f"Expected counts or shares of 0 or more with a finite sum above 0 as {name}, got "
                f"{array.tolist()[:8]}. Leave empty buckets out."
            )
    return e / e.sum(), o / o.sum()


def _relative_entropy_bits(p: Floats, q: Floats) -> float:
    present = (p > 0) & (q > 0)
    p = p[present]
    return float((p * np.log2(p / q[present])).sum())
