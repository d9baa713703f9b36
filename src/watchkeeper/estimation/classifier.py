"""A classifier's performance without labels, from its scores, its inputs and a labelled past."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.estimation.class_metrics import BINARY, MULTICLASS, CostMatrix, class_metric
from watchkeeper.estimation.estimated import BucketEstimate, EstimatedMetric
from watchkeeper.estimation.fractional import Value
from watchkeeper.estimation.label_model import LabelModel, fit_label_model, with_score
from watchkeeper.estimation.predictions import ClassPredictions, one_hot
from watchkeeper.estimation.pseudo_shifts import pseudo_shifts
from watchkeeper.estimation.reweighting import Remembered, put_right, remember, weigh
from watchkeeper.estimation.support import Support, fit_support, outside
from watchkeeper.stats import Z_95

Floats = NDArray[np.float64]

LEAST_ROWS = 500
"""Labelled rows of the reference that are needed."""
LEAST_OF_CLASS = 20
"""Labelled rows of each class that are needed."""
_MOST_ROWS = 40_000
_PSEUDO_SHIFTS, _PSEUDO_ROWS = 60, 2_000
_LEAST_EFFECTIVE_ROWS = 50.0


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
    remembered: Remembered
    support: Support
    own_variances: dict[str, float]
    reference_rows: int

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that are estimated."""
        return _names(self.choice, len(self.classes))

    def estimate(self, rows: ClassPredictions) -> BucketEstimate:
        """Return the estimates of a bucket with one row or more."""
        known = with_score(rows.inputs, rows.scores[:, -1])
        weighted = weigh(self.remembered, known)
        found = outside(self.support, known)
        refused = _refusal(found.said() if found.is_too_much else None, weighted.weights)
        metrics = [_none(name) for name in self.metrics]
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
        return put_right(self.remembered, weigh(self.remembered, known), mean)

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
            return _none(name)
        each = np.array([self.value(name, member, rows).value for member in members])
        variance = label_variance(mean, found) + _jackknife(each) + self.own_variances[name]
        error = math.sqrt(variance)
        low, high = found.value - Z_95 * error, found.value + Z_95 * error
        if name not in {"log_loss", "brier", "cost"}:
            low, high = max(low, 0.0), min(high, 1.0)
        elif name != "cost":
            low = max(low, 0.0)
        return EstimatedMetric(
            name=name, value=found.value, low=low, high=high, standard_error=error
        )


def fit_class_estimator(
    rows: ClassPredictions,
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    choice: ClassChoice | None = None,
    *,
    seed: int = 0,
) -> ClassEstimator:
    """Learn to estimate a classifier's performance.

    Parameters
    ----------
    rows
        The reference: rows that the classifier was not trained on.
    labels
        Index of the true class of each row, shape (rows,).
    classes
        Names; of two, the second is the positive one.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 500 rows, or 20 of a class.

    References
    ----------
    J. Bialek, J. Kivimaki, W. Kuberski, N. Perrakis (2024), Estimating model performance under
    covariate shift without labels.
    """
    choice = choice or ClassChoice()
    _require_enough(labels, classes)
    if len(labels) > _MOST_ROWS:
        kept = np.random.default_rng(seed).permutation(len(labels))[:_MOST_ROWS]
        rows, labels = rows.take(kept), labels[kept]
    asked = [1] if len(classes) == 2 else list(range(len(classes)))
    fitted = [
        fit_label_model(
            rows.scores[:, k], (labels == k).astype(np.float64), rows.inputs, seed=seed + 100 * k
        )
        for k in asked
    ]
    expected = _joined([part.out_of_fold for part in fitted])
    known = with_score(rows.inputs, rows.scores[:, -1])
    support = fit_support(known, seed=seed)
    estimator = ClassEstimator(
        classes=classes,
        choice=choice,
        models=tuple(part.model for part in fitted),
        remembered=remember(support.columns, known, expected, labels, seed=seed),
        support=support,
        own_variances=dict.fromkeys(_names(choice, len(classes)), 0.0),
        reference_rows=len(labels),
    )
    return _with_own_variances(estimator, rows, labels, expected, seed)


