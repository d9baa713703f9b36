"""How good predictions are whose labels came: joined, measured, kept, and read back."""

from __future__ import annotations

from watchkeeper.pipeline.quality.labels_by_age import labelled_days
from watchkeeper.pipeline.quality.performance import PerformanceBy, performance
from watchkeeper.pipeline.quality.performance_answer import (
    AgeCoverage,
    Calibration,
    CalibrationBin,
    LabelDelay,
    MetricInfo,
    MetricSeries,
    MetricValue,
    Performance,
    PerformanceGroup,
    PerformanceTotal,
    YoungBias,
)
from watchkeeper.pipeline.quality.plan import QualityPlan, measured_plan
from watchkeeper.pipeline.quality.rollup import QualityRollup

__all__ = [
    "AgeCoverage",
    "Calibration",
    "CalibrationBin",
    "LabelDelay",
    "MetricInfo",
    "MetricSeries",
    "MetricValue",
    "Performance",
    "PerformanceBy",
    "PerformanceGroup",
    "PerformanceTotal",
    "QualityPlan",
    "QualityRollup",
    "YoungBias",
    "labelled_days",
    "measured_plan",
    "performance",
]
