from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.tables import SCHEMA, rows, table_of
from watchkeeper.errors import SettingsError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import CategoryBins, NumberBins, derived_schema, fit_bins
from watchkeeper.profiles.sampling import NumberSample, hash_places

NUMBER = Schema(columns={"x": Column(type="number")})


@settings(max_examples=40)
@given(st.lists(rows, max_size=30), st.integers(0, 30))
def test_bins_do_not_depend_on_how_the_reference_is_cut(records, cut):
    table = table_of(records)
    whole = fit_bins(SCHEMA, [table], number_bins=8)
    assert fit_bins(SCHEMA, [table[:cut], table[cut:]], number_bins=8) == whole
    assert set(whole) == set(derived_schema(SCHEMA).columns)


def test_numbers_that_are_null_infinite_or_of_another_type_give_no_edges():
    columns = [pa.nulls(3), [math.inf, math.nan, None], ["a", "b", None], [1e200, None, None]]
    for column in columns:
        assert fit_bins(NUMBER, [pa.table({"x": column})])["x"] == NumberBins(edges=())


def test_integers_beyond_doubles_give_edges():
    values = pa.array([2**63 - 1, 2**53 + 1, -(2**62)], pa.int64())
    edges = fit_bins(NUMBER, [pa.table({"x": values})])["x"].edges
    assert edges[0] == -(2.0**62) and edges[-1] > 2.0**63


def test_booleans_always_have_both_bins():
    schema = Schema(columns={"x": Column(type="boolean")})
    for values in ([True, True], pa.nulls(2)):
        bins = fit_bins(schema, [pa.table({"x": values})])["x"]
        assert bins == CategoryBins(values=("false", "true"), bin_of=(0, 1), bins=3)


def test_declared_categories_are_known_before_they_come():
    schema = Schema(columns={"x": Column(type="category", categories=["a", "b"])})
    assert fit_bins(schema, [pa.table({"x": ["a"] * 9})])["x"].values == ("a", "b")


def test_at_most_the_asked_number_of_values_is_remembered():
    schema = Schema(columns={"x": Column(type="category")})
    tables = [pa.table({"x": [f"v{i}" for i in range(s, s + 50)] + ["top"]}) for s in (0, 50, 100)]
    bins = fit_bins(schema, tables, max_categories=20)["x"]
    assert len(bins.values) == 20 and bins.values[0] == "top" and bins.is_open


def test_the_sample_stays_bounded_and_close_to_the_whole():
    sample = NumberSample(1_000)
    rng = np.random.default_rng(3)
    for first in range(0, 100_000, 10_000):
        sample.add(rng.normal(size=10_000), hash_places(first, 10_000))
    kept = sample.sorted()
    assert 400 <= kept.size <= 1_000
    assert abs(kept.mean()) < 0.2 and abs(kept.std() - 1) < 0.2
    assert sample.minimum <= kept[0] and sample.maximum >= kept[-1]


def test_the_sample_follows_no_rhythm_of_the_data():
    sample = NumberSample(1_000)
    sample.add(np.arange(100_000) % 24.0, hash_places(0, 100_000))
    shares = np.bincount(sample.sorted().astype(int)) / sample.sorted().size
    assert shares.max() < 2.5 / 24


def test_too_few_bins_are_refused():
    with pytest.raises(SettingsError, match="number_bins"):
        fit_bins(NUMBER, [], number_bins=3)
    with pytest.raises(SettingsError, match="category_bins"):
        fit_bins(NUMBER, [], category_bins=0)
