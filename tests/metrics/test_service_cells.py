"""Cells add up exactly, whoever counted what, and their quantiles are within 1 %."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import DataError
from watchkeeper.metrics import ServiceCell, ServiceRows, ServiceTally

Row: TypeAlias = tuple[bool, float, float]

amounts = st.one_of(
    st.just(math.nan),
    st.floats(0, 1e5),
    st.floats(1e-12, 1e-3),
    st.sampled_from([0.0, -1.0, math.inf, 1e300]),
)
rows = st.lists(st.tuples(st.booleans(), amounts, amounts), max_size=40)


def tally(given_rows: list[Row]) -> ServiceTally:
    errors, latencies, costs = zip(*given_rows, strict=True) if given_rows else ((), (), ())
    return ServiceTally(
        ServiceRows(
            is_error=np.array(errors, dtype=np.bool_),
            latency_seconds=np.array(latencies, dtype=np.float64),
            cost_usd=np.array(costs, dtype=np.float64),
        )
    )


def cell(given_rows: list[Row]) -> ServiceCell:
    found = tally(given_rows).by(np.zeros(len(given_rows), dtype=np.int64))
    return found.get(0, ServiceCell())


def from_bytes(one: ServiceCell) -> ServiceCell:
    return ServiceCell.of_parts(
        predictions=one.predictions,
        errors=one.errors,
        costed=one.costed,
        cost_nano_usd=one.cost_nano_usd,
        latencies=one.latencies_to_bytes(),
    )


@given(rows, rows, rows, st.randoms(use_true_random=False))
def test_merging_is_exact_in_any_order_and_grouping(
    a: list[Row], b: list[Row], c: list[Row], chance: random.Random
) -> None:
    whole = a + b + c
    chance.shuffle(whole)
    first, second, third = cell(a), cell(b), cell(c)
    expected = cell(whole)
    assert ServiceCell.merged([first, second, third]) == expected
    assert ServiceCell.merged([third, ServiceCell.merged([second, first])]) == expected
    assert ServiceCell.merged([ServiceCell.merged([first, third]), second]) == expected


@given(rows)
def test_what_is_written_is_read_back(given_rows: list[Row]) -> None:
    one = cell(given_rows)
    assert from_bytes(one) == one


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans(), amounts, amounts), max_size=60))
def test_groups_are_counted_as_if_alone(given_rows: list[tuple[int, bool, float, float]]) -> None:
    groups = np.array([row[0] for row in given_rows], dtype=np.int64)
    found = tally([row[1:] for row in given_rows]).by(groups)
    assert set(found) == set(groups.tolist())
    for group, one in found.items():
        assert one == cell([row[1:] for row in given_rows if row[0] == group])


@given(st.lists(st.floats(1e-9, 1e5), min_size=1, max_size=200), st.floats(0, 1))
def test_a_quantile_is_within_one_percent(seconds: list[float], q: float) -> None:
    one = cell([(False, value, math.nan) for value in seconds])
    true = sorted(seconds)[math.floor(q * (len(seconds) - 1))]
    assert one.latency_seconds(q) == pytest.approx(true, rel=0.01 + 1e-9)


@given(st.lists(st.floats(1e-9, 1e5), min_size=1, max_size=100), st.floats(1e-9, 1e5))
def test_a_count_below_a_limit_is_off_only_near_it(seconds: list[float], limit: float) -> None:
    found = cell([(False, value, math.nan) for value in seconds]).latencies.count_at_most(limit)
    surely = sum(value <= limit / 1.0102 for value in seconds)
    perhaps = sum(value <= limit * 1.0102 for value in seconds)
    assert surely <= found <= perhaps


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50))
def test_costs_add_up_to_the_last_billionth(costs: list[float]) -> None:
    one = cell([(False, math.nan, cost) for cost in costs])
    exact = sum(Fraction(round(cost * 1e9)) for cost in costs)
    assert one.cost_nano_usd == exact
    assert one.cost_usd == pytest.approx(sum(costs), abs=1e-9 * len(costs), rel=1e-12)


def test_what_cannot_be_is_not_known() -> None:
    one = cell([(True, -1.0, math.inf), (False, math.inf, -0.5), (False, math.nan, 2.0)])
    assert (one.predictions, one.errors, one.costed, one.cost_usd) == (3, 1, 1, 2.0)
    assert one.latency_seconds(0.5) is None


def test_an_empty_cell_says_nothing() -> None:
    nothing = ServiceCell()
    assert (nothing.error_ratio, nothing.cost_usd, nothing.latency_seconds(0.5)) == (None,) * 3
    assert ServiceCell.merged([]) == nothing


def test_a_minute_of_a_busy_model_takes_less_than_a_kilobyte() -> None:
    seconds = np.random.default_rng(1).lognormal(math.log(0.1), 0.5, 60_000)
    one = cell([(False, value, 0.001) for value in seconds.tolist()])
    assert len(one.latencies_to_bytes()) < 1000


def test_other_bytes_are_refused() -> None:
    for data in (b"", b"\x02" * 40, b"junk"):
        with pytest.raises(DataError, match="latencies of a service cell"):
            ServiceCell.of_parts(predictions=0, errors=0, costed=0, cost_nano_usd=0, latencies=data)
