from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import UsageError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import (
    CategoryBins,
    NumberBins,
    bin_labels,
    bin_midpoints,
    fit_bins,
    profile,
    quantile_from_counts,
    quantiles_from_counts,
)

SCHEMA = Schema(columns={"x": Column(type="number")})


@given(st.lists(st.floats(-1e6, 1e6), max_size=200))
def test_every_place_has_a_label_of_its_own_and_a_midpoint_in_order(values):
    bins = fit_bins(SCHEMA, [pa.table({"x": pa.array(values, pa.float64())})])["x"]
    labels = bin_labels(bins)
    assert len(labels) == bins.size == len(set(labels))
    middles = bin_midpoints(bins)
    assert middles.shape == (bins.size,)
    if bins.edges:
        assert (np.diff(middles[2:]) >= 0).all()


def test_close_edges_are_written_with_enough_digits():
    labels = bin_labels(NumberBins(edges=(1000.01, 1000.02, 1000.03)))
    assert labels[2:4] == ["< 1000.01", "[1000.01, 1000.02)"]


def test_categories_are_named_by_value_pool_or_unseen():
    bins = CategoryBins(values=("b", "a", "c"), bin_of=(0, 1, 3), bins=5, pools=2)
    assert bin_labels(bins)[2:] == ["b", "a", "(rare 1)", "(rare 2)", "(unseen)"]


@pytest.mark.parametrize("q", [0.0, 0.01, 0.25, 0.5, 0.9, 1.0])
def test_quantiles_from_counts_are_close_to_the_exact_ones(q):
    values = np.random.default_rng(0).gamma(2, size=20_000)
    table = pa.table({"x": values})
    bins = fit_bins(SCHEMA, [table])["x"]
    counts = profile(table, SCHEMA, {"x": bins}, index=0).columns["x"].counts
    assert quantile_from_counts(bins, counts, q) == pytest.approx(
        np.quantile(values, q), abs=0.05 * values.std()
    )


def test_a_quantile_in_a_tie_is_its_value():
    table = pa.table({"x": [0.0] * 90 + list(np.linspace(1, 2, 10))})
    bins = fit_bins(SCHEMA, [table])["x"]
    counts = profile(table, SCHEMA, {"x": bins}, index=0).columns["x"].counts
    assert quantile_from_counts(bins, counts, 0.5) == pytest.approx(0, abs=1e-300)


def test_a_quantile_of_nothing_is_nan_and_its_share_is_checked():
    bins = NumberBins(edges=(0.0, 1.0))
    assert math.isnan(quantile_from_counts(bins, np.zeros(5), 0.5))
    assert math.isnan(quantile_from_counts(NumberBins(edges=()), np.ones(3), 0.5))
    with pytest.raises(UsageError, match="within 0 to 1"):
        quantile_from_counts(bins, np.ones(5), 1.5)


def test_quantiles_of_several_columns_are_each_columns_own():
    bins = [NumberBins(edges=(0.0, 1.0)), NumberBins(edges=()), NumberBins(edges=(0.0, 5.0, 9.0))]
    counts = [np.array([1, 0, 0, 4, 2]), np.array([0, 0, 7]), np.array([0, 2, 1, 3, 3, 1])]
    shares = (0.1, 0.5, 0.9)
    found = quantiles_from_counts(bins, counts, shares)
    for row, (own, rows) in enumerate(zip(bins, counts, strict=True)):
        alone = [quantile_from_counts(own, rows, q) for q in shares]
        assert np.allclose(found[row], alone, equal_nan=True)


def test_the_smallest_and_largest_number_bound_the_quantiles():
    bins = NumberBins(edges=(0.0, 10.0))
    found = quantiles_from_counts([bins], [np.array([0, 0, 0, 4, 1])], (0.0, 1.0), [(2.0, 12.5)])
    assert found.tolist() == [[2.0, 12.5]]
