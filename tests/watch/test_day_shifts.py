"""Days of a ratio: seasons are no change, lasting falls are, and small ones are accepted."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.watch import Calendar, DayShift, RatioDay, day_shifts, usual_days

DAY = 86_400
REFERENCE = 28


def days(levels: np.ndarray, *, noise: float = 0.03, seed: int = 0) -> list[RatioDay]:
    """Draw a ratio about 2, half as large again on weekends."""
    random = np.random.default_rng(seed)
    season = np.where(np.arange(len(levels)) % 7 >= 5, 1.5, 1.0)
    values = 2.0 * season * levels * np.exp(noise * random.normal(size=len(levels)))
    return [
        RatioDay(start=at * DAY, above=100 * value, below=100.0, entities=100, error=0.02)
        for at, value in enumerate(values.tolist())
    ]


def told(found: list[RatioDay], *, is_lower: bool = True) -> list[DayShift]:
    usual = usual_days(found[:REFERENCE], Calendar())
    assert usual is not None
    return day_shifts(usual, found[REFERENCE:], is_lower=is_lower, tolerance=0.03, mean_days=600.0)


def test_weekends_are_no_change() -> None:
    assert told(days(np.ones(200))) == []
    assert told(days(np.ones(200)), is_lower=False) == []


def test_a_fall_is_told_with_its_size_and_its_beginning() -> None:
    levels = np.ones(80)
    levels[50:] = 0.85
    (one,) = told(days(levels))
    assert abs(one.since // DAY - 50) <= 1
    assert one.opened_at // DAY <= 55
    assert one.closed_at is None
    assert abs(one.value / one.expected - 0.85) < 0.02
    assert one.missing > 0
    assert told(days(levels), is_lower=False) == []


def test_what_is_within_the_tolerance_is_accepted() -> None:
    levels = np.ones(200)
    levels[30:] = 0.98
    assert told(days(levels)) == []


def test_days_without_entities_say_nothing() -> None:
    few = [
        RatioDay(start=at * DAY, above=0.0, below=5.0, entities=5, error=0.0)
        for at in range(100, 130)
    ]
    assert told([*days(np.ones(90)), *few]) == []
    assert usual_days(few, Calendar()) is None


def test_a_ratio_that_may_be_0_falls_too() -> None:
    levels = np.ones(80)
    levels[3] = 0.0
    levels[50:] = 0.0
    (one,) = told(days(levels, noise=0.1))
    assert one.value == 0.0


@settings(max_examples=10, deadline=None)
@given(scale=st.floats(1e-3, 1e6), seed=st.integers(0, 5))
def test_the_unit_of_a_ratio_does_not_matter(scale: float, seed: int) -> None:
    levels = np.ones(60)
    levels[40:] = 0.8
    found = days(levels, seed=seed)
    scaled = [
        RatioDay(
            start=one.start,
            above=scale * one.above,
            below=one.below,
            entities=one.entities,
            error=scale * one.error,
        )
        for one in found
    ]
    times = [[(one.since, one.opened_at) for one in told(each)] for each in (found, scaled)]
    assert times[0] == times[1]