def label_variance(chances: Floats, metric: Value) -> float:
    """Return the variance of a metric when each row's label is drawn by its chances."""
    slopes = metric.by_label
    mean = (chances * slopes).sum(axis=1)
    return float(((chances * slopes**2).sum(axis=1) - mean**2).sum())


def _with_own_variances(
    estimator: ClassEstimator,
    rows: ClassPredictions,
    labels: NDArray[np.int64],
    expected: Floats,
    seed: int,
) -> ClassEstimator:
    """Return the estimator with its errors on shifted samples of the reference."""
    truth = one_hot(labels, len(estimator.classes))
    excess: dict[str, list[float]] = {name: [] for name in estimator.metrics}
    size = min(_PSEUDO_ROWS, len(labels) // 3)
    inputs = with_score(rows.inputs, rows.scores[:, -1])
    for chosen in pseudo_shifts(inputs, rows=size, count=_PSEUDO_SHIFTS, seed=seed):
        part = rows.take(chosen)
        for name, found in excess.items():
            guessed = estimator.value(name, expected[chosen], part)
            real = estimator.value(name, truth[chosen], part)
            if not math.isnan(guessed.value) and not math.isnan(real.value):
                chance = label_variance(expected[chosen], guessed)
                found.append((guessed.value - real.value) ** 2 - chance)
    variances = {name: max(float(np.mean(v)), 0.0) if v else 0.0 for name, v in excess.items()}
    return ClassEstimator(
        classes=estimator.classes,
        choice=estimator.choice,
        models=estimator.models,
        remembered=estimator.remembered,
        support=estimator.support,
        own_variances=variances,
        reference_rows=estimator.reference_rows,
    )


def _member_chances(models: Sequence[LabelModel], rows: ClassPredictions) -> list[Floats]:
    if len(models) == 1:
        of_second = models[0].chances(rows.scores[:, 1], rows.inputs)
        return [_joined([member]) for member in of_second]
    each = [model.chances(rows.scores[:, k], rows.inputs) for k, model in enumerate(models)]
    return [_joined([model[m] for model in each]) for m in range(len(each[0]))]


def _joined(parts: Sequence[Floats]) -> Floats:
    """Return the chances of all classes from those of one, or of each against the rest."""
    if len(parts) == 1:
        return np.column_stack([1.0 - parts[0], parts[0]])
    found = np.stack(parts, axis=1)
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12))


def _jackknife(each: Floats) -> float:
    """Return the variance of the mean of a committee whose members each left out one fold."""
    known = each[~np.isnan(each)]
    if len(known) < 2:
        return 0.0
    return float((len(known) - 1) / len(known) * ((known - known.mean()) ** 2).sum())


def _refusal(outside_said: str | None, weights: Floats) -> str | None:
    if outside_said is not None:
        return f"{outside_said}. How good the model is there cannot be known without labels."
    if weights.sum() < _LEAST_EFFECTIVE_ROWS:
        return (
            f"only about {weights.sum():.0f} rows of the reference are like these, too few to tell"
            " how good the model is there without labels."
        )
    return None


def _names(choice: ClassChoice, classes: int) -> tuple[str, ...]:
    if choice.metrics:
        return choice.metrics
    usual = BINARY if classes == 2 else MULTICLASS
    return usual if choice.cost_matrix is None else (*usual, "cost")


def _none(name: str) -> EstimatedMetric:
    return EstimatedMetric(name=name, value=None, low=None, high=None, standard_error=None)


def _require_enough(labels: NDArray[np.int64], classes: tuple[str, ...]) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    if len(labels) < LEAST_ROWS or counts.min() < LEAST_OF_CLASS:
        rarest = int(np.argmin(counts))
        raise NotEnoughDataError(
            f"the reference has {len(labels)} rows with a label, {counts[rarest]} of class"
            f" {classes[rarest]!r}; to estimate performance without labels, {LEAST_ROWS} are"
            f" needed and {LEAST_OF_CLASS} of each class"
        )
