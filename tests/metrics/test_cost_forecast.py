"""The forecast of a month's cost, and how often its interval holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.metrics import LEAST_DAYS, forecast_sum

WEEK = np.array([1.0, 1.1, 1.05, 1.0, 0.9, 0.4, 0.3])


def test_less_than_a_week_is_not_enough() -> None:
    assert forecast_sum([1.0] * (LEAST_DAYS - 1), [1.0]) is None
    assert forecast_sum([1.0] * LEAST_DAYS, [1.0]) is not None


def test_weekends_are_expected_to_be_as_they_were() -> None:
    past = list(np.tile(WEEK * 100, 4))
    found = forecast_sum(past, [1.0] * 7)
    assert found is not None
    assert found.expected == pytest.approx(WEEK.sum() * 100)
    weekend = forecast_sum(past[:-2], [1.0, 1.0])
    assert weekend is not None
    assert weekend.expected == pytest.approx(70, abs=1)


def test_a_level_that_moved_is_followed() -> None:
    random = np.random.default_rng(3)
    past = np.concatenate([np.full(40, 100.0), np.full(16, 300.0)]) + random.normal(0, 2, 56)
    found = forecast_sum(list(past), [1.0] * 10)
    assert found is not None
    assert found.expected == pytest.approx(3000, rel=0.1)
    assert found.low < 3000 < found.high


@given(
    st.lists(st.floats(0, 1e6), min_size=LEAST_DAYS, max_size=70),
    st.lists(st.floats(0, 1), max_size=31),
)
def test_the_interval_holds_the_forecast(past: list[float], parts: list[float]) -> None:
    found = forecast_sum(past, parts)
    assert found is not None
    slack = 1e-9 * (1 + sum(past))
    assert 0 <= found.low <= found.expected + slack
    assert found.expected <= found.high + slack


def days(random: np.random.Generator, count: int, kind: str) -> Any:
    noise = random.normal(size=count)
    if kind == "persistent":
        for at in range(1, count):
            noise[at] = 0.5 * noise[at - 1] + np.sqrt(0.75) * noise[at]
    shape = np.tile(WEEK, count // 7 + 1)[:count]
    if kind == "skewed":
        return 100 * shape * np.exp(0.3 * noise - 0.045)
    wander = np.cumsum(random.normal(0, 3, count)) if kind == "wandering" else 0.0
    return np.maximum(100 * shape + wander + 10 * noise, 0)


@pytest.mark.slow
@pytest.mark.parametrize("past", [16, 35, 56])
@pytest.mark.parametrize("kind", ["independent", "persistent", "skewed", "wandering"])
def test_the_interval_holds_nine_times_in_ten(kind: str, past: int) -> None:
    random = np.random.default_rng(past)
    held, turns, ahead = 0, 800, 20
    for _ in range(turns):
        drawn = days(random, past + ahead, kind)
        found = forecast_sum(list(drawn[:past]), [0.5] + [1.0] * (ahead - 1))
        assert found is not None
        truth = drawn[past] / 2 + drawn[past + 1 :].sum()
        held += found.low <= truth <= found.high
    assert held / turns >= 0.88
