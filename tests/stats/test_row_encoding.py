"""Features say of each column what a row has in it, and nothing of its side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from watchkeeper.errors import UsageError
from watchkeeper.stats import CategoryRows, NumberRows, VectorRows, encode_rows


def test_features_have_mean_0_and_variance_1() -> None:
    rng = np.random.default_rng(0)
    numbers = np.where(rng.random(500) < 0.1, np.nan, rng.poisson(1, 500))
    found = encode_rows([NumberRows(values=numbers), CategoryRows(codes=rng.integers(-1, 4, 500))])
    assert found.values.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert found.values.std(axis=0) == pytest.approx(1, abs=1e-5)
    assert found.columns.tolist() == [0] * 3 + [1] * 5
    assert found.degrees.tolist() == [1, 2, 1, 1, 1, 1, 1, 1]


@given(arrays(np.float64, st.integers(2, 30), elements=st.integers(-5, 5)))
def test_a_rising_function_of_a_number_has_the_same_features(values: np.ndarray) -> None:
    same = encode_rows([NumberRows(values=np.exp(values))]).values
    assert np.array_equal(encode_rows([NumberRows(values=values)]).values, same)


def test_place_and_spread_are_orthogonal_in_spite_of_ties() -> None:
    values = np.random.default_rng(1).poisson(0.8, 400).astype(float)
    place, spread = encode_rows([NumberRows(values=values)]).values.T
    assert abs(float(place @ spread)) / 400 < 1e-5


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_constant_has_no_feature_but_is_a_column(value: float) -> None:
    found = encode_rows([NumberRows(values=np.full(9, value))])
    assert found.values.shape == (9, 0)
    assert found.column_count == 1


def test_two_categories_are_one_feature_and_rare_ones_share_one() -> None:
    two = encode_rows([CategoryRows(codes=np.array([0, 1, 1, 0]))])
    assert two.values.shape == (4, 1)
    many = encode_rows([CategoryRows(codes=np.concatenate([np.arange(40), np.arange(20)]))])
    assert many.values.shape == (60, 17)
    three = encode_rows([CategoryRows(codes=np.array([0, 1, 2, -1, -7, 0]))])
    assert three.values.shape == (6, 4)


def test_many_columns_get_fewer_features_each() -> None:
    rng = np.random.default_rng(2)
    columns = [CategoryRows(codes=rng.integers(0, 50, 100)) for _ in range(400)]
    assert encode_rows(columns).values.shape[1] == 400 * 4
    assert set(encode_rows([NumberRows(values=rng.normal(size=9))] * 65).degrees) == {1}


def test_directions_of_a_vector_are_multiplied_with_one_another_but_not_with_themselves() -> None:
    vectors = np.random.default_rng(3).normal(size=(50, 3))
    vectors[4] = np.nan
    found = encode_rows([VectorRows(values=vectors), NumberRows(values=vectors[:, 0])])
    assert len(set(found.groups[found.columns == 0])) == 4
    assert len(set(found.groups)) == 5


def test_columns_of_different_lengths_are_refused() -> None:
    columns = [NumberRows(values=np.zeros(3)), NumberRows(values=np.zeros(4))]
    with pytest.raises(UsageError, match="equally many rows"):
        encode_rows(columns)
    with pytest.raises(UsageError, match="got 0 columns"):
        encode_rows([])
