"""How good a model's predictions were over a backtest."""

from __future__ import annotations

import msgspec

from watchkeeper.metrics.quality import Task
from watchkeeper.pipeline.metric_values import (
    CalibrationBin,
    MetricInfo,
    MetricSeries,
    PerformanceTotal,
)


class SegmentPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """A segment in the reference and in what was watched."""

    segment: str
    reference: PerformanceTotal
    watched: PerformanceTotal


class BacktestPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """How good the predictions were, by their labels.

    Metrics belong to the time of the prediction, not to that of its label.

    Attributes
    ----------
    label, output
        Columns; the output is ``None`` where probabilities by class were given.
    task
        ``None`` if outputs and labels do not go together; ``said`` tells why.
    positive
        The class that a binary model looks for.
    metrics
        Those that were measured, in the order in which they are shown.
    predictions, labelled
        Rows, and rows with a label, one entry for each watched bucket.
    series
        Each metric with its interval at 95 %, one entry for each watched bucket.
    reference, watched
        Metrics over the whole of both.
    segments
        The same for each segment, most frequent first.
    calibration, reference_calibration
        How often probabilities came true; empty unless binary with probabilities.
    said
        What cannot be known, in sentences.
    """

    label: str
    output: str | None
    task: Task | None
    positive: str | None
    metrics: tuple[MetricInfo, ...]
    predictions: tuple[int, ...]
    labelled: tuple[int, ...]
    series: tuple[MetricSeries, ...]
    reference: PerformanceTotal
    watched: PerformanceTotal
    segments: tuple[SegmentPerformance, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    reference_calibration: tuple[CalibrationBin, ...] = ()
    said: tuple[str, ...] = ()
