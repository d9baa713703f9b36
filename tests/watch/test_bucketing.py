"""Buckets of time and of rows, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import SettingsError
from watchkeeper.watch import Bucketing, parse_duration

ZURICH, NEW_YORK = ZoneInfo("Europe/Zurich"), ZoneInfo("America/New_York")
ZONES = st.sampled_from([UTC, ZURICH, NEW_YORK, ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Apia")])
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
LENGTHS = st.sampled_from(["5m", "1h", "6h", "1d", "2d", "1w"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("5m", "5m"),
        ("90 min", "90m"),
        ("1h", "1h"),
        ("24 hours", "1d"),
        ("day", "1d"),
        ("7d", "1w"),
        ("10s", "10s"),
        ("1000rows", "1000rows"),
        ("1 row", "1rows"),
        ("10_000 rows", "10000rows"),
        ("1,000 ROWS", "1000rows"),
    ],
)
def test_buckets_are_read_and_written(text: str, written: str) -> None:
    assert str(Bucketing.parse(text)) == written
    assert Bucketing.parse(written) == Bucketing.parse(text)


@pytest.mark.parametrize(
    "text", ["", "0rows", "rows", "1.5rows", "0h", "-1h", "1 fortnight", "36h", "1.5d", "0.1s"]
)
def test_what_is_no_bucket_is_told_with_examples(text: str) -> None:
    with pytest.raises(SettingsError, match=r"5m, 1h, 1d.*1000rows"):
        Bucketing.parse(text)


@pytest.mark.parametrize("text", ["", "x", "5", "5 parsecs", "0d"])
def test_what_is_no_duration_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="is not understood"):
        parse_duration(text)


def test_a_minute_and_a_month_are_not_mixed_up() -> None:
    assert parse_duration("1m") == timedelta(minutes=1)
    assert parse_duration("1M") == timedelta(minutes=1)


def test_days_last_as_long_as_the_local_clock_says() -> None:
    day = Bucketing.parse("1d")
    spring = datetime(2024, 3, 31, tzinfo=ZURICH).astimezone(UTC)
    assert day.next_start(spring, zone=ZURICH) - spring == timedelta(hours=23)
    autumn = datetime(2024, 10, 27, tzinfo=ZURICH).astimezone(UTC)
    assert day.next_start(autumn, zone=ZURICH) - autumn == timedelta(hours=25)
    late = datetime(2024, 10, 27, 23, 59, tzinfo=ZURICH).astimezone(UTC)
    assert day.start_of(late, zone=ZURICH) == autumn


def test_a_day_that_a_zone_left_out_is_no_bucket_with_rows() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011
    day = Bucketing.parse("1d")
    start = datetime(2011, 12, 29, tzinfo=apia).astimezone(UTC)
    seen = [start]
    for _ in range(3):
        seen.append(day.next_start(seen[-1], zone=apia))
    assert seen == sorted(seen)
    assert datetime(2011, 12, 31, tzinfo=apia).astimezone(UTC) in seen


def test_weeks_begin_on_monday() -> None:
    week = Bucketing.parse("1w")
    start = week.start_of(datetime(2024, 5, 16, 12, tzinfo=UTC))
    assert (start.date().isoformat(), start.weekday()) == ("2024-05-13", 0)


@given(TIMES, LENGTHS, ZONES)
def test_every_time_lies_in_exactly_one_bucket(time: datetime, length: str, zone: ZoneInfo) -> None:
    bucketing = Bucketing.parse(length)
    start = bucketing.start_of(time, zone=zone)
    end = bucketing.next_start(start, zone=zone)
    assert start <= time < end
    assert bucketing.start_of(start, zone=zone) == start
    assert bucketing.start_of(end - timedelta(microseconds=1), zone=zone) == start
    assert bucketing.start_of(end, zone=zone) == end
