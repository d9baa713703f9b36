"""Performance estimated without labels, from what a model said and saw and a labelled past.

Pure: arrays in, estimates out. Which rows are a bucket's, and where estimates are kept, is decided
in ``pipeline``.
"""

from __future__ import annotations

from watchkeeper.estimation.class_fitting import LEAST_ROWS, fit_class_estimator
from watchkeeper.estimation.class_metrics import CostMatrix, class_metric
from watchkeeper.estimation.classifier import ClassChoice, ClassEstimator
from watchkeeper.estimation.estimated import BucketEstimate, EstimatedMetric
from watchkeeper.estimation.few_labels import CorrectedMetric, correct, correct_regression
from watchkeeper.estimation.inputs import Categories, Inputs
from watchkeeper.estimation.losses import REGRESSION_METRICS, RegressionMetric
from watchkeeper.estimation.predictions import ClassPredictions, RegressionPredictions, one_hot
from watchkeeper.estimation.regression_fitting import fit_regression_estimator
from watchkeeper.estimation.regressor import RegressionEstimator
from watchkeeper.estimation.support import Outside
from watchkeeper.estimation.wire import (
    class_estimator_from_bytes,
    class_estimator_to_bytes,
    regression_estimator_from_bytes,
    regression_estimator_to_bytes,
)

__all__ = [
    "LEAST_ROWS",
    "REGRESSION_METRICS",
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
    "RegressionEstimator",
    "RegressionMetric",
    "RegressionPredictions",
    "class_estimator_from_bytes",
    "class_estimator_to_bytes",
    "class_metric",
    "correct",
    "correct_regression",
    "fit_class_estimator",
    "fit_regression_estimator",
    "one_hot",
    "regression_estimator_from_bytes",
    "regression_estimator_to_bytes",
]
