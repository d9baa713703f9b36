"""What is told of estimates: series by time, how good past ones were, and what cannot be known."""

from __future__ import annotations

from datetime import datetime

import msgspec

from watchkeeper.metrics.quality import Task
from watchkeeper.pipeline.metric_values import EstimateScore
from watchkeeper.pipeline.quality import MetricInfo, MetricValue

__all__ = ["EstimateScore", "EstimateSeries", "Estimates", "OutsideColumn"]


class EstimateSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over time, one entry for each step; null where it cannot be said.

    Attributes
    ----------
    value, low, high
        Estimated without any label of the step; what is measured later will lie between, at 95 %.
    corrected, corrected_low, corrected_high
        Of days with 30 labels or more: by the estimate and the labels together, with its interval
        at 95 %.
    measured
        By the labels that have come.
    """

    metric: str
    value: list[float | None]
    low: list[float | None]
    high: list[float | None]
    corrected: list[float | None]
    corrected_low: list[float | None]
    corrected_high: list[float | None]
    measured: list[float | None]


class OutsideColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column with values that the reference never had, in so many steps that were refused."""

    column: str
    steps: int


class Estimates(msgspec.Struct, frozen=True, kw_only=True):
    """How good predictions will turn out to be, before their labels come.

    Attributes
    ----------
    task
        Null as long as it cannot be told.
    since, until
        The window, widened to whole steps: ``since <= time < until``.
    step_seconds
        3600 for hours; 86400 for days, also where no hour has enough predictions.
    predictions, labelled
        Of each step.
    outside
        Part of each step's predictions outside what the reference covers; null where there are too
        few predictions to say.
    refused
        Why a step is not estimated, null if it is.
    outside_columns
        Columns for which steps were refused, most steps first.
    reference
        The metrics of the reference.
    reference_rows
        Labelled predictions that the estimator was fitted on; null if there is none.
    scores
        Of the last 90 days up to the end of the window.
    said
        What the labels say of the estimates, and what cannot be known, in sentences.
    """

    task: Task | None
    metrics: list[MetricInfo]
    since: datetime
    until: datetime
    step_seconds: int
    starts: list[datetime]
    predictions: list[int]
    labelled: list[int]
    series: list[EstimateSeries]
    outside: list[float | None]
    refused: list[str | None]
    outside_columns: list[OutsideColumn]
    reference: list[MetricValue] | None
    reference_rows: int | None
    scores: list[EstimateScore]
    said: list[str]
