"""What is told of a model's quality: series by time, totals, calibration and the labels' delay."""

from __future__ import annotations

from datetime import datetime

import msgspec

from watchkeeper.metrics.quality import Task
from watchkeeper.pipeline.metric_values import (
    CalibrationBin,
    MetricInfo,
    MetricSeries,
    MetricValue,
    PerformanceTotal,
)

__all__ = [
    "AgeCoverage",
    "Calibration",
    "CalibrationBin",
    "LabelDelay",
    "MetricInfo",
    "MetricSeries",
    "MetricValue",
    "Performance",
    "PerformanceGroup",
    "PerformanceTotal",
    "YoungBias",
]


class PerformanceGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One group over time."""

    group: str
    predictions: list[int]
    labelled: list[int]
    series: list[MetricSeries]


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Whether probabilities come true, from all whole days that the window touches."""

    bins: list[CalibrationBin]


class AgeCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Share of predictions that have a label at an age."""

    age_seconds: int
    ratio: float


class YoungBias(msgspec.Struct, frozen=True, kw_only=True):
    """How far a metric is off while labels are this young: subtract it.

    Attributes
    ----------
    age_seconds
        From the labels that came within this time of their predictions.
    label_ratio
        Share of the labels that have come by then.
    bias, low, high
        Mean over past days of the metric as it stood then, less the metric as it is now, with its
        interval at 95 % between days.
    days
        Past days whose labels are nearly all there.
    """

    metric: str
    age_seconds: int
    label_ratio: float
    bias: float
    low: float
    high: float
    days: int


class LabelDelay(msgspec.Struct, frozen=True, kw_only=True):
    """How late labels come.

    Attributes
    ----------
    median_seconds, p95_seconds
        From a prediction to its first label; null if there is none.
    coverage_by_age, reference_coverage_by_age
        Of all predictions, not only those that ever get a label: of the last 90 days, and of the
        reference.
    """

    median_seconds: float | None
    p95_seconds: float | None
    coverage_by_age: list[AgeCoverage]
    reference_coverage_by_age: list[AgeCoverage] | None
    bias_of_young: list[YoungBias]


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """How good a model's predictions are, by what is known so far.

    Attributes
    ----------
    task
        Null as long as it cannot be told.
    since, until
        The window, widened to whole steps: ``since <= time < until``.
    settled
        For each step, which share of the labels that will come has come, by its age.
    reference
        The metrics of the reference, null if nothing of it has a label.
    said
        What cannot be known, or not yet, in sentences.
    """

    task: Task | None
    metrics: list[MetricInfo]
    since: datetime
    until: datetime
    step_seconds: int
    starts: list[datetime]
    settled: list[float]
    groups: list[PerformanceGroup]
    totals: list[PerformanceTotal]
    reference: list[MetricValue] | None
    calibration: Calibration | None
    label_delay: LabelDelay
    said: list[str]
