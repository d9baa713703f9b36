"""The distances of columns, rounded as people read them."""

from __future__ import annotations

import numpy as np

from watchkeeper.comparison.block import Block
from watchkeeper.comparison.effect import rounded
from watchkeeper.comparison.result import Distances
from watchkeeper.profiles import BinDistances, distances_between


def distances_of(block: Block) -> list[Distances]:
    """Return the distances of each column."""
    rows = np.array([pair.current.rows for pair in block.pairs], dtype=np.float64)
    bins = [pair.bins for pair in block.pairs]
    return [_rounded(found) for found in distances_between(bins, block.before, block.after, rows)]


def _rounded(found: BinDistances) -> Distances:
    earth, smirnov = found.wasserstein, found.kolmogorov_smirnov
    return Distances(
        psi=rounded(found.psi),
        jensen_shannon=rounded(found.jensen_shannon),
        hellinger=rounded(found.hellinger),
        wasserstein=None if earth is None else rounded(earth),
        kolmogorov_smirnov=None if smirnov is None else rounded(smirnov),
        chi_square=rounded(found.chi_square),
        total_variation=rounded(found.total_variation),
        l_infinity=rounded(found.l_infinity),
    )
