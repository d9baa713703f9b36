"""What the baseline expects of a span of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.baseline import Baseline
from watchkeeper.watch.cycles import middle

Floats = NDArray[np.float64]


def expected_shares(
    baseline: Baseline, buckets: Sequence[tuple[datetime, datetime]]
) -> dict[tuple[str, str], Floats]:
    """Return the expected shares of each unit's bins, (bins,), season included.

    The mean over some buckets, as the baseline was fitted: without what was learned since.

    Parameters
    ----------
    buckets
        Their starts and ends; at least one.

    Returns
    -------
    By column and segment, in the order of a profile's counts; each sums to 1.
    """
    panel, units = baseline.panel, len(baseline.panel.units)
    moments = [middle(start, end) for start, end in buckets]
    if baseline.design.blocks:
        x = baseline.design.rows(moments)
    else:
        x = np.repeat(np.eye(1, baseline.design.width), len(moments), axis=0)
    outcomes, _ = baseline.expectation.fitted(x)
    groups = np.maximum(outcomes[:, units:-1].mean(axis=0), 0.0)
    fine = groups[panel.group_of] * panel.within_group
    shares: dict[tuple[str, str], Floats] = {}
    for i, unit in enumerate(panel.units):
        own = fine[panel.fine_start[i] : panel.fine_start[i + 1]]
        shares[unit.column, unit.segment] = own / max(float(own.sum()), 1e-300)
    return shares
