"""Two sides are told apart when they differ, whatever differs, and not when they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from watchkeeper.errors import UsageError
from watchkeeper.stats import (
    CategoryRows,
    NumberRows,
    RowColumn,
    Separation,
    VectorRows,
    encode_rows,
    separate,
)

Columns = list[RowColumn]


def separated(columns: Columns, reference_rows: int, seed: int = 0) -> Separation:
    features = encode_rows(columns)
    is_current = np.arange(len(features.values)) >= reference_rows
    return separate(features, is_current, seed=seed)


def mixed(rng: np.random.Generator, rows: int, numbers: int = 8) -> Columns:
    values = rng.normal(size=(numbers, rows))
    values[-1] = np.round(values[-1])
    values[-2, rng.random(rows) < 0.2] = np.nan
    codes = rng.integers(0, 6, (2, rows))
    return [*(NumberRows(values=v) for v in values), *(CategoryRows(codes=c) for c in codes)]


def test_a_relation_that_no_column_shows_by_itself_is_seen() -> None:
    rng = np.random.default_rng(1)
    columns = mixed(rng, 800)
    first, second = columns[0], columns[1]
    assert isinstance(first, NumberRows) and isinstance(second, NumberRows)
    related = np.arange(800) < 400
    values = np.where(related, 0.6 * first.values + 0.8 * second.values, second.values)
    found = separated([first, NumberRows(values=values), *columns[2:]], 400)
    assert found.p_value < 1e-4
    assert found.auc_low > 0.55
    assert set(np.argsort(found.shares)[-2:]) == {0, 1}


def test_a_number_that_moves_oppositely_in_different_categories_is_seen() -> None:
    rng = np.random.default_rng(2)
    columns = mixed(rng, 2_000)
    codes = columns[-1]
    assert isinstance(codes, CategoryRows)
    now = np.arange(2_000) >= 1_000
    values = rng.normal(size=2_000) + np.where(now, np.where(codes.codes < 3, 0.5, -0.5), 0.0)
    values[~now] = rng.permutation(values[now])
    found = separated([NumberRows(values=values), *columns[1:]], 1_000)
    assert found.p_value < 1e-4
    assert set(np.argsort(found.shares)[-2:]) == {0, len(columns) - 1}


def test_a_little_in_every_column_adds_up() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(30, 1_000))
    values[:, 500:] += 0.12
    found = separated([NumberRows(values=v) for v in values], 500)
    assert found.p_value < 0.001
    assert found.shares.max() < 0.4


def test_sides_without_a_row_in_common_have_an_auc_of_one() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=60)
    values[30:] += 100
    found = separated([NumberRows(values=values), NumberRows(values=rng.normal(size=60))], 30)
    assert found.auc == 1.0
    assert 0.8 < found.auc_low < 1.0
    assert found.p_value <= 0.001
    assert found.shares[0] > 0.9


def test_nulls_that_come_are_a_difference() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=400)
    values[200:][rng.random(200) < 0.3] = np.nan
    found = separated([NumberRows(values=values), NumberRows(values=rng.normal(size=400))], 200)
    assert found.p_value <= 0.001
    assert found.shares[0] > 0.9


def test_vectors_count_as_one_column_among_others() -> None:
    rng = np.random.default_rng(6)
    vectors = rng.normal(size=(600, 12)) * np.geomspace(8, 1, 12)
    vectors[300:, 0] += 6
    vectors[7] = np.nan
    found = separated([*mixed(rng, 600), VectorRows(values=vectors)], 300)
    assert found.p_value < 1e-4
    assert np.argmax(found.shares) == 10


@pytest.mark.slow
@pytest.mark.parametrize(("reference", "current"), [(20, 20), (150, 60)])
def test_few_rows_alike_are_called_no_more_often_than_allowed(reference: int, current: int) -> None:
    trials = 80
    p = [
        separated(
            mixed(np.random.default_rng([s, 8]), reference + current, numbers=3), reference, s
        ).p_value
        for s in range(trials)
    ]
    # Two and a half Monte Carlo deviations above 5 % and 20 %.
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / trials)
    assert np.mean(np.array(p) <= 0.2) <= 0.2 + 2.5 * np.sqrt(0.2 * 0.8 / trials)


@pytest.mark.slow
def test_many_rows_alike_are_called_no_more_often_than_allowed() -> None:
    trials = 80
    found = [
        separated(mixed(np.random.default_rng([s, 9]), 1_600, numbers=3), 600, s)
        for s in range(trials)
    ]
    p = np.array([f.p_value for f in found])
    assert np.mean(p <= 0.05) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / trials)
    holds = np.mean([f.auc_low <= 0.5 <= f.auc_high for f in found])
    assert holds >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / trials)


def test_a_value_of_a_handful_of_rows_decides_nothing() -> None:
    # Two rows in ten thousand, both among the current 500: once in 400 times, if a flag is rare,
    # and there are many rare flags.
    rng = np.random.default_rng(10)
    columns: Columns = [NumberRows(values=rng.normal(size=10_500))]
    for _ in range(20):
        flag = np.zeros(10_500, dtype=np.int64)
        flag[10_000 + rng.choice(500, 2, replace=False)] = 1
        columns.append(CategoryRows(codes=flag))
    assert separated(columns, 10_000).p_value > 0.01


def test_the_larger_side_is_thinned_and_rows_say_so() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(size=20_100)
    found = separated([NumberRows(values=values)], 20_000)
    assert found.rows == 2_000 + 100


def test_the_same_seed_gives_the_same_result_and_rows_may_come_in_any_scale() -> None:
    rng = np.random.default_rng(12)
    columns = mixed(rng, 300)
    one, again = separated(columns, 150, seed=3), separated(columns, 150, seed=3)
    assert (one.auc, one.p_value, one.shares.tolist()) == (
        again.auc,
        again.p_value,
        again.shares.tolist(),
    )
    assert isinstance(columns[0], NumberRows)
    bent = [replace(columns[0], values=np.exp(columns[0].values)), *columns[1:]]
    assert separated(bent, 150, seed=3).p_value == one.p_value


@pytest.mark.parametrize("reference_rows", [0, 1, 39, 40])
def test_a_side_of_one_row_or_none_says_nothing(reference_rows: int) -> None:
    rng = np.random.default_rng(13)
    found = separated(mixed(rng, 40), reference_rows)
    assert (found.auc, found.auc_low, found.auc_high, found.p_value) == (0.5, 0.0, 1.0, 1.0)


def test_sides_of_other_rows_are_refused() -> None:
    features = encode_rows([NumberRows(values=np.arange(5.0))])
    with pytest.raises(UsageError, match="one side per row, 5, got 4"):
        separate(features, np.zeros(4, dtype=np.bool_))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 60).flatmap(
        lambda rows: st.tuples(
            arrays(
                np.float64,
                (3, rows),
                elements=st.one_of(
                    st.sampled_from([0.0, 1.0, np.nan, np.inf, -np.inf, 1e300, -1e-300]),
                    st.floats(allow_nan=True, width=16),
                ),
            ),
            arrays(np.int64, (2, rows), elements=st.integers(-2, 5)),
            arrays(np.bool_, rows),
        )
    )
)
def test_any_rows_give_a_result_in_range(
    given_rows: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    numbers, codes, is_current = given_rows
    columns: Columns = [NumberRows(values=v) for v in numbers]
    columns += [CategoryRows(codes=c) for c in codes]
    found = separate(encode_rows(columns), is_current)
    assert 0.0 <= found.auc_low <= found.auc <= found.auc_high <= 1.0
    assert 0.0 <= found.p_value <= 1.0
    assert found.shares.shape == (5,)
    assert np.all(found.shares >= 0)
    assert found.shares.sum() == pytest.approx(1.0)
