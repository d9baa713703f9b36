"""Metrics as they are told: what each is, its value with an interval, its course, its estimate."""

from __future__ import annotations

import msgspec


class MetricInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a metric; ``higher_is_better`` is null where neither is."""

    name: str
    label: str
    unit: str
    higher_is_better: bool | None


class MetricValue(msgspec.Struct, frozen=True, kw_only=True):
    """A metric with its interval at 95 %, from so many labelled predictions."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    rows: int


class MetricSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over time, one entry for each step; null where it cannot be said."""

    metric: str
    value: list[float | None]
    low: list[float | None]
    high: list[float | None]


class PerformanceTotal(msgspec.Struct, frozen=True, kw_only=True):
    """One group over the whole window."""

    group: str
    predictions: int
    labelled: int
    metrics: list[MetricValue]


class CalibrationBin(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions with a probability from ``low`` to ``high``, and how often it came true."""

    low: float
    high: float
    rows: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


class EstimateScore(msgspec.Struct, frozen=True, kw_only=True):
    """How good past estimates of a metric were, of steps whose labels are there.

    Attributes
    ----------
    steps
        How many were scored.
    error
        Mean absolute difference of what was estimated and what was measured.
    bias
        Mean of what was estimated less what was measured.
    inside_ratio
        Part of the measured values that lay inside the interval, which is one of 95 %.
    unchanged_error
        Mean absolute error of saying that the metric is that of the reference; null if that is not
        known.
    """

    metric: str
    steps: int
    error: float
    bias: float
    inside_ratio: float
    unchanged_error: float | None


class GroupGap(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one protected group against all others, with the interval of the difference.

    Attributes
    ----------
    is_told
        Whether the interval excludes 0.
    """

    column: str
    group: str
    rows: int
    metric: str
    value: float
    others: float
    difference: float
    low: float | None
    high: float | None
    is_told: bool
