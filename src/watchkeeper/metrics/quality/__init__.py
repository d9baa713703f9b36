"""How good predictions are whose truth is known: metrics with intervals, on arrays.

Pure: arrays in, values with intervals out. Which predictions have a label, and which rows are
measured together, is decided in ``pipeline``.
"""

from __future__ import annotations

from watchkeeper.metrics.quality.calibration import CalibrationBin, calibration_curve
from watchkeeper.metrics.quality.catalogue import METRICS, MetricFacts, chosen
from watchkeeper.metrics.quality.choice import CostMatrix, QualityChoice
from watchkeeper.metrics.quality.clusters import Clusters, clusters
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.gaps import (
    Gap,
    GroupMeasured,
    GroupsMeasured,
    gap,
    measure_by_group,
)
from watchkeeper.metrics.quality.horizons import HorizonMeasured, measure_by_horizon
from watchkeeper.metrics.quality.intervals import interval
from watchkeeper.metrics.quality.measured import Measured
from watchkeeper.metrics.quality.measuring import measure
from watchkeeper.metrics.quality.paired import PairedMetric, measure_paired
from watchkeeper.metrics.quality.probabilities import probabilities_of, probability_curve
from watchkeeper.metrics.quality.ranked import RankedRows
from watchkeeper.metrics.quality.ranking import measure_ranked
from watchkeeper.metrics.quality.score_curves import LiftPoint, ScoreOrder, lift_curve
from watchkeeper.metrics.quality.scored import ScoredRows, Task

__all__ = [
    "METRICS",
    "CalibrationBin",
    "Clusters",
    "CostMatrix",
    "Estimated",
    "Finding",
    "Gap",
    "GroupMeasured",
    "GroupsMeasured",
    "HorizonMeasured",
    "LiftPoint",
    "Measured",
    "MetricFacts",
    "PairedMetric",
    "QualityChoice",
    "RankedRows",
    "ScoreOrder",
    "ScoredRows",
    "Task",
    "Unsaid",
    "calibration_curve",
    "chosen",
    "clusters",
    "gap",
    "interval",
    "lift_curve",
    "measure",
    "measure_by_group",
    "measure_by_horizon",
    "measure_paired",
    "measure_ranked",
    "probabilities_of",
    "probability_curve",
]
