"""Budgets as a person writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import SettingsError
from watchkeeper.watch import Bucketing, Budget

HOUR = Bucketing.parse("1h")
ROWS = Bucketing.parse("1000rows")


@pytest.mark.parametrize(
    ("text", "buckets"),
    [
        ("1 per 30d", 720.0),
        ("1 per 30 days", 720.0),
        ("1 in 30d", 720.0),
        ("1/30d", 720.0),
        ("2 per day", 12.0),
        ("0.5 per 1w", 336.0),
        ("1 per 720 buckets", 720.0),
        ("1 per 720 windows", 720.0),
        ("3 PER 720 Buckets", 240.0),
        ("100 per 1h", 1.0),
    ],
)
def test_a_budget_is_a_mean_number_of_buckets(text: str, buckets: float) -> None:
    assert Budget.parse(text).in_buckets(HOUR) == pytest.approx(buckets)


@pytest.mark.parametrize(
    "text",
    ["", "often", "1", "per 30d", "0 per 30d", "-1 per 30d", "1 per 0 buckets", "1 per 30 moons"],
)
def test_what_is_no_budget_is_told_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="for example '1 per 30d'"):
        Budget.parse(text)


def test_a_budget_in_time_needs_the_length_of_buckets_of_rows() -> None:
    budget = Budget.parse("1 per 30d")
    with pytest.raises(SettingsError, match="'1 per 720 buckets'"):
        budget.in_buckets(ROWS)
    with pytest.raises(SettingsError, match="how long a bucket"):
        budget.in_buckets(ROWS, typical=timedelta(0))
    assert budget.in_buckets(ROWS, typical=timedelta(hours=2)) == pytest.approx(360.0)


@given(st.integers(1, 50), st.integers(1, 5000), st.sampled_from(["s", "m", "h", "d", "w"]))
def test_a_budget_reads_what_it_writes(alarms: int, span: int, unit: str) -> None:
    for text in (f"{alarms}  per {span}{unit}", f"{alarms} per {span} buckets"):
        budget = Budget.parse(text)
        assert Budget.parse(str(budget)) == budget
        assert budget.in_buckets(HOUR) >= 1.0
