"""What a metric says: a value with its interval, or why nothing can be said."""

from __future__ import annotations

from dataclasses import dataclass


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
