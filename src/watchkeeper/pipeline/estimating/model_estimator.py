"""One face of the estimators of classifiers and of regressions: rows of either in, bytes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.estimation import (
    LEAST_ROWS,
    BucketEstimate,
    ClassChoice,
    ClassEstimator,
    ClassPredictions,
    CorrectedMetric,
    CostMatrix,
    RegressionEstimator,
    RegressionPredictions,
    class_estimator_from_bytes,
    class_estimator_to_bytes,
    correct,
    correct_regression,
    fit_class_estimator,
    fit_regression_estimator,
    regression_estimator_from_bytes,
    regression_estimator_to_bytes,
)
from watchkeeper.pipeline.estimating.answered import Answered
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts

Ints = NDArray[np.int64]

_OF_REGRESSIONS = ("mae", "rmse", "bias")
_IF_WANTED = ("mape", "smape")
_OF_ANSWERS = {
    "binary": ("accuracy", "precision", "recall", "f_beta", "specificity"),
    "multiclass": ("accuracy", "macro_precision", "macro_recall", "macro_f_beta"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEstimator:
    """What was learnt of a model on its reference."""

    fitted: ClassEstimator | RegressionEstimator

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that are estimated."""
        return self.fitted.metrics

    def estimate(self, found: Answered) -> BucketEstimate:
        """Return the estimates of one row or more."""
        if isinstance(self.fitted, ClassEstimator):
            assert isinstance(found.rows, ClassPredictions)
            return self.fitted.estimate(found.rows)
        assert isinstance(found.rows, RegressionPredictions)
        return self.fitted.estimate(found.rows)

    def corrected(self, name: str, found: Answered, labelled: Ints) -> CorrectedMetric | None:
        """Return a metric of rows of which some, 10 or more, have a label."""
        labels = found.labels[labelled]
        if isinstance(self.fitted, ClassEstimator):
            assert isinstance(found.rows, ClassPredictions)
            return correct(self.fitted, name, found.rows, labelled, labels.astype(np.int64))
        assert isinstance(found.rows, RegressionPredictions)
        return correct_regression(self.fitted, name, found.rows, labelled, labels)

    def to_bytes(self) -> bytes:
        """Return it for the store."""
        if isinstance(self.fitted, ClassEstimator):
            return class_estimator_to_bytes(self.fitted)
        return regression_estimator_to_bytes(self.fitted)

    @classmethod
    def from_bytes(cls, payload: bytes, facts: EstimatorFacts) -> ModelEstimator:
        """Read what `to_bytes` wrote of an estimator that was fitted by these facts."""
        if _is_regression(facts):
            return cls(fitted=regression_estimator_from_bytes(payload))
        return cls(fitted=class_estimator_from_bytes(payload))


def fit_model_estimator(known: Answered, facts: EstimatorFacts) -> ModelEstimator:
    """Learn from labelled rows of a reference.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 500 rows, or 20 of a class.
    """
    if len(known) < LEAST_ROWS:
        raise NotEnoughDataError(
            f"the reference has {len(known)} predictions with a label and an output; to estimate"
            f" performance without labels, {LEAST_ROWS} are needed"
        )
    if isinstance(known.rows, RegressionPredictions):
        metrics = _regression_metrics(known, facts)
        return ModelEstimator(fitted=fit_regression_estimator(known.rows, known.labels, metrics))
    first, *rest = known.classes
    names = (first or "not " + known.classes[-1], *rest)
    labels = known.labels.astype(np.int64)
    return ModelEstimator(
        fitted=fit_class_estimator(known.rows, labels, names, _class_choice(facts, known.classes))
    )


def _is_regression(facts: EstimatorFacts) -> bool:
    return facts.task is not None and facts.task.task == "regression"


def _regression_metrics(known: Answered, facts: EstimatorFacts) -> tuple[str, ...]:
    """Return the usual ones, and those by percentage if wanted and no true value is 0."""
    wanted = [name for name in _IF_WANTED if name in facts.plan.settings.metrics]
    if (known.labels == 0).any():
        wanted = [name for name in wanted if name != "mape"]
    return (*_OF_REGRESSIONS, *wanted)


def _class_choice(facts: EstimatorFacts, classes: tuple[str, ...]) -> ClassChoice:
    assert facts.task is not None
    costs = _costs(facts, classes)
    metrics: tuple[str, ...] = ()
    if facts.task.source == "class":  # without a score there is nothing to rank by
        metrics = _OF_ANSWERS[facts.task.task]
        metrics = metrics if costs is None else (*metrics, "cost")
    return ClassChoice(metrics=metrics, beta=facts.plan.settings.beta, cost_matrix=costs)


def _costs(facts: EstimatorFacts, classes: tuple[str, ...]) -> CostMatrix | None:
    assert facts.task is not None
    matrix, known = facts.plan.settings.cost_matrix, facts.task.cost_classes
    if matrix is None or not known or facts.task.task == "binary":
        return matrix if known else None
    if not set(classes) <= set(known):
        return None
    places = [known.index(name) for name in classes]
    return tuple(tuple(matrix[row][column] for column in places) for row in places)
