from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from watchkeeper.errors import DataError, NotEnoughDataError, UsageError
from watchkeeper.estimation import (
    REGRESSION_METRICS,
    Inputs,
    RegressionEstimator,
    RegressionPredictions,
    correct_regression,
    fit_regression_estimator,
    regression_estimator_from_bytes,
    regression_estimator_to_bytes,
)

Floats = NDArray[np.float64]


def drawn(
    seed: int, count: int, *, centre: float = 0.0, added: float = 0.0
) -> tuple[RegressionPredictions, Floats]:
    """The model misses a bend in the first number; the noise grows with the second."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(centre, 1.0, count), rng.normal(centre, 1.0, count)
    truth = 10.0 + first + 0.3 * first**2 + np.exp(0.5 * second) * rng.normal(size=count) + added
    inputs = Inputs(rows=count, columns={"first": first, "second": second})
    return RegressionPredictions(predicted=10.3 + first, inputs=inputs), truth


def measured(name: str, rows: RegressionPredictions, truth: Floats) -> float:
    metric = REGRESSION_METRICS[name]
    return metric.value(float(metric.of_rows(truth, rows.predicted).mean()))


@pytest.fixture(scope="module")
def estimator() -> RegressionEstimator:
    return fit_regression_estimator(*drawn(1, 8_000), ("mae", "rmse", "bias", "smape"))


# Far out the loss grows faster than the few rows of the reference there can tell.
@pytest.mark.parametrize(("centre", "least"), [(0.0, 0.92), (0.7, 0.8)])
def test_estimates_follow_shifted_inputs_within_their_intervals(
    estimator: RegressionEstimator, centre: float, least: float
) -> None:
    held, total = 0, 0
    for seed in range(30):
        rows, truth = drawn(100 + seed, 800, centre=centre)
        found = estimator.estimate(rows)
        assert found.refused is None
        for metric in found.metrics:
            assert metric.low is not None and metric.high is not None
            held += metric.low <= measured(metric.name, rows, truth) <= metric.high
            total += 1
    assert held / total >= least


def test_a_shift_into_noise_is_seen_where_the_references_error_says_nothing(
    estimator: RegressionEstimator,
) -> None:
    rows, truth = drawn(7, 5_000, centre=0.7)
    before = measured("mae", *drawn(1, 8_000))
    real = measured("mae", rows, truth)
    value = estimator.estimate(rows).metrics[0].value
    assert value is not None
    assert abs(value - real) < 0.25 * abs(before - real)


def test_rows_outside_the_references_support_are_refused(estimator: RegressionEstimator) -> None:
    found = estimator.estimate(drawn(5, 500, centre=7.0)[0])
    assert found.refused is not None
    assert all(metric.value is None for metric in found.metrics)


def test_a_hundred_true_values_contradict_an_estimate_that_a_changed_relation_made_wrong(
    estimator: RegressionEstimator,
) -> None:
    rows, truth = drawn(6, 2_000, added=2.0)
    few = np.arange(100)
    for name in ("mae", "rmse", "bias"):
        found = correct_regression(estimator, name, rows, few, truth[few])
        assert found.is_contradicted, name
        assert found.powered.low < measured(name, rows, truth) < found.powered.high, name


def test_true_values_agree_with_an_estimate_that_is_right(estimator: RegressionEstimator) -> None:
    contradicted = 0
    for seed in range(40):
        rows, truth = drawn(50 + seed, 1_000)
        few = np.arange(100)
        contradicted += correct_regression(estimator, "mae", rows, few, truth[few]).is_contradicted
    assert contradicted <= 3


def test_a_restored_estimator_says_the_very_same(estimator: RegressionEstimator) -> None:
    rows, _ = drawn(8, 400)
    restored = regression_estimator_from_bytes(regression_estimator_to_bytes(estimator))
    assert restored.estimate(rows) == estimator.estimate(rows)


def test_a_model_without_errors_is_expected_to_stay_so() -> None:
    rows, _ = drawn(9, 1_000)
    found = fit_regression_estimator(rows, rows.predicted).estimate(rows)
    assert [metric.value for metric in found.metrics] == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)


def test_what_cannot_be_estimated_is_said() -> None:
    rows, truth = drawn(2, 600)
    with pytest.raises(DataError, match="mape is not defined for 1 of 600"):
        fit_regression_estimator(rows, np.where(np.arange(600) == 3, 0.0, truth), ("mape",))
    with pytest.raises(UsageError, match="'r2' cannot be estimated"):
        fit_regression_estimator(rows, truth, ("r2",))
    few, labels = drawn(2, 300)
    with pytest.raises(NotEnoughDataError, match="500 are needed"):
        fit_regression_estimator(few, labels)
