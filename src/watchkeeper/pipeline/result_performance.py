"""How good a model's predictions were over a backtest."""

from __future__ import annotations

import msgspec

from watchkeeper.diagnosis import ChangeSplit, Impact, Segment
from watchkeeper.metrics.quality import Task
from watchkeeper.pipeline.metric_values import (
    CalibrationBin,
    EstimateScore,
    GroupGap,
    MetricInfo,
    MetricSeries,
    MetricValue,
    PerformanceTotal,
)


class SegmentPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """A segment in the reference and in what was watched."""

    segment: str
    reference: PerformanceTotal
    watched: PerformanceTotal


class HorizonPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """The watched forecasts that look so many steps ahead."""

    horizon: float
    metrics: tuple[MetricValue, ...]


class BacktestEstimates(msgspec.Struct, frozen=True, kw_only=True):
    """What would have been estimated of the watched buckets before any of their labels came.

    Attributes
    ----------
    series
        Each metric with the interval that what is measured will lie in, at 95 %, one entry for each
        watched bucket; ``None`` where nothing was estimated.
    refused
        For each watched bucket, why nothing could be estimated; ``None`` where that is not so.
    every
        One in so many buckets was looked at.
    scores
        How good the estimates were, held against what labels said later.
    """

    series: tuple[MetricSeries, ...]
    refused: tuple[str | None, ...]
    every: int
    scores: tuple[EstimateScore, ...]


class IncidentExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why an incident happened: its time held against the reference.

    Attributes
    ----------
    incident_id
        Which incident.
    conclusions
        The answer in sentences, most important first.
    split
        How much of the change of the loss comes of the inputs, and how much of the relationship.
    segments
        Where the loss changed most; of an incident of the data, where its first column moved.
    impact
        What the change of the loss costs.
    said
        What cannot be known.
    """

    incident_id: str
    conclusions: tuple[str, ...]
    split: ChangeSplit | None
    segments: tuple[Segment, ...]
    impact: Impact | None
    said: tuple[str, ...]


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
    horizons
        Of a regression with ``quality.horizon``, the nearest first, up to 50.
    fairness
        Gaps between protected groups in what was watched, those that are told first.
    estimates
        ``None`` where none were asked for, or the reference does not allow any.
    explanations
        Of up to five incidents, those of the loss first, then those with most evidence.
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
    horizons: tuple[HorizonPerformance, ...] = ()
    fairness: tuple[GroupGap, ...] = ()
    estimates: BacktestEstimates | None = None
    explanations: tuple[IncidentExplanation, ...] = ()
    said: tuple[str, ...] = ()
