"""Components of ranks: exactly standardised, whatever the ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from watchkeeper.stats import location_p_value, rank_components, shape_p_value

COUNTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=20
).filter(lambda bins: sum(a for a, _ in bins) > 0 and sum(b for _, b in bins) > 0)


def test_the_first_component_is_wilcoxons_statistic() -> None:
    first, second = np.array([20.0, 30.0, 40.0, 10.0]), np.array([10.0, 25.0, 45.0, 30.0])
    values = np.arange(4)
    rows = [np.repeat(values, side.astype(int)) for side in (first, second)]
    p = location_p_value(rank_components(first, second))
    expected = mannwhitneyu(*rows, use_continuity=False, method="asymptotic").pvalue
    assert p == pytest.approx(expected, rel=1e-6)


def test_components_over_all_permutations_are_uncorrelated_with_variance_1() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), [3, 10, 1, 20, 4, 12])
    pooled = np.bincount(labels).astype(float)
    drawn = []
    for _ in range(3_000):
        second = np.bincount(rng.permutation(labels)[:18], minlength=6).astype(float)
        drawn.append(rank_components(pooled - second, second))
    found = np.cov(np.array(drawn).T)
    assert np.allclose(found, np.eye(4), atol=0.1)


def test_directions() -> None:
    first = np.array([10.0, 20.0, 40.0, 20.0, 10.0])
    up, wide = np.array([5.0, 15.0, 35.0, 25.0, 20.0]), np.array([25.0, 20.0, 10.0, 20.0, 25.0])
    assert rank_components(first, up)[0] > 2
    assert rank_components(first, wide)[1] > 2
    assert shape_p_value(rank_components(first, wide)) < 0.001


@given(COUNTS)
def test_any_counts_give_p_values(bins: list[tuple[int, int]]) -> None:
    first, second = np.array(bins, dtype=float).T
    components = rank_components(first, second)
    values = int(((first + second) > 0).sum())
    assert np.isfinite(components).tolist() == [degree < values for degree in range(1, 5)]
    assert np.allclose(rank_components(second, first), -components, atol=1e-6, equal_nan=True)
    assert 0 <= location_p_value(components) <= 1
    assert 0 <= shape_p_value(components) <= 1


@given(st.lists(COUNTS, min_size=2, max_size=5))
def test_many_at_once_are_each_by_itself(tables: list[list[tuple[int, int]]]) -> None:
    first, second = np.zeros((2, len(tables), max(len(bins) for bins in tables) + 3))
    for row, bins in enumerate(tables):
        first[row, : len(bins)], second[row, : len(bins)] = np.array(bins, dtype=float).T
    alone = [rank_components(*np.array(bins, dtype=float).T) for bins in tables]
    found = rank_components(first, second)
    assert np.allclose(found, alone, atol=1e-6, equal_nan=True)
    assert np.allclose(location_p_value(found), [location_p_value(one) for one in alone])
    assert np.allclose(shape_p_value(found), [shape_p_value(one) for one in alone], atol=1e-6)


def test_a_lower_order_leaves_the_rest_out() -> None:
    first, second = np.array([10.0, 20.0, 40.0, 20.0]), np.array([5.0, 15.0, 35.0, 25.0])
    whole, two = rank_components(first, second), rank_components(first, second, 2)
    assert two[:2].tolist() == whole[:2].tolist()
    assert np.isnan(two[2:]).all()
