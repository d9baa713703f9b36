"""What a comparison says of the predictions of both sides, where their labels are known."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from watchkeeper.diagnosis import ChangeSplit, Estimate, Segment
from watchkeeper.metrics.quality import CalibrationBin, Measured

MetricChange: TypeAlias = Literal["better", "worse", "other", "none", "unknown"]
"""``other``: it changed, and neither direction is better; ``unknown``: a side cannot say it."""


class MetricComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One metric on both sides.

    Attributes
    ----------
    label
        Its name for people.
    unit, better
        As of `watchkeeper.metrics.quality.METRICS`.
    reference, current
        The metric with its interval at 95 %; no reference where that has no labels.
    difference
        Current less reference, with its interval at 95 %.
    p_value, adjusted_p_value
        Of there being no difference; adjusted for all metrics (Holm 1979).
    change
        ``better`` or ``worse`` when it can hardly be chance and is large enough to matter.
    message
        What changed, in one sentence.
    """

    label: str
    unit: str
    better: Literal["higher", "lower", "neither"]
    reference: Measured | None
    current: Measured
    difference: Estimate | None
    p_value: float | None
    adjusted_p_value: float | None
    change: MetricChange
    message: str


class CalibrationCurves(msgspec.Struct, frozen=True, kw_only=True):
    """How often predicted probabilities came true on either side, from the lowest up."""

    reference: tuple[CalibrationBin, ...]
    current: tuple[CalibrationBin, ...]


class LossChange(msgspec.Struct, frozen=True, kw_only=True):
    """What makes up the change of the mean loss: errors of a class, or the absolute error.

    Attributes
    ----------
    quantity
        What is averaged.
    is_ratio
        Whether it is a part of the rows, 0 to 1.
    rows, reference_rows
        Labelled rows that were looked at.
    split
        How much of it comes from inputs, how much from their relation to the label.
    segments
        Where it happened, largest excess first; empty if it is spread evenly.
    per_thousand, cost_per_thousand
        So much more of it in a thousand predictions; its cost by the owner's cost matrix.
    conclusions
        The same in sentences, most important first.
    """

    quantity: str
    is_ratio: bool
    mean: float
    reference_mean: float
    change: Estimate
    rows: int
    reference_rows: int
    split: ChangeSplit | None
    segments: tuple[Segment, ...]
    per_thousand: Estimate
    cost_per_thousand: Estimate | None
    cost_unit: str | None
    conclusions: tuple[str, ...]


class ProtectedGap(msgspec.Struct, frozen=True, kw_only=True):
    """How one protected group is served against everybody else, now and in the reference.

    Attributes
    ----------
    rows
        Current labelled rows of the group that were looked at.
    value, others
        The metric of the group and of all others now.
    gap, reference_gap
        The group's less the others', with the interval at 95 %.
    """

    column: str
    group: str
    metric: str
    rows: int
    value: float
    others: float
    gap: Estimate
    reference_gap: Estimate | None


class PerformanceComparison(msgspec.Struct, frozen=True, kw_only=True):
    """How good the predictions of both sides are.

    Attributes
    ----------
    task, positive
        What is predicted, and which class a binary model looks for; ``None`` if it cannot be told.
    reference_labelled, current_labelled
        Rows with a label and a prediction.
    worse
        Whether any metric is.
    metrics
        By name.
    calibration
        Of a binary model's probabilities.
    loss
        What makes up the change; ``None`` with fewer than 100 labelled rows on a side.
    gaps
        Of protected columns, those that can be told from 0 first.
    said
        What cannot be known, and why.
    """

    task: str | None
    positive: str | None
    reference_labelled: int
    current_labelled: int
    worse: bool
    metrics: dict[str, MetricComparison]
    calibration: CalibrationCurves | None = None
    loss: LossChange | None = None
    gaps: tuple[ProtectedGap, ...] = ()
    said: tuple[str, ...] = ()
