from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.profiles import DistinctSketch, QuantileSketch
from watchkeeper.profiles.hashing import hash_numbers, hash_texts

numbers = st.floats(-1e140, 1e140)


@given(st.lists(numbers, min_size=1, max_size=100), st.floats(0, 1))
def test_a_quantile_is_within_one_per_cent_of_the_number_at_its_rank(values, q):
    exact = sorted(values)[math.floor(q * (len(values) - 1))]
    found = QuantileSketch.of(np.array(values)).quantile(q)
    assert found == pytest.approx(exact, rel=0.0100001, abs=1e-139)


@given(st.lists(numbers, max_size=50), st.lists(numbers, max_size=50))
def test_quantile_sketches_merge_exactly(left, right):
    merged = QuantileSketch.of(np.array(left)).merge(QuantileSketch.of(np.array(right)))
    assert merged == QuantileSketch.of(np.array(right + left))


def test_a_quantile_of_nothing_is_nan():
    assert math.isnan(QuantileSketch.of(np.zeros(0)).quantile(0.5))


@pytest.mark.parametrize("count", [0, 1, 10, 1_000, 10_000, 300_000])
def test_the_distinct_count_is_within_three_standard_errors(count):
    values = np.repeat(np.arange(float(count)), 2)
    estimate = DistinctSketch.of(hash_numbers(values)).estimate()
    assert estimate == pytest.approx(count, rel=3 * 1.04 / 64, abs=0.5)


def test_the_distinct_count_of_texts_is_within_three_standard_errors():
    texts = [f"user-{i}" for i in range(20_000)]
    estimate = DistinctSketch.of(hash_texts(texts)).estimate()
    assert estimate == pytest.approx(20_000, rel=3 * 1.04 / 64)


@given(st.lists(st.floats(), max_size=50), st.lists(st.floats(), max_size=50))
def test_distinct_sketches_merge_exactly(left, right):
    def sketch(values: list[float]) -> DistinctSketch:
        return DistinctSketch.of(hash_numbers(np.array(values)))

    assert sketch(left).merge(sketch(right)) == sketch(right + left)
    assert sketch(left + left) == sketch(left)


@given(st.lists(st.text(max_size=8), max_size=20))
def test_a_text_has_the_same_hash_in_any_company(texts):
    together = hash_texts(texts)
    assert [int(hash_texts([text])[0]) for text in texts] == together.tolist()


def test_hashes_are_the_same_in_every_version():
    # Stored sketches merge with new ones for ever: these numbers must not change.
    assert hash_texts(["", "a", "ab", "é"]).tolist() == [
        12035550249420947055,
        15730810857653219652,
        16166969253720049071,
        8781364710628689838,
    ]
    # First outputs of SplitMix64 (Steele, Lea, Flood 2014) from states 0 and bits of 1.0.
    assert hash_numbers(np.array([0.0, -0.0])).tolist() == [0xE220A8397B1DCDAF] * 2


def test_hashes_of_many_texts_do_not_collide():
    texts = [f"{a}{b}" for a in "abcdefghij" * 10 for b in range(1000)]
    texts = sorted(set(texts)) + [f"{i:05}" for i in range(50_000)]
    assert np.unique(hash_texts(texts)).size == len(texts)
