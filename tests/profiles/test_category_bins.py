from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events import Column, Schema
from watchkeeper.profiles import fit_bins, profile
from watchkeeper.profiles.category_bins import bins_of_values


@given(
    st.dictionaries(st.text(max_size=4), st.integers(0, 10_000), max_size=200),
    st.integers(4, 64),
    st.integers(1, 150),
)
def test_every_value_has_a_bin_before_the_last(counts, most, remembered):
    bins = bins_of_values(counts, most, remembered)
    assert bins.bins <= most
    assert len(bins.values) == len(bins.bin_of) == min(len(counts), remembered)
    assert all(0 <= place < bins.bins - 1 for place in bins.bin_of)
    ordered = [counts[value] for value in bins.values]
    assert ordered == sorted(ordered, reverse=True)
    assert not bins.is_open or bins.pools


def test_fifty_equal_categories_have_bins_of_their_own():
    bins = bins_of_values({f"c{i:02}": 1000 for i in range(50)}, 64, 100_000)
    assert (bins.bins, bins.pools, bins.is_open) == (51, 0, False)


def test_five_thousand_categories_are_pooled_evenly():
    counts = {f"c{i}": 100 for i in range(5000)}
    bins = bins_of_values(counts, 64, 100_000)
    assert bins.pools == 16
    rows = [0] * bins.bins
    for value, place in zip(bins.values, bins.bin_of, strict=True):
        rows[place] += counts[value]
    assert min(rows[:-1]) > 0.7 * max(rows[:-1])


def test_a_pool_has_the_share_in_new_rows_that_it_had_in_the_reference():
    # Values drawn from a long tail: most of it is seen once, or not at all.
    rng = np.random.default_rng(0)
    schema = Schema(columns={"x": Column(type="category")})
    first, second = (pa.table({"x": rng.zipf(1.3, 50_000).astype(str)}) for _ in range(2))
    bins = fit_bins(schema, [first])
    before, after = (profile(t, schema, bins, index=0).columns["x"] for t in (first, second))
    assert before.unseen == 0 and after.unseen > 2_000
    spread = abs(before.counts - after.counts) / (before.counts + after.counts + 1) ** 0.5
    assert spread.max() < 8 and spread[-1] == 0


def test_a_value_that_came_once_leaves_the_set_open():
    assert bins_of_values({"a": 500, "b": 500, "typo": 1}, 64, 100_000).is_open
    assert not bins_of_values({"a": 500, "b": 500, "c": 2}, 64, 100_000).is_open


@pytest.mark.parametrize("declared", [0, 3])
def test_declared_values_that_did_not_come_have_bins(declared):
    counts = {"a": 10} | {f"d{i}": 0 for i in range(declared)}
    bins = bins_of_values(counts, 64, 100_000)
    assert len(bins.values) == 1 + declared and not bins.is_open
