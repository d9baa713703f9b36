from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.pipeline.result import BacktestResult
from watchkeeper.report.calendar import Calendar
from watchkeeper.report.markup import element, label
from watchkeeper.report.wording import name, number, ratio


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (12.345, "12.3"),
        (-1234.0, "−1,234"),
        (2.5e6, "2.5 M"),
        (1e300, "1.00e+300"),
        (1e-9, "1.0e-09"),
        (math.inf, "∞"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_numbers_are_written_short(value: float | None, text: str) -> None:
    assert number(value) == text


def test_ratios_are_percentages() -> None:
    assert [ratio(value) for value in (0.0, 0.0001, 0.0234, 0.5, 1.0)] == [
        "0 %",
        "<0.1 %",
        "2.3 %",
        "50 %",
        "100 %",
    ]


@given(st.text())
def test_any_name_is_one_short_printable_line(text: str) -> None:
    shown = name(text, longest=30)
    assert 0 < len(shown) <= max(30, len("(empty)"))
    assert len(shown.splitlines()) == 1
    shown.encode()


@given(st.text())
def test_any_name_is_escaped(text: str) -> None:
    inside = label(text).split(">", 1)[1].removesuffix("</bdi>").replace("<wbr>", "")
    assert "<" not in inside
    assert '"' not in element("i", title=text)[len('<i title="') : -len('"></i>')]


def test_days_are_named_in_the_zone_of_the_result(result: BacktestResult) -> None:
    assert Calendar(result).bucket(0) == "1 Apr 2013"
    utc = msgspec.structs.replace(result, time_zone="UTC", bucket="1h")
    assert Calendar(utc).bucket(0) == "1 Apr 2013 04:00"


def test_an_unknown_zone_is_utc(result: BacktestResult) -> None:
    assert Calendar(msgspec.structs.replace(result, time_zone="Nowhere/Land")).zone == "UTC"


def test_spans_are_in_days_where_buckets_are(result: BacktestResult, quiet: BacktestResult) -> None:
    assert Calendar(result).span(230) == "230 days"
    assert Calendar(quiet).span(1) == "1 bucket of 1,000 rows"
    hourly = msgspec.structs.replace(result, bucket="1h")
    assert Calendar(hourly).span(71) == "71 hours"
    assert Calendar(hourly).span(720) == "30 days"
