"""Learning bucket by bucket is the fit of all buckets at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.stats import fit_regression


@given(st.integers(0, 10_000), st.integers(2, 15), st.integers(1, 4), st.integers(1, 3))
def test_learning_one_by_one_is_the_batch_fit(
    seed: int, time: int, features: int, outcomes: int
) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(time, features)), random.normal(size=(time, outcomes))
    penalty = random.uniform(0.1, 3.0, size=features)
    split = time // 2
    model = fit_regression(x[:split], y[:split], penalty)
    for row, target in zip(x[split:], y[split:], strict=True):
        model = model.learn(row, target, np.ones(outcomes, dtype=np.bool_))
    batch = fit_regression(x, y, penalty)
    assert model.coefficients == pytest.approx(batch.coefficients, abs=1e-8)
    assert model.precision_inverse == pytest.approx(batch.precision_inverse, abs=1e-8)


def test_leverage_is_the_diagonal_of_the_hat_matrix() -> None:
    random = np.random.default_rng(1)
    x, y = random.normal(size=(12, 3)), random.normal(size=(12, 2))
    model = fit_regression(x, y, np.full(3, 1e-12))
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    assert model.leverage(x) == pytest.approx(np.diag(hat), abs=1e-8)
    assert model.predict(x) == pytest.approx(hat @ y, abs=1e-8)


def test_a_weight_of_zero_leaves_a_bucket_out() -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=(12, 3)), random.normal(size=(12, 2))
    weights = np.ones(12)
    weights[[3, 7]] = 0.0
    kept = weights > 0
    weighted = fit_regression(x, y, np.ones(3), weights)
    without = fit_regression(x[kept], y[kept], np.ones(3))
    assert weighted.coefficients == pytest.approx(without.coefficients)


def test_what_is_not_accepted_teaches_nothing() -> None:
    model = fit_regression(np.eye(2), np.zeros((2, 2)), np.ones(2))
    learned = model.learn(np.ones(2), np.array([5.0, 5.0]), np.array([True, False]))
    assert learned.coefficients[:, 1].tolist() == [0.0, 0.0]
    assert (learned.coefficients[:, 0] > 0).all()


def test_a_penalty_of_three_weighs_as_three_buckets_of_no_effect() -> None:
    model = fit_regression(np.ones((3, 1)), np.full((3, 1), 4.0), np.array([3.0]))
    assert model.coefficients[0, 0] == pytest.approx(2.0)
