"""How large a column's change is, with intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chndtrinc

from watchkeeper.comparison.cells import grouped
from watchkeeper.comparison.result import ColumnEffect, ValueChange
from watchkeeper.profiles import Bins, ColumnProfile, NumberBins, bin_labels
from watchkeeper.stats import total_variation

Floats = NDArray[np.float64]

_MOST_CHANGED = 5
_Z = 1.959964
_DIGITS = 6


def effect_of(bins: Bins, reference: ColumnProfile, current: ColumnProfile) -> ColumnEffect:
    """Return the size of a column's change.

    Notes
    -----
    Shares of two samples differ without any change, so their total variation is never zero, and
    less so over fewer cells: neighbouring bins of a number count as one. Of
    Pearson's statistic the noncentrality is what is left beyond chance; the total variation is
    reduced by the root of that part, and its interval is that of the noncentrality.
    """
    before, after = reference.counts.astype(np.float64), current.counts.astype(np.float64)
    if not before.any() or not after.any():
        return ColumnEffect(moved_ratio=0.0, moved_low=0.0, moved_high=1.0)
    cells = grouped(before, after) if isinstance(bins, NumberBins) else (before, after)
    moved, low, high = moved_ratio(*cells)
    changed = most_changed(bins, before, after)
    if not isinstance(bins, NumberBins):
        return ColumnEffect(moved_ratio=moved, moved_low=low, moved_high=high, most_changed=changed)
    one, two = reference.moments, current.moments
    if one is None or two is None or not one.count or not two.count:
        return ColumnEffect(moved_ratio=moved, moved_low=low, moved_high=high, most_changed=changed)
    shift = two.mean - one.mean
    sd = math.sqrt(one.m2 / one.count)
    error = math.sqrt(one.m2 / one.count**2 + two.m2 / two.count**2)
    return ColumnEffect(
        moved_ratio=moved,
        moved_low=low,
        moved_high=high,
        reference_mean=rounded(one.mean),
        current_mean=rounded(two.mean),
        shift=rounded(shift),
        shift_sd=rounded(shift / sd) if sd > 0 else None,
        shift_low=rounded(shift - _Z * error),
        shift_high=rounded(shift + _Z * error),
        most_changed=changed,
    )


def moved_ratio(before: Floats, after: Floats) -> tuple[float, float, float]:
    """Return the part of the rows that moved beyond chance, and its interval at 95 %.

    Parameters
    ----------
    before, after
        Rows per cell, shape (cells,), each with a sum above 0.
    """
    used = before + after > 0
    before, after = before[used], after[used]
    plain = total_variation(before, after)
    degrees = len(before) - 1
    if degrees < 1:
        return 0.0, 0.0, 0.0
    size, other = before.sum(), after.sum()
    pooled = (before + after) / (size + other)
    difference = after / other - before / size
    statistic = float((difference**2 / pooled).sum() / (1.0 / size + 1.0 / other))
    if statistic <= 0:
        return 0.0, 0.0, rounded(min(1.0, math.sqrt(degrees * (1 / size + 1 / other))))
    beyond = max(0.0, statistic - degrees)
    low, high = (_noncentrality(statistic, degrees, p) for p in (0.975, 0.025))

    def part(noncentrality: float) -> float:
        return rounded(min(1.0, plain * math.sqrt(noncentrality / statistic)))

    return part(beyond), part(min(low, beyond)), part(max(high, beyond))


def _noncentrality(statistic: float, degrees: int, p: float) -> float:
    """Return the noncentrality at which a statistic so small has chance ``p``."""
    if statistic > 1e4:
        # The statistic is nearly normal with mean d + n and variance 2 d + 4 n.
        z = _Z if p < 0.5 else -_Z
        return max(0.0, (math.sqrt(max(statistic - degrees, 0.0)) + z) ** 2)
    found = float(chndtrinc(statistic, degrees, p))
    return found if math.isfinite(found) and found >= 0 else 0.0


def most_changed(bins: Bins, before: Floats, after: Floats) -> tuple[ValueChange, ...]:
    """Return the values or bins whose shares changed most, largest change first."""
    first, second = before / before.sum(), after / after.sum()
    order = np.argsort(-np.abs(second - first), kind="stable")[:_MOST_CHANGED]
    labels = bin_labels(bins)
    return tuple(
        ValueChange(
            value=labels[place],
            reference_ratio=rounded(float(first[place])),
            current_ratio=rounded(float(second[place])),
        )
        for place in order
        if abs(second[place] - first[place]) > 1e-6
    )


def rounded(value: float) -> float:
    """Return a number at six digits, as people read it."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))
