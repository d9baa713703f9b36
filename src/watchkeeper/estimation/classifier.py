"""A classifier's performance without labels, from its scores, its inputs and a labelled past."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.class_metrics import BINARY, MULTICLASS, CostMatrix, class_metric
from watchkeeper.estimation.correction import Remembered, put_right
from watchkeeper.estimation.estimated import BucketEstimate, EstimatedMetric
from watchkeeper.estimation.fractional import Value
from watchkeeper.estimation.label_model import LabelModel, with_score
from watchkeeper.estimation.predictions import ClassPredictions
from watchkeeper.estimation.refusal import refusal
from watchkeeper.estimation.reweighting import Placed, weigh
from watchkeeper.estimation.spread import jackknife_variance, label_variance
from watchkeeper.estimation.support import Support, outside
from watchkeeper.stats import Z_95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChoice:
    """Which metrics are estimated, and by what settings.

    Attributes
    ----------
    metrics
        Names; empty for the usual ones of two or of more classes.
    """

    metrics: tuple[str, ...] = ()
    beta: float = 1.0
    cost_matrix: CostMatrix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEstimator:
    """What was learnt of a classifier on its reference.

    Attributes
    ----------
    models
        Of two classes one, for the second; of more one for each against the rest.
    own_variances
        For each metric, the variance of the estimate's error on shifted samples of the reference
        that neither chance nor the spread of the committee accounts for.
    """

    classes: tuple[str, ...]
    choice: ClassChoice
    models: tuple[LabelModel, ...]
    placed: Placed
    remembered: Remembered
    support: Support
    own_variances: dict[str, float]
    reference_rows: int

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that are estimated."""
        return class_metrics_of(self.choice, len(self.classes))

    def estimate(self, rows: ClassPredictions) -> BucketEstimate:
        """Return the estimates of a bucket with one row or more."""
        known = with_score(rows.inputs, rows.scores[:, -1])
        weighted = weigh(self.placed, known)
        found = outside(self.support, known)
        refused = refusal(found, weighted)
        metrics = [EstimatedMetric.none(name) for name in self.metrics]
        if refused is None:
            members = [
                put_right(self.remembered, weighted, member) for member in self._members(rows)
            ]
            metrics = [self._metric(name, rows, members) for name in self.metrics]
        return BucketEstimate(
            rows=len(rows.predicted),
            metrics=tuple(metrics),
            outside=found,
            effective_ratio=weighted.effective_ratio,
            refused=refused,
        )

    def chances(self, rows: ClassPredictions) -> Floats:
        """Return the chance of each class of each row, shape (rows, classes)."""
        known = with_score(rows.inputs, rows.scores[:, -1])
        mean = np.mean(self._members(rows), axis=0)
        return put_right(self.remembered, weigh(self.placed, known), mean)

    def value(self, name: str, chances: Floats, rows: ClassPredictions) -> Value:
        """Return a metric for labels that are known, or known by their chances."""
        choice = self.choice
        return class_metric(name, chances, rows, beta=choice.beta, cost_matrix=choice.cost_matrix)

    def _members(self, rows: ClassPredictions) -> list[Floats]:
        return _member_chances(self.models, rows)

    def _metric(
        self, name: str, rows: ClassPredictions, members: Sequence[Floats]
    ) -> EstimatedMetric:
        mean = np.mean(members, axis=0)
        found = self.value(name, mean, rows)
        if math.isnan(found.value):
            return EstimatedMetric.none(name)
        each = np.array([self.value(name, member, rows).value for member in members])
        variance = label_variance(mean, found) + jackknife_variance(each) + self.own_variances[name]
        error = math.sqrt(variance)
        low, high = found.value - Z_95 * error, found.value + Z_95 * error
        if name not in {"log_loss", "brier", "cost"}:
            low, high = max(low, 0.0), min(high, 1.0)
        elif name != "cost":
            low = max(low, 0.0)
        return EstimatedMetric(
            name=name, value=found.value, low=low, high=high, standard_error=error
        )


def class_metrics_of(choice: ClassChoice, classes: int) -> tuple[str, ...]:
    """Return the names of the metrics to estimate of so many classes."""
    if choice.metrics:
        return choice.metrics
    usual = BINARY if classes == 2 else MULTICLASS
    return usual if choice.cost_matrix is None else (*usual, "cost")


def joined(parts: Sequence[Floats]) -> Floats:
    """Return the chances of all classes from those of one, or of each against the rest."""
    if len(parts) == 1:
        return np.column_stack([1.0 - parts[0], parts[0]])
    found = np.stack(parts, axis=1)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12))


def _member_chances(models: Sequence[LabelModel], rows: ClassPredictions) -> list[Floats]:
    if len(models) == 1:
        of_second = models[0].chances(rows.scores[:, 1], rows.inputs)
        return [joined([member]) for member in of_second]
    each = [model.chances(rows.scores[:, k], rows.inputs) for k, model in enumerate(models)]
    return [joined([model[m] for model in each]) for m in range(len(each[0]))]
