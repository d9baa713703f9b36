"""What a metric says: a value with its interval, or why nothing can be said."""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.metrics.quality.clusters import Clusters
from watchkeeper.metrics.quality.estimated import Finding, Unsaid
from watchkeeper.metrics.quality.intervals import interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric of one group of rows.

    Parameters
    ----------
    name
        Key of :data:`METRICS`.
    value, low, high
        The metric and its interval at 95 %, in the metric's unit; ``None`` where these rows
        cannot say it.
    rows
        Labelled predictions that it was computed from.
    unsaid
        Why there is no value, as a sentence; ``None`` with one.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    rows: int
    unsaid: str | None = None


def told(name: str, finding: Finding, rows: int, together: Clusters | None) -> Measured:
    """Return a finding as a value with its interval."""
    if isinstance(finding, Unsaid):
        return Measured(
            name=name, value=None, low=None, high=None, rows=rows, unsaid=finding.reason
        )
    low, high = (end if math.isfinite(end) else None for end in interval(finding, together))
    return Measured(name=name, value=finding.value, low=low, high=high, rows=rows)
