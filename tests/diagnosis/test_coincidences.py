"""What changed at the same time, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.diagnosis import (
    Course,
    Estimate,
    courses_of_shares,
    find_coincidences,
    impact_of,
)


def test_a_step_near_the_onset_is_told_and_one_far_from_it_is_not() -> None:
    rng = np.random.default_rng(1)
    at = np.arange(100)
    courses = [
        Course(kind="null rate", subject=f"c{step}", values=np.clip(values, 0, 1))
        for step in (30, 68, 72)
        for values in [0.02 + 0.3 * (at >= step) + 0.002 * rng.normal(size=100)]
    ]
    found = find_coincidences(courses, 70)
    assert {one.subject for one in found} == {"c68", "c72"}
    assert {one.lead_buckets for one in found} == {2, -2}


def test_what_wanders_all_the_time_coincides_with_nothing() -> None:
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(50):
        walk = 0.5 + 0.01 * np.cumsum(rng.normal(size=120))
        found += len(find_coincidences([Course(kind="volume", subject="", values=walk)], 100))
    assert found <= 2


def test_a_new_version_is_told_with_the_part_of_the_traffic_that_it_took() -> None:
    counts = np.array([np.full(60, 90.0), np.where(np.arange(60) < 50, 0.0, 90.0)])
    found = find_coincidences(
        courses_of_shares("version", ["1", "2"], counts, least_change=0.02), 50
    )
    assert {one.text for one in found} == {
        "traffic of version 2: 0 % before, 50 % after",
        "traffic of version 1: 100 % before, 50 % after",
    }


def test_a_short_past_and_buckets_without_rows_say_nothing() -> None:
    short = Course(kind="null rate", subject="x", values=np.array([0.0, 0.0, 0.0, 0.9, 0.9, 0.9]))
    empty = Course(kind="null rate", subject="x", values=np.full(60, np.nan))
    assert find_coincidences([short], 3) == ()
    assert find_coincidences([empty], 40) == ()


def test_impact_is_by_the_day_in_errors_and_money() -> None:
    found = impact_of(
        Estimate(value=0.02, low=0.01, high=0.03),
        predictions=1_000,
        seconds=12 * 3600.0,
        quantity="errors",
        cost_change=Estimate(value=0.5, low=0.25, high=0.75),
        cost_unit="EUR",
    )
    assert found.predictions_per_day == 2_000
    assert found.per_day.low == pytest.approx(20)
    assert found.per_day.high == pytest.approx(60)
    assert found.cost_per_day is not None
    assert found.cost_per_day.value == 1_000
