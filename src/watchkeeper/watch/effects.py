"""How large a change is: in the units of the column, and in the distances that users know."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import (
    FIRST,
    NULL,
    CategoryBins,
    bin_labels,
    distances_between,
)
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.incidents import CategoryChange, Effect
from watchkeeper.watch.state import Tally

Floats = NDArray[np.float64]

_MOST_CHANGED = 5
_DIGITS = 6


def effect_of(baseline: Baseline, tally: Tally, unit: int) -> Effect:
    """Return the size of a unit's change over its tally; of the volume for the last unit."""
    if unit == len(baseline.panel.units):
        return _volume_effect(tally, unit)
    panel = baseline.panel
    before, after = _distributions(baseline, tally, unit)
    if not before.any() or not after.any():
        return Effect()
    values_after = after[FIRST:]
    bins = baseline.bins[panel.units[unit].column]
    rows = np.array([tally.rows[unit]], dtype=np.float64)
    distance = distances_between([bins], before[None], after[None], rows)[0]
    category = isinstance(bins, CategoryBins)
    before_mean, after_mean = _means(baseline, tally, unit)
    sd = float(panel.reference_sd[unit])
    shift = None if before_mean is None or after_mean is None else after_mean - before_mean
    labels = bin_labels(bins)
    changed = np.argsort(-np.abs(after - before), kind="stable")[:_MOST_CHANGED]
    return Effect(
        before_mean=_round(before_mean),
        after_mean=_round(after_mean),
        shift=_round(shift),
        shift_sd=_round(shift / sd) if shift is not None and sd > 0 else None,
        before_null_ratio=_rounded(before[NULL]),
        after_null_ratio=_rounded(after[NULL]),
        unseen_ratio=_rounded(values_after[-1]) if category else _rounded(_outside(values_after)),
        psi=_rounded(distance.psi),
        jensen_shannon=_rounded(distance.jensen_shannon),
        hellinger=_rounded(distance.hellinger),
        wasserstein=_round(distance.wasserstein),
        kolmogorov_smirnov=_round(distance.kolmogorov_smirnov),
        chi_square=_rounded(distance.chi_square),
        total_variation=_rounded(distance.total_variation),
        l_infinity=_rounded(distance.l_infinity),
        most_changed=tuple(
            CategoryChange(
                value=labels[i],
                before_ratio=_rounded(before[i]),
                after_ratio=_rounded(after[i]),
            )
            for i in changed
            if abs(after[i] - before[i]) > 1e-6
        ),
    )


def moved_shares(baseline: Baseline, tally: Tally, unit: int) -> Floats:
    """Return observed less expected shares of a unit's groups, shape (its groups,)."""
    panel = baseline.panel
    fine = slice(panel.fine_start[unit], panel.fine_start[unit + 1])
    groups = slice(panel.group_start[unit], panel.group_start[unit + 1])
    rows = max(float(tally.rows[unit]), 1.0)
    own = panel.group_of[fine] - panel.group_start[unit]
    size = int(panel.group_start[unit + 1] - panel.group_start[unit])
    observed = np.bincount(own, tally.fine[fine], minlength=size)
    moved: Floats = (observed - tally.expected[groups]) / rows
    return moved


def _distributions(baseline: Baseline, tally: Tally, unit: int) -> tuple[Floats, Floats]:
    """Return expected and observed shares per bin; a group splits as in the reference."""
    panel = baseline.panel
    place = slice(panel.fine_start[unit], panel.fine_start[unit + 1])
    group = panel.group_of[place]
    before = np.maximum(tally.expected[group], 0.0) * panel.within_group[place]
    after = tally.fine[place]
    return before / max(before.sum(), 1e-300), after / max(after.sum(), 1.0)


def _means(baseline: Baseline, tally: Tally, unit: int) -> tuple[float | None, float | None]:
    panel = baseline.panel
    groups = slice(panel.group_start[unit], panel.group_start[unit + 1])
    means, weight = panel.group_mean[groups], np.maximum(tally.expected[groups], 0.0)
    known = np.isfinite(means)
    if not known.any() or weight[known].sum() <= 0 or tally.counted[unit] == 0:
        return None, None
    before = float((means[known] * weight[known]).sum() / weight[known].sum())
    return before, float(tally.sums[unit] / tally.counted[unit])


def _volume_effect(tally: Tally, unit: int) -> Effect:
    buckets = max(tally.volume_buckets, 1.0)
    before, after = tally.volume_expected / buckets, float(tally.rows[unit]) / buckets
    return Effect(
        before_mean=_round(before), after_mean=_round(after), shift=_round(after - before)
    )


def _outside(values: Floats) -> float:
    return float(values[0] + values[-1]) if len(values) > 1 else 0.0


def _round(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}")


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else 0.0
