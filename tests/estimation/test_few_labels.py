from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.estimation import ClassEstimator, correct, fit_class_estimator, one_hot

from .populations import drawn


@pytest.fixture(scope="module")
def estimator() -> ClassEstimator:
    reference = drawn(1, 4_000)
    return fit_class_estimator(reference.rows, reference.labels, ("no", "yes"))


@pytest.mark.parametrize("name", ["roc_auc", "accuracy"])
def test_a_hundred_labels_contradict_an_estimate_that_a_changed_relation_made_wrong(
    estimator: ClassEstimator, name: str
) -> None:
    bucket = drawn(2, 2_000, turned=True)
    few = np.arange(100)
    found = correct(estimator, name, bucket.rows, few, bucket.labels[few])
    assert found is not None and found.is_contradicted
    real = estimator.value(name, one_hot(bucket.labels, 2), bucket.rows).value
    assert found.powered.low < real < found.powered.high


def test_few_labels_agree_with_an_estimate_that_is_right(estimator: ClassEstimator) -> None:
    contradicted, held = 0, 0
    for seed in range(40):
        bucket = drawn(50 + seed, 1_000)
        few = np.arange(100)
        found = correct(estimator, "accuracy", bucket.rows, few, bucket.labels[few])
        assert found is not None
        contradicted += found.is_contradicted
        held += (
            found.powered.low
            <= estimator.value("accuracy", one_hot(bucket.labels, 2), bucket.rows).value
            <= found.powered.high
        )
    assert contradicted <= 3
    assert held >= 35
