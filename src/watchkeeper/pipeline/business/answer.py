"""Business metrics over time and in all, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

BusinessState: TypeAlias = Literal["usual", "worse", "better", "not watched"]


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


class BusinessWatch(msgspec.Struct, frozen=True, kw_only=True):
    """How a watched metric stands beside the reference of the model's baseline.

    Attributes
    ----------
    state
        Whether its days are as usual, as far as they were judged.
    said
        What is to be known of it, as a sentence.
    usual
        The ratio over the reference.
    reference_days
        Days of the reference that say something.
    wait_days
        Days after its end at which a day is judged.
    judged_until
        End of the newest day that is judged.
    incident
        The one that is open.
    """

    state: BusinessState
    said: str | None = None
    usual: float | None = None
    reference_days: int = 0
    wait_days: int | None = None
    judged_until: datetime | None = None
    incident: str | None = None


class BusinessInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a metric is called, the unit of its values, and how it stands if it is watched."""

    name: str
    unit: str | None
    watch: BusinessWatch | None = None


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
        What cannot be said, and why, and what is not as usual, as sentences.
    """

    model: str
    step_seconds: int
    starts: tuple[datetime, ...]
    metrics: tuple[BusinessInfo, ...]
    series: tuple[BusinessSeries, ...]
    said: tuple[str, ...]
