"""Cells and their spread: known answers, and p-values that are p-values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from watchkeeper.stats import cell_p_values, largest_cell_p_value, spread_p_value
from watchkeeper.stats.contingency import _pearson_moments

COUNTS = st.lists(
    st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)), min_size=1, max_size=30
).filter(lambda cells: sum(a for a, _ in cells) > 0 and sum(b for _, b in cells) > 0)


def test_a_cell_agrees_with_fishers_test() -> None:
    for cells in ([[30, 70], [12, 88]], [[400, 600], [460, 540]], [[3, 997], [15, 985]]):
        exact = fisher_exact(cells)[1]
        p = cell_p_values(*np.array(cells, dtype=float))[0]
        assert p == pytest.approx(exact, rel=0.25)


def test_pearsons_moments_are_those_of_all_permutations() -> None:
    rng = np.random.default_rng(0)
    pooled = np.array([1.0, 1.0, 2.0, 5.0, 30.0, 11.0])
    labels = np.repeat(np.arange(6), pooled.astype(int))
    expected = pooled * 30 / 50
    seen = []
    for _ in range(4_000):
        drawn = np.bincount(rng.permutation(labels)[:30], minlength=6)
        seen.append(((drawn - expected) ** 2 / pooled).sum() * 50**2 / (20 * 30))
    sizes = (np.array(20.0), np.array(30.0), np.array(50.0))
    mean, variance = _pearson_moments(6, (1 / pooled).sum(), *sizes)
    assert np.mean(seen) == pytest.approx(mean, rel=0.02)
    assert np.var(seen) == pytest.approx(variance, rel=0.1)


def test_the_spread_of_full_cells_is_pearsons_test() -> None:
    cells = np.array([[500.0, 300.0, 200.0], [430.0, 350.0, 220.0]])
    assert spread_p_value(*cells) == pytest.approx(chi2_contingency(cells).pvalue, rel=0.02)


@pytest.mark.parametrize(("values", "rows"), [(5_000, 100), (500, 1_000), (10, 30)])
def test_sparse_cells_keep_the_level(values: int, rows: int) -> None:
    rng = np.random.default_rng(values)
    share = 1.0 / np.arange(1, values + 1)
    share /= share.sum()
    p = []
    for _ in range(600):
        first, second = (rng.multinomial(rows, share).astype(float) for _ in range(2))
        p.append([spread_p_value(first, second), largest_cell_p_value(first, second)])
    below = (np.array(p) <= 0.05).mean(axis=0)
    assert below[0] < 0.08
    assert below[1] < 0.05


@given(COUNTS)
def test_p_values_lie_within_0_and_1_and_sides_may_change_places(
    cells: list[tuple[int, int]],
) -> None:
    first, second = np.array(cells, dtype=float).T
    p = [spread_p_value(first, second), largest_cell_p_value(first, second)]
    assert all(0.0 <= value <= 1.0 for value in p)
    assert spread_p_value(second, first) == pytest.approx(p[0], abs=1e-9)
    assert largest_cell_p_value(second, first) == pytest.approx(p[1], abs=1e-6)
    assert spread_p_value(first, first) > 0.5


@given(st.lists(COUNTS, min_size=2, max_size=5))
def test_many_at_once_are_each_by_itself(tables: list[list[tuple[int, int]]]) -> None:
    width = max(len(cells) for cells in tables) + 2
    first, second = np.zeros((2, len(tables), width))
    for row, cells in enumerate(tables):
        first[row, : len(cells)], second[row, : len(cells)] = np.array(cells, dtype=float).T
    for p_value in (spread_p_value, largest_cell_p_value):
        alone = [float(p_value(*np.array(cells, dtype=float).T)) for cells in tables]
        assert p_value(first, second) == pytest.approx(alone, abs=1e-9)
