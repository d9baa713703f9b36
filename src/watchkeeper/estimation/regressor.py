"""A regression's performance without labels, from its predictions, its inputs and a past."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.estimated import BucketEstimate, EstimatedMetric
from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.loss_estimator import LossEstimator
from watchkeeper.estimation.losses import REGRESSION_METRICS
from watchkeeper.estimation.predictions import RegressionPredictions
from watchkeeper.estimation.refusal import refusal
from watchkeeper.estimation.reweighting import Placed, Weighted, weigh
from watchkeeper.estimation.support import Support, outside
from watchkeeper.stats import Z_95

Floats = NDArray[np.float64]

PREDICTION = "prediction of the model"
USUAL = ("mae", "rmse", "bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLosses:
    """The loss expected of each row of a bucket, and what says how far off it may be."""

    of_rows: Floats
    loss: LossEstimator
    weighted: Weighted


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionEstimator:
    """What was learnt of a regression on its reference.

    Attributes
    ----------
    metrics
        Names of the metrics that are estimated.
    losses
        Of each metric, in that order.
    """

    metrics: tuple[str, ...]
    losses: tuple[LossEstimator, ...]
    placed: Placed
    support: Support
    reference_rows: int

    def estimate(self, rows: RegressionPredictions) -> BucketEstimate:
        """Return the estimates of a bucket with one row or more."""
        known = with_prediction(rows)
        weighted = weigh(self.placed, known)
        found = outside(self.support, known)
        refused = refusal(found, weighted)
        metrics = [EstimatedMetric.none(name) for name in self.metrics]
        if refused is None:
            metrics = []
            for name, loss in zip(self.metrics, self.losses, strict=True):
                each = loss.of_rows(known, weighted)
                metrics.append(_metric(name, float(each.mean()), loss.variance(each, weighted)))
        return BucketEstimate(
            rows=len(rows.predicted),
            metrics=tuple(metrics),
            outside=found,
            effective_ratio=weighted.effective_ratio,
            refused=refused,
        )

    def expected(self, name: str, rows: RegressionPredictions) -> ExpectedLosses:
        """Return what is expected of the losses of which a metric is the mean, or its root."""
        known = with_prediction(rows)
        loss, weighted = self.losses[self.metrics.index(name)], weigh(self.placed, known)
        return ExpectedLosses(
            of_rows=loss.of_rows(known, weighted).mean(axis=0), loss=loss, weighted=weighted
        )


def with_prediction(rows: RegressionPredictions) -> Inputs:
    """Return the inputs with the prediction as one of them."""
    columns = {PREDICTION: rows.predicted, **rows.inputs.columns}
    return Inputs(rows=rows.inputs.rows, columns=columns)


def _metric(name: str, mean: float, variance: float) -> EstimatedMetric:
    metric, error = REGRESSION_METRICS[name], math.sqrt(variance)
    value = metric.value(mean)
    if metric.is_signed:
        low, high = mean - Z_95 * error, mean + Z_95 * error
    else:
        # A mean of losses from 0 up is skewed: the interval is even about its logarithm.
        apart = math.exp(min(Z_95 * error / max(mean, 1e-300), 50.0))
        low, high = metric.value(mean / apart), metric.value(mean * apart)
    if metric.is_root:
        error = error / (2.0 * value) if value > 0.0 else 0.0
    return EstimatedMetric(name=name, value=value, low=low, high=high, standard_error=error)
