"""Intervals from influence functions."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.metrics.quality.clusters import clusters
from watchkeeper.metrics.quality.intervals import interval
from watchkeeper.metrics.quality.means import mean, ratio

NO_ROWS = "No rows."


def test_a_share_has_wilsons_interval() -> None:
    # E. B. Wilson (1927): 8 of 10.
    low, high = interval(mean(np.array([1.0] * 8 + [0.0] * 2), "share"))
    assert low == pytest.approx(0.4902, abs=5e-5)
    assert high == pytest.approx(0.9433, abs=5e-5)


def test_a_share_of_some_rows_has_the_interval_of_those_rows() -> None:
    inside = np.array([1.0] * 10 + [0.0] * 90)
    hits = np.array([1.0] * 8 + [0.0] * 92)
    part, alone = ratio(hits, inside, empty=NO_ROWS), mean(hits[:10], "share")
    assert interval(part) == pytest.approx(interval(alone), abs=1e-12)


def test_a_share_of_one_is_not_certain() -> None:
    low, high = interval(mean(np.ones(10), "share"))
    assert low == pytest.approx(10 / (10 + 1.959963984540054**2))
    assert high == 1.0


def test_rows_that_repeat_an_entity_count_once() -> None:
    rng = np.random.default_rng(1)
    once = rng.exponential(size=50)
    entities = np.repeat(np.arange(50), 20)
    repeated = interval(mean(np.repeat(once, 20), "positive"), clusters(entities))
    assert repeated == pytest.approx(interval(mean(once, "positive")), rel=1e-12)


def test_entities_with_one_row_each_are_no_clusters() -> None:
    assert clusters(np.array([3, 1, 2])) is None
    found = clusters(np.array([10**12, 1, 10**12]))
    assert found is not None
    assert found.count == 2


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    values, entities = rng.random(100), rng.integers(0, 30, 100)
    mixed = rng.permutation(100)
    ends = interval(mean(values, "share"), clusters(entities))
    assert interval(mean(values[mixed], "share"), clusters(entities[mixed])) == pytest.approx(ends)
