from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import NotEnoughDataError
from watchkeeper.estimation import (
    ClassEstimator,
    ClassPredictions,
    Inputs,
    fit_class_estimator,
    one_hot,
)

from .populations import drawn


@pytest.fixture(scope="module")
def estimator() -> ClassEstimator:
    reference = drawn(1, 8_000)
    return fit_class_estimator(reference.rows, reference.labels, ("no", "yes"))


@pytest.mark.parametrize("centre", [0.0, 0.7, -0.7])
def test_estimates_follow_shifted_inputs_within_their_intervals(
    estimator: ClassEstimator, centre: float
) -> None:
    held = 0
    total = 0
    for seed in range(15):
        bucket = drawn(100 + seed, 800, centre=centre)
        found = estimator.estimate(bucket.rows)
        assert found.refused is None
        for metric in found.metrics:
            real = estimator.value(metric.name, one_hot(bucket.labels, 2), bucket.rows).value
            assert metric.low is not None and metric.high is not None
            held += metric.low <= real <= metric.high
            total += 1
    assert held / total >= 0.88


def test_a_calibrated_score_alone_misses_what_the_other_inputs_say(
    estimator: ClassEstimator,
) -> None:
    assert estimator.models[0].gain > 0.05


def test_rows_outside_the_references_support_are_refused_in_words(
    estimator: ClassEstimator,
) -> None:
    found = estimator.estimate(drawn(5, 500, centre=7.0).rows)
    assert found.refused is not None
    assert "outside what the reference covers" in found.refused
    assert all(metric.value is None for metric in found.metrics)


def test_a_changed_relation_is_not_seen_without_labels(estimator: ClassEstimator) -> None:
    bucket = drawn(6, 3_000, turned=True)
    auc = estimator.estimate(bucket.rows).metrics[0]
    real = estimator.value("roc_auc", one_hot(bucket.labels, 2), bucket.rows).value
    assert auc.value is not None and auc.value > 0.7 and real < 0.3


def test_too_few_labels_are_said_so() -> None:
    few = drawn(2, 300)
    with pytest.raises(NotEnoughDataError, match="500 are needed"):
        fit_class_estimator(few.rows, few.labels, ("no", "yes"))


def test_three_classes_are_estimated() -> None:
    rng = np.random.default_rng(0)

    def rows(count: int) -> tuple[ClassPredictions, np.ndarray]:
        x = rng.normal(size=(count, 3))
        odds = np.exp(1.5 * x)
        chances = odds / odds.sum(axis=1, keepdims=True)
        labels = (rng.random(count)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
        sure = chances**2 / (chances**2).sum(axis=1, keepdims=True)
        inputs = Inputs(rows=count, columns={f"x{i}": x[:, i] for i in range(3)})
        predicted = sure.argmax(axis=1)
        return ClassPredictions(scores=sure, predicted=predicted, inputs=inputs), labels

    reference, labels = rows(4_000)
    estimator = fit_class_estimator(reference, labels, ("a", "b", "c"))
    bucket, truth = rows(10_000)
    for metric in estimator.estimate(bucket).metrics:
        real = estimator.value(metric.name, one_hot(truth, 3), bucket).value
        assert metric.value == pytest.approx(real, abs=0.04), metric.name
