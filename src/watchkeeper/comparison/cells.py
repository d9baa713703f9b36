"""The cells that two sides of a number are counted in when they are tested."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import FIRST

Floats = NDArray[np.float64]

_GROUPS = 16
_GROUP_ROWS = 20


def grouped(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Put neighbouring bins together, so that each group has its part of all rows.

    The reference chose the bins, and has no row in the outermost ones; only groups that hold
    several rows of the smaller side make that no matter.
    """
    pooled = before + after
    groups = int(min(_GROUPS, max(2, min(before.sum(), after.sum()) // _GROUP_ROWS)))
    place = (np.cumsum(pooled) - 0.5 * pooled) / pooled.sum()
    group = np.minimum((place * groups).astype(np.intp), groups - 1)
    # Nulls and misfits are groups of their own.
    group[FIRST:] += FIRST
    group[:FIRST] = np.arange(FIRST)
    size = groups + FIRST
    first: Floats = np.bincount(group, before, minlength=size).astype(np.float64)
    second: Floats = np.bincount(group, after, minlength=size).astype(np.float64)
    return first, second
