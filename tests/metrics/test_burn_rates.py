"""Burn rates are those of the Site Reliability Workbook, and few predictions do not cry wolf."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from watchkeeper.metrics import PAIRS, Good, read_burn_rates

MONTH = timedelta(days=30)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def speaks(bad: dict[timedelta, Good], target: float, window: timedelta = MONTH) -> list[bool]:
    return [one.holds for one in read_burn_rates(bad.__getitem__, target=target, window=window)]


def test_the_least_burn_rates_use_up_the_workbook_s_parts_of_a_month() -> None:
    # Beyer and others (2018), The Site Reliability Workbook, table 5-8.
    assert [(p.long, p.short, p.severity) for p in PAIRS] == [
        (HOUR, 5 * MINUTE, "critical"),
        (6 * HOUR, 30 * MINUTE, "critical"),
        (3 * DAY, 6 * HOUR, "warning"),
    ]
    least = [pair.least_burn_rate(MONTH) for pair in PAIRS]
    assert least == pytest.approx([14.4, 6, 1])
    used = [rate * (pair.long / MONTH) for rate, pair in zip(least, PAIRS, strict=True)]
    assert used == pytest.approx([0.02, 0.05, 0.10])


def test_another_window_has_burn_rates_that_use_up_the_same_part() -> None:
    assert PAIRS[0].least_burn_rate(timedelta(days=7)) == pytest.approx(0.02 * 7 * 24)
    # Slower than this, the budget lasts for the whole window: no reason to wake anyone.
    assert PAIRS[2].least_burn_rate(timedelta(days=7)) == 1
    assert PAIRS[1].least_burn_rate(timedelta(days=90)) == pytest.approx(18)


def test_a_burn_rate_of_one_uses_the_budget_up_within_the_window() -> None:
    good = Good(total=1_000_000, bad=1000)
    assert good.burn_rate(0.999) == pytest.approx(1)
    assert good.budget_left_ratio(0.999) == pytest.approx(0)
    assert good.ratio == 0.999


@pytest.mark.parametrize(("seconds", "expected"), [(51, False), (52, True)])
def test_an_outage_is_told_in_the_first_minute(seconds: int, expected: bool) -> None:
    """At 100 a second: 1.44 % of an hour's predictions are those of 51.84 seconds."""
    hour = Good(total=360_000, bad=100 * seconds)
    short = Good(total=30_000, bad=100 * seconds)
    found = speaks(
        dict.fromkeys((HOUR, 6 * HOUR, 3 * DAY), hour) | {5 * MINUTE: short, 30 * MINUTE: short},
        0.999,
    )
    assert found[0] is expected


def test_both_windows_must_burn() -> None:
    bad, well = Good(total=10_000, bad=1000), Good(total=10_000, bad=0)
    windows = {w for pair in PAIRS for w in (pair.long, pair.short)}
    assert speaks(dict.fromkeys(windows, bad), 0.99) == [False, True, True]  # 10 times
    assert speaks(dict.fromkeys(windows, bad), 0.999) == [True, True, True]
    assert speaks(dict.fromkeys(windows, bad) | {5 * MINUTE: well}, 0.999)[0] is False
    assert speaks(dict.fromkeys(windows, bad) | {HOUR: well}, 0.999)[0] is False


def test_one_failure_of_ten_is_no_alarm_and_two_are() -> None:
    windows = {w for pair in PAIRS for w in (pair.long, pair.short)}
    assert not any(speaks(dict.fromkeys(windows, Good(total=10, bad=1)), 0.999))
    assert all(speaks(dict.fromkeys(windows, Good(total=10, bad=2)), 0.999))


def test_without_predictions_nothing_is_said() -> None:
    windows = {w for pair in PAIRS for w in (pair.long, pair.short)}
    none = Good(total=0, bad=0)
    assert not any(speaks(dict.fromkeys(windows, none), 0.999))
    assert (none.ratio, none.burn_rate(0.9), none.budget_left_ratio(0.9)) == (None, None, None)


def test_pairs_longer_than_the_objective_s_window_are_left_out() -> None:
    windows = {w for pair in PAIRS for w in (pair.long, pair.short)}
    assert len(speaks(dict.fromkeys(windows, Good(total=1, bad=1)), 0.9, DAY)) == 2


@given(st.integers(1, 2000), st.integers(0, 2000), st.floats(0.5, 0.9999))
def test_the_chance_is_the_tail_of_the_binomial(total: int, bad: int, target: float) -> None:
    bad = min(bad, total)
    expected = binom.sf(bad - 1, total, 1 - target)
    found = Good(total=total, bad=bad).chance(target)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-300)


@pytest.mark.slow
@pytest.mark.parametrize("per_hour", [5, 50, 5000])
def test_a_service_that_just_keeps_its_objective_wakes_nobody(per_hour: int) -> None:
    """A year of minutes at exactly the target: the two critical pairs speak at most once."""
    random = np.random.default_rng(per_hour)
    minutes = 365 * 24 * 60
    total = random.poisson(per_hour / 60, minutes)
    bad = random.binomial(total, 0.001)
    sums = np.concatenate([[0], np.cumsum(total)]), np.concatenate([[0], np.cumsum(bad)])
    spoken = 0
    was = False
    for at in range(6 * 60, minutes):

        def good(span: timedelta, at: int = at) -> Good:
            since = max(0, at - int(span / MINUTE))
            counted, failed = (int(one[at] - one[since]) for one in sums)
            return Good(total=counted, bad=failed)

        if bad[at - 1] or was:
            readings = read_burn_rates(good, target=0.999, window=MONTH)[:2]
            now = any(one.holds for one in readings)
            spoken += now and not was
            was = now
    assert spoken <= 1
