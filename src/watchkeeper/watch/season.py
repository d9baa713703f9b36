"""What a column was expected to look like over some buckets, each at its place in the cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.adoption import as_adopted
from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.cycles import middle
from watchkeeper.watch.state import State

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Expected shares per bin, nulls and misfits included, and the mean they come to.

    ``mean`` is ``None`` for a category. The shares sum to 1.
    """

    shares: Floats
    mean: float | None


def expected_over(
    baseline: Baseline,
    state: State,
    unit: int,
    spans: Sequence[tuple[datetime, datetime] | None],
    rows: Floats,
) -> Expected:
    """Return what a unit was expected to show over buckets, mixed by the rows they had.

    Parameters
    ----------
    state
        What the watch had learned by then.
    spans
        Start and end of each bucket, ``None`` for rows without times.
    rows
        Rows of the unit in each, at least one, shape (buckets,).
    """
    panel = as_adopted(baseline, state).panel
    groups = slice(int(panel.group_start[unit]), int(panel.group_start[unit + 1]))
    fine = slice(int(panel.fine_start[unit]), int(panel.fine_start[unit + 1]))
    outcomes = len(panel.units) + np.arange(groups.start, groups.stop)
    shares = state.expectation.fitted_of(_design(baseline, spans), outcomes)
    if state.adopted is not None:
        shares = shares + state.adopted.outcomes[outcomes]
    mixed = rows @ np.maximum(shares, 0.0) / rows.sum()
    means = panel.group_mean[groups]
    valued = np.isfinite(means) & (mixed > 0)
    bins = mixed[panel.group_of[fine] - groups.start] * panel.within_group[fine]
    mean = float(mixed[valued] @ means[valued] / mixed[valued].sum()) if valued.any() else None
    return Expected(shares=bins / bins.sum(), mean=mean)


def _design(baseline: Baseline, spans: Sequence[tuple[datetime, datetime] | None]) -> Floats:
    known = [middle(*span) for span in spans if span is not None]
    if not baseline.design.blocks or len(known) < len(spans):
        return np.eye(1, baseline.design.width).repeat(len(spans), axis=0)
    return baseline.design.rows(known)
