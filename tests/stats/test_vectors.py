"""Vectors of two sides are told apart by place, by spread and by relation."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import UsageError
from watchkeeper.stats import separate_vectors
from watchkeeper.stats.principal_directions import principal_directions


def test_a_shift_along_a_direction_of_little_variance_is_seen() -> None:
    rng = np.random.default_rng(0)
    scales = np.geomspace(10, 0.1, 64)
    first, second = rng.normal(size=(2, 600, 64)) * scales
    second[:, -1] += 0.08
    assert separate_vectors(first, second).p_value < 0.001


def test_a_change_of_spread_alone_is_seen() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 600, 64)) * np.geomspace(10, 0.1, 64)
    second[:, :3] *= 1.5
    found = separate_vectors(first, second)
    assert found.p_value < 0.001
    assert found.auc_low > 0.5


@pytest.mark.slow
def test_vectors_alike_are_called_no_more_often_than_allowed() -> None:
    trials = 120
    p = [
        separate_vectors(*np.random.default_rng([s, 2]).normal(size=(2, 40, 6)), seed=s).p_value
        for s in range(trials)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / trials)


def test_many_rows_are_thinned_and_rows_say_so() -> None:
    rows = np.random.default_rng(3).normal(size=(3_000, 4)).astype(np.float32)
    found = separate_vectors(rows, rows[:500], most_rows=1_000)
    assert found.rows == 1_500
    assert found.shares.tolist() == [1.0]


@pytest.mark.parametrize("rows", [0, 1, 30])
def test_nulls_only_say_nothing(rows: int) -> None:
    null = np.full((rows, 5), np.nan)
    found = separate_vectors(null, null)
    assert (found.auc, found.p_value) == (0.5, 1.0)


def test_nulls_that_come_are_a_difference() -> None:
    rows = np.random.default_rng(4).normal(size=(2, 200, 5))
    rows[1, :80] = np.nan
    assert separate_vectors(rows[0], rows[1]).p_value <= 0.001


def test_vectors_of_other_dimensions_are_refused() -> None:
    with pytest.raises(UsageError, match="same dimensions"):
        separate_vectors(np.zeros((3, 4)), np.zeros((3, 5)))


def test_principal_directions_are_those_of_the_singular_value_decomposition() -> None:
    rows = np.random.default_rng(5).normal(size=(200, 40)) * np.geomspace(20, 0.1, 40)
    centred = rows - rows.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    found = principal_directions(rows, 4)
    assert np.abs(found) == pytest.approx(np.abs(left[:, :4] * scale[:4]), abs=1e-2)
