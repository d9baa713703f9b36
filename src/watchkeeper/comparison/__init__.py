"""Two profiles side by side: what changed, how much, and whether it can be chance.

Pure: profiles of a reference and of current rows come in, a verdict comes out. One window is judged
by itself; a series of them, under one budget for false alarms, is for ``watch``.
"""

from __future__ import annotations

from watchkeeper.comparison.comparing import compare_profiles
from watchkeeper.comparison.metric_wording import difference_in_unit, in_unit
from watchkeeper.comparison.metrics import compare_metrics, worse_first
from watchkeeper.comparison.performance import (
    CalibrationCurves,
    LossChange,
    MetricChange,
    MetricComparison,
    PerformanceComparison,
    ProtectedGap,
)
from watchkeeper.comparison.result import (
    ColumnComparison,
    ColumnEffect,
    ColumnQuality,
    Comparison,
    DatasetComparison,
    Distances,
    Distribution,
    JointDrift,
    OutlierComparison,
    SegmentComparison,
    Summary,
    TellingColumn,
    ValueChange,
    VectorComparison,
    Verdict,
)
from watchkeeper.comparison.rule import Rule
from watchkeeper.comparison.verdict import Settings

__all__ = [
    "CalibrationCurves",
    "ColumnComparison",
    "ColumnEffect",
    "ColumnQuality",
    "Comparison",
    "DatasetComparison",
    "Distances",
    "Distribution",
    "JointDrift",
    "LossChange",
    "MetricChange",
    "MetricComparison",
    "OutlierComparison",
    "PerformanceComparison",
    "ProtectedGap",
    "Rule",
    "SegmentComparison",
    "Settings",
    "Summary",
    "TellingColumn",
    "ValueChange",
    "VectorComparison",
    "Verdict",
    "compare_metrics",
    "compare_profiles",
    "difference_in_unit",
    "in_unit",
    "worse_first",
]
