from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.profiles.number_bins import bins_of_sample

numbers = st.floats(-1e140, 1e140) | st.integers(-5, 5).map(float) | st.just(0.0)


@given(st.lists(numbers, min_size=1, max_size=300), st.integers(4, 64))
def test_edges_rise_from_the_minimum_to_just_above_the_maximum(values, most):
    sample = np.sort(np.array(values))
    edges = bins_of_sample(sample, sample[0], sample[-1], most).edges
    assert edges[0] == sample[0]
    assert edges[-1] == math.nextafter(sample[-1], math.inf)
    assert all(low < high for low, high in itertools.pairwise(edges))
    assert len(edges) + 1 <= most
    counts = np.diff(np.searchsorted(sample, edges))
    assert counts.sum() == len(values)
    assert len(counts) == 1 or counts.min() >= 5


def test_nothing_gives_no_edges():
    assert bins_of_sample(np.zeros(0), math.inf, -math.inf, 64).edges == ()


def test_a_constant_has_one_bin():
    assert bins_of_sample(np.full(9, 7.0), 7.0, 7.0, 64).edges == (7.0, math.nextafter(7, math.inf))


def test_a_tie_has_a_bin_of_its_own():
    rng = np.random.default_rng(0)
    sample = np.sort(np.concatenate([np.zeros(900), rng.normal(size=9100)]))
    edges = bins_of_sample(sample, sample[0], sample[-1], 64).edges
    assert edges[edges.index(0.0) + 1] == 5e-324


def test_whole_numbers_have_one_bin_each():
    sample = np.sort(np.random.default_rng(0).integers(0, 10, 5000).astype(float))
    edges = bins_of_sample(sample, 0.0, 9.0, 64).edges
    assert edges[:-1] == tuple(map(float, range(10)))


def test_bins_are_finer_in_the_tails_than_equal_shares():
    sample = np.sort(np.random.default_rng(0).normal(size=200_000))
    edges = np.array(bins_of_sample(sample, sample[0], sample[-1], 64).edges)
    shares = np.diff(np.searchsorted(sample, edges)) / sample.size
    assert edges.size == 63
    assert shares[0] < 0.001 and shares[-1] < 0.001
    assert 0.03 < shares.max() < 0.06
