"""The distances that users know, between two sets of counts on the same bins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.bins import FIRST, Bins, NumberBins
from watchkeeper.profiles.reading import bin_midpoints
from watchkeeper.stats import distances, kolmogorov_smirnov, wasserstein

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinDistances:
    """Distances of `watchkeeper.stats` over all places, nulls and misfits included.

    ``wasserstein`` (in the unit of the column) and ``kolmogorov_smirnov`` are of numbers alone and
    look at their values only; ``None`` where a side has none.
    """

    psi: float
    jensen_shannon: float
    hellinger: float
    wasserstein: float | None
    kolmogorov_smirnov: float | None
    chi_square: float
    total_variation: float
    l_infinity: float


def distances_between(bins: Bins, before: Floats, after: Floats, rows: float) -> BinDistances:
    """Return how far counts have moved.

    Parameters
    ----------
    before, after
        Counts or shares per place, shape ``(bins.size,)``, each with a sum above 0.
    rows
        Rows behind `after`, for the chi-square statistic.
    """
    number = isinstance(bins, NumberBins)
    values = before[FIRST:].any() and after[FIRST:].any()
    plain = distances(before, after, rows)
    return BinDistances(
        psi=plain.psi,
        jensen_shannon=plain.jensen_shannon,
        hellinger=plain.hellinger,
        wasserstein=_wasserstein(bins, before, after) if values else None,
        kolmogorov_smirnov=(
            kolmogorov_smirnov(before[FIRST:], after[FIRST:]) if values and number else None
        ),
        chi_square=plain.chi_square,
        total_variation=plain.total_variation,
        l_infinity=plain.l_infinity,
    )


def _wasserstein(bins: Bins, before: Floats, after: Floats) -> float | None:
    if not isinstance(bins, NumberBins) or len(bins.edges) < 2:
        return None
    distance = wasserstein(before[FIRST:], after[FIRST:], bin_midpoints(bins)[FIRST:])
    return distance if math.isfinite(distance) else None
