"""Performance estimated without labels, from what a model said and saw and a labelled past.

Pure: arrays in, estimates out. Which rows are a bucket's, and where estimates are kept, is decided
in ``pipeline``.
"""

from __future__ import annotations

from watchkeeper.estimation.class_metrics import CostMatrix, class_metric
from watchkeeper.estimation.classifier import (
    LEAST_ROWS,
    ClassChoice,
    ClassEstimator,
    fit_class_estimator,
)
from watchkeeper.estimation.estimated import BucketEstimate, EstimatedMetric
from watchkeeper.estimation.few_labels import CorrectedMetric, correct
from watchkeeper.estimation.inputs import Categories, Inputs
from watchkeeper.estimation.predictions import ClassPredictions, one_hot
from watchkeeper.estimation.support import Outside
from watchkeeper.estimation.wire import class_estimator_from_bytes, class_estimator_to_bytes

__all__ = [
    "LEAST_ROWS",
    "BucketEstimate",
    "Categories",
    "ClassChoice",
    "ClassEstimator",
    "ClassPredictions",
    "CorrectedMetric",
    "CostMatrix",
    "EstimatedMetric",
    "Inputs",
    "Outside",
    "class_estimator_from_bytes",
    "class_estimator_to_bytes",
    "class_metric",
    "correct",
    "fit_class_estimator",
    "one_hot",
]
