"""Hard rules: what needs no statistics and is told at once."""

from __future__ import annotations

import numpy as np

from watchkeeper.profiles import MISFIT, NULL, BucketProfile
from watchkeeper.watch.alarm import Alarm
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.panel import column_of
from watchkeeper.watch.state import State

_LEAST_ROWS = 5
_USUAL_NULL_RATIO = 0.5
_MISFIT_RATIO = 0.01


def broken_rules(baseline: Baseline, state: State, profile: BucketProfile) -> list[Alarm]:
    """Return one alarm for all columns that broke a rule in this bucket and are not told yet.

    The rules: a column is all null or gone, though less than half of the reference is null;
    more than 1 % of the values have another type, though the reference has none.
    """
    broken = [
        u
        for u in range(len(baseline.panel.units))
        if not state.muted[u] and _reason(baseline, u, profile)
    ]
    if not broken:
        return []
    n = len(broken)
    units = len(baseline.panel.units)
    return [
        Alarm(
            cause="rule",
            units=tuple(broken),
            tracked=tuple(units + u for u in broken),
            share=(1.0 / n,) * n,
            score=(1.0,) * n,
            significant=(True,) * n,
            note="",
        )
    ]


def all_back(baseline: Baseline, units: tuple[int, ...], profile: BucketProfile) -> bool:
    """Return whether no unit breaks a rule in this bucket."""
    return not any(_reason(baseline, u, profile) for u in units)


def _reason(baseline: Baseline, unit: int, profile: BucketProfile) -> bool:
    panel = baseline.panel
    named = panel.units[unit]
    column = column_of(profile, named)
    rows = profile.rows if not named.segment else (column.rows if column else 0)
    if rows < _LEAST_ROWS:
        return False
    reference = panel.reference[panel.fine_start[unit] : panel.fine_start[unit + 1]]
    total = float(reference.sum())
    if total == 0:
        return False
    if column is None or column.rows == 0:
        return bool(reference[NULL] / total < _USUAL_NULL_RATIO)
    counts = np.asarray(column.counts)
    all_null = counts[NULL] == column.rows and reference[NULL] / total < _USUAL_NULL_RATIO
    misfit = counts[MISFIT] > _MISFIT_RATIO * column.rows and reference[MISFIT] == 0
    return bool(all_null or misfit)
