"""Far more outliers than usual are told once; bursts and seasons that always were are not."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.watch import ScoredHour, UsualOutliers, outlier_rises

HOUR = 3600
USUAL, ROWS, DAYS = 0.001, 500, 30
BEGIN = DAYS * 24
MEAN_HOURS = 720 / 0.05


def hours(
    random: np.random.Generator,
    count: int,
    *,
    first: int = 0,
    times: float = 1.0,
    memory: float = 0,
) -> list[ScoredHour]:
    """Hours whose part of outliers goes up and down together with that of the hours before."""
    found, level = [], 0.0
    for hour in range(first, first + count):
        level = memory * level + (1 - memory**2) ** 0.5 * random.normal()
        ratio = USUAL * times * (np.exp(level - 0.5) if memory else 1.0)
        outliers = random.binomial(ROWS, min(float(ratio), 1.0))
        found.append(ScoredHour(hour * HOUR, ROWS, outliers))
    return found


def usual(reference: list[ScoredHour]) -> UsualOutliers:
    return UsualOutliers(ratio=USUAL, rows=DAYS * 24 * ROWS, hours=tuple(reference))


def test_a_rise_is_told_once_with_its_hours_and_closes_when_it_is_over() -> None:
    random = np.random.default_rng(0)
    known = usual(hours(random, BEGIN))
    live = hours(random, 100, first=BEGIN)
    live += hours(random, 60, first=BEGIN + 100, times=40)
    [rise] = outlier_rises(known, live, mean_hours=MEAN_HOURS)
    assert abs(rise.since / HOUR - (BEGIN + 100)) <= 1
    assert rise.opened_at <= (BEGIN + 100 + 12) * HOUR
    assert rise.closed_at is None
    assert rise.ratio == pytest.approx(0.04, rel=0.1)
    live += hours(random, 60, first=BEGIN + 160)
    [over] = outlier_rises(known, live, mean_hours=MEAN_HOURS)
    assert (over.since, over.opened_at) == (rise.since, rise.opened_at)
    assert over.closed_at is not None
    assert (BEGIN + 160) * HOUR < over.closed_at <= (BEGIN + 186) * HOUR


def test_a_burst_of_a_few_hours_is_no_rise() -> None:
    random = np.random.default_rng(1)
    known = usual(hours(random, BEGIN))
    live = hours(random, 100, first=BEGIN)
    live += hours(random, 3, first=BEGIN + 100, times=500)
    live += hours(random, 50, first=BEGIN + 103)
    assert outlier_rises(known, live, mean_hours=MEAN_HOURS) == []


@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_clean_hours_that_depend_on_each_other_keep_the_budget(memory: float) -> None:
    """Over 20 times 180 days 6 false alarms would be accepted; Monte Carlo, seeded."""
    alarms = 0
    for seed in range(20):
        random = np.random.default_rng([seed, 7])
        known = usual(hours(random, BEGIN, memory=memory))
        live = hours(random, 180 * 24, first=BEGIN, memory=memory)
        alarms += len(outlier_rises(known, live, mean_hours=MEAN_HOURS))
    assert alarms <= 6


def test_with_a_short_reference_the_first_hours_are_held_for_normal() -> None:
    random = np.random.default_rng(2)
    known = UsualOutliers(ratio=USUAL, rows=20_000, hours=tuple(hours(random, 40)))
    live = hours(random, 60, first=40) + hours(random, 20, first=100, times=40)
    assert outlier_rises(known, live, mean_hours=MEAN_HOURS) == []
    live = hours(random, 100, first=40) + hours(random, 20, first=140, times=40)
    [rise] = outlier_rises(known, live, mean_hours=MEAN_HOURS)
    assert rise.since >= 139 * HOUR


def test_a_promise_that_few_rows_made_is_not_held_against_anything() -> None:
    known = UsualOutliers(ratio=0.03, rows=100, hours=())
    live = [ScoredHour(hour * HOUR, 100, 50) for hour in range(400)]
    assert outlier_rises(known, live, mean_hours=MEAN_HOURS) == []
