"""Business metrics over time and in all, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec


class BusinessSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one group: a value with its interval at 95 % for each step, and in all.

    Attributes
    ----------
    metric, group
        Names; the group is empty if nothing is told apart.
    value, low, high
        One for each of ``starts``; null where it cannot be said.
    total, total_low, total_high
        Over the whole window.
    entities
        How many different entities the total is of.
    """

    metric: str
    group: str
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    total: float | None
    total_low: float | None
    total_high: float | None
    entities: int


class BusinessInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a metric is called, and the unit of its values."""

    name: str
    unit: str | None


class Business(msgspec.Struct, frozen=True, kw_only=True):
    """A model's business metrics over a window.

    Attributes
    ----------
    step_seconds
        Length of a step.
    starts
        First moment of each step.
    metrics
        What was computed.
    series
        Each metric of each group.
    said
        What cannot be said, and why, as sentences.
    """

    model: str
    step_seconds: int
    starts: tuple[datetime, ...]
    metrics: tuple[BusinessInfo, ...]
    series: tuple[BusinessSeries, ...]
    said: tuple[str, ...]
