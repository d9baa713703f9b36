"""The distances that users know, between two sets of counts on the same bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.bins import FIRST, Bins, NumberBins
from watchkeeper.profiles.reading import bin_midpoints
from watchkeeper.stats import distances, ordered_distances

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


def distances_between(
    bins: Sequence[Bins], before: Floats, after: Floats, rows: Floats
) -> list[BinDistances]:
    """Return how far the counts of each column have moved.

    Parameters
    ----------
    bins
        Of each column.
    before, after
        Counts or shares per place, shape (columns, places), each row with a sum above 0; zero
        beyond the column's own places.
    rows
        Rows behind each row of `after`, shape (columns,), for the chi-square statistic.
    """
    plain = distances(before, after, rows)
    earth, smirnov = _of_numbers(bins, before[:, FIRST:], after[:, FIRST:])
    return [
        BinDistances(
            psi=psi,
            jensen_shannon=jensen_shannon,
            hellinger=hellinger,
            wasserstein=earth[place],
            kolmogorov_smirnov=smirnov[place],
            chi_square=chi_square,
            total_variation=total_variation,
            l_infinity=l_infinity,
        )
        for place, (
            psi,
            jensen_shannon,
            hellinger,
            chi_square,
            total_variation,
            l_infinity,
        ) in enumerate(
            zip(
                plain.psi.tolist(),
                plain.jensen_shannon.tolist(),
                plain.hellinger.tolist(),
                plain.chi_square.tolist(),
                plain.total_variation.tolist(),
                plain.l_infinity.tolist(),
                strict=True,
            )
        )
    ]


def _of_numbers(
    bins: Sequence[Bins], before: Floats, after: Floats
) -> tuple[list[float | None], list[float | None]]:
    """Return the distances of Wasserstein and of Kolmogorov and Smirnov, where there are any."""
    earth: list[float | None] = [None] * len(bins)
    smirnov: list[float | None] = [None] * len(bins)
    valued = np.minimum(before.sum(axis=1), after.sum(axis=1)) > 0
    own = [(at, b) for at, b in enumerate(bins) if isinstance(b, NumberBins) and valued[at]]
    if not own:
        return earth, smirnov
    places = [at for at, _ in own]
    # Empty bins beyond a column's own are at its largest position, so nothing moves there.
    positions = np.zeros((len(own), before.shape[1]))
    for row, (_, one) in enumerate(own):
        middles = bin_midpoints(one)[FIRST:]
        positions[row, : len(middles)] = middles
        positions[row, len(middles) :] = middles[-1]
    found = ordered_distances(before[places], after[places], positions)
    for (at, one), area, largest in zip(
        own, found.wasserstein.tolist(), found.kolmogorov_smirnov.tolist(), strict=True
    ):
        smirnov[at] = largest
        earth[at] = area if len(one.edges) > 1 and math.isfinite(area) else None
    return earth, smirnov
