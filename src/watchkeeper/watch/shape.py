"""One number for how far a bucket's distribution lies from the expected one, over all bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import FIRST
from watchkeeper.watch.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_STEPS = 8
_FARTHEST = 6.0
_NEARLY_ALL = 0.9
_CHUNK = 2_000_000


def shape_values(
    counts: Floats,
    expected: Floats,
    leverage: Floats,
    rows: Floats,
    dispersion: Floats,
    group_start: Ints,
) -> tuple[Floats, Floats]:
    """Return a nearly normal omnibus distance per unit, and its variance for independent rows.

    Parameters
    ----------
    counts
        Rows per group of bins, shape (time, groups).
    expected
        Expected shares of the groups, same shape.
    leverage
        Variance of the expected shares in units of one bucket's, same shape.
    rows
        Rows of each unit, shape (time, units).
    dispersion
        Variance of the shares from bucket to bucket beyond what independent rows give, (groups,).
    group_start
        Where each unit's groups start, with the total at the end.

    Notes
    -----
    Squared Freeman-Tukey residuals (Freeman, Tukey 1950), which stay tame where a group is
    expected to be all but empty, divided by their variance under over-dispersion, summed to a
    chi-square; its cube root is close to normal (Wilson, Hilferty 1931) with mean 1 - 2 / (9 df).
    """
    sizes = np.diff(group_start)
    total = np.repeat(rows, sizes, axis=-1)
    # A group that holds nearly all rows is measured by the rows outside of it, which are few: its
    # own count would tell above all how many rows the bucket has.
    nearly_all = expected > _NEARLY_ALL
    counts = np.where(nearly_all, np.maximum(total - counts, 0.0), counts)
    share = np.where(nearly_all, 1.0 - expected, expected)
    share = np.clip(share, 0.25 / np.maximum(total, 1.0) * 1e-2, 1.0)
    mean = total * share
    residual = np.sqrt(counts) + np.sqrt(counts + 1.0) - np.sqrt(4.0 * mean + 1.0)
    between = total * dispersion / share
    variance = ((1.0 - share) + between) * (1.0 + leverage)
    squared = np.add.reduceat(residual**2 / variance, group_start[:-1], axis=-1)
    degrees = np.maximum(sizes - 1.0, 1.0)
    return np.cbrt(squared / degrees), np.broadcast_to(2.0 / (9.0 * degrees), rows.shape)


def follow_level(panel: Panel, expected: Floats, level: Floats) -> Floats:
    """Move expected shares along with the level, so that the shape is what the level leaves.

    Parameters
    ----------
    expected
        Expected shares of the groups, shape (time, groups).
    level
        Observed levels, shape (time, units).

    Returns
    -------
    ndarray
        Expected shares given the level, shape (time, groups); as they were for units without one.

    Notes
    -----
    Exponential tilting of the bins by their normal scores until their mean is the level: for
    normal data this is exactly the distribution shifted (Efron 1981, "Nonparametric standard
    errors and confidence intervals", on tilted distributions). Without it every wander of a mean
    would be told twice, the second time with a heavy tail.
    """
    rows = max(1, _CHUNK // max(len(panel.score), 1))
    parts = [
        _tilted(panel, expected[i : i + rows], level[i : i + rows])
        for i in range(0, len(expected), rows)
    ]
    return np.concatenate(parts) if parts else expected


def _tilted(panel: Panel, expected: Floats, level: Floats) -> Floats:
    starts = panel.fine_start[:-1]
    unit = np.repeat(np.arange(len(starts)), np.diff(panel.fine_start))
    weight = np.clip(expected, 0.0, None)[:, panel.group_of] * panel.within_group
    is_value = np.ones(len(unit), dtype=np.bool_)
    for place in range(FIRST):
        is_value[starts + place] = False
    weight[:, ~is_value] = 0.0
    mass = np.add.reduceat(weight, starts, axis=1)
    ready = panel.has_level & (mass > 0)
    slope = np.zeros_like(level)
    for _ in range(_STEPS):
        tilted = weight * np.exp(slope[:, unit] * panel.score)
        total = np.maximum(np.add.reduceat(tilted, starts, axis=1), 1e-300)
        mean = np.add.reduceat(tilted * panel.score, starts, axis=1) / total
        square = np.add.reduceat(tilted * panel.score**2, starts, axis=1) / total
        variance = np.maximum(square - mean**2, 0.02)
        step = np.clip((level - mean) / variance, -1.0, 1.0)
        slope = np.where(ready, np.clip(slope + step, -_FARTHEST, _FARTHEST), 0.0)
    tilted = weight * np.exp(slope[:, unit] * panel.score)
    total = np.maximum(np.add.reduceat(tilted, starts, axis=1), 1e-300)
    tilted *= (mass / total)[:, unit]
    moved = np.zeros_like(expected)
    group_starts = np.flatnonzero(np.diff(panel.group_of, prepend=-1))
    ordered = bool((np.diff(panel.group_of) >= 0).all())
    if ordered:
        moved[:, panel.group_of[group_starts]] = np.add.reduceat(tilted, group_starts, axis=1)
    else:
        for t in range(len(tilted)):
            moved[t] = np.bincount(panel.group_of, tilted[t], minlength=moved.shape[1])
    group_unit = panel.unit_of_group()
    own = ready[:, group_unit] & ~panel.unvalued_group
    return np.where(own, moved, expected)
