from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.clock import is_skipped, to_utc

NEW_YEAR = datetime(2013, 1, 1, 5, tzinfo=UTC)


def read(values: list[object], timezone: str | None = None) -> list[datetime | None]:
    times, _ = to_utc(pa.array(values), timezone=timezone)
    assert times.type == pa.timestamp("us", "UTC")
    result: list[datetime | None] = times.to_pylist()
    return result


@pytest.mark.parametrize(
    "text",
    [
        "2013-01-01T05:00:00Z",
        "2013-01-01 05:00:00",
        "2013-01-01T05:00",
        "2013-01-01 05",
        "2013-01-01T00:00:00-05:00",
        "2013-01-01 10:30:00+0530",
        "2013-01-01T05:00:00.000000000Z",
        "2013-01-01T05:00:00,000",
        "2013-01-01 05:00:00 UTC",
        "2013-01-01T06:00:00+01:00[Europe/Zurich]".replace("+01:00", ""),
        "20130101T050000Z",
        " 2013-01-01T05:00:00Z ",
        "1357016400",
        "1357016400000",
    ],
)
def test_every_common_way_to_write_a_time_is_read(text: str) -> None:
    assert read([text]) == [NEW_YEAR]


@pytest.mark.parametrize("factor", [1, 1_000, 1_000_000, 1_000_000_000])
def test_epoch_numbers_are_read_in_the_unit_of_their_size(factor: int) -> None:
    assert read([1357016400 * factor]) == [NEW_YEAR]
    assert read([float(1357016400 * factor)]) == [NEW_YEAR]


def test_whole_numbers_that_are_dates_are_dates() -> None:
    assert read([20130131, 20130201]) == [
        datetime(2013, 1, 31, tzinfo=UTC),
        datetime(2013, 2, 1, tzinfo=UTC),
    ]


def test_one_odd_epoch_does_not_change_the_unit_of_the_others() -> None:
    assert read([1357016400, 1357016401, 1357016402000])[0] == NEW_YEAR


def test_mixed_time_zones_in_one_column_become_utc() -> None:
    texts = ["2013-01-01T00:00:00-05:00", "2013-01-01T05:00:00Z", "2013-01-01T10:30:00+05:30"]
    assert read([*texts, "2013-01-01 05:00:00"]) == [NEW_YEAR] * 4


def test_dates_and_time_stamps_of_every_unit_are_read() -> None:
    assert read([date(2013, 1, 1)]) == [datetime(2013, 1, 1, tzinfo=UTC)]
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "America/New_York"):
            array = pa.array([NEW_YEAR.replace(tzinfo=None)]).cast(pa.timestamp(unit))
            array = array.cast(pa.int64()).cast(pa.timestamp(unit, zone))
            assert to_utc(array) == (pa.array([NEW_YEAR], pa.timestamp("us", "UTC")), [])


def test_naive_times_are_utc_or_of_the_named_zone() -> None:
    assert read(["2013-01-01 06:00:00"], "Europe/Zurich") == [NEW_YEAR]
    assert read([datetime(2013, 1, 1, 6)], "Europe/Zurich") == [NEW_YEAR]


def test_a_wall_clock_hour_that_was_skipped_is_bad() -> None:
    texts = ["2024-03-31 01:59:59", "2024-03-31 02:30:00", "2024-03-31 03:00:00"]
    times, bad = to_utc(pa.array(texts), timezone="Europe/Zurich")
    assert bad == [1]
    assert times[2].as_py() - times[0].as_py() == timedelta(seconds=1)
    assert is_skipped(texts[1], "Europe/Zurich")
    assert not is_skipped(texts[0], "Europe/Zurich")
    assert not is_skipped("soon", "Europe/Zurich")


def test_of_a_wall_clock_hour_that_came_twice_the_first_is_meant() -> None:
    assert read(["2024-10-27 02:30:00"], "Europe/Zurich") == [
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "odd", ["", "soon", "31/01/2013", "2013-02-30", "25:00", "2013-13-01", "9" * 30]
)
def test_what_is_no_time_is_null_and_its_position_is_told(odd: str) -> None:
    times, bad = to_utc(pa.array(["2013-01-01T05:00:00Z", None, odd]))
    assert bad == [2]
    assert times.to_pylist() == [NEW_YEAR, None, None]


@pytest.mark.parametrize("odd", [float("inf"), float("nan"), 1e300, -1e300])
def test_numbers_that_are_no_time_are_bad(odd: float) -> None:
    assert to_utc(pa.array([1357016400.0, odd]))[1] == [1]


def test_huge_integers_are_bad_and_do_not_wrap_around() -> None:
    times, bad = to_utc(pa.array([1357016400, 1357016401, 2**63 - 1]))
    assert (times[0].as_py(), bad) == (NEW_YEAR, [2])
    assert to_utc(pa.array([2**62]).cast(pa.timestamp("s")))[1] == [0]


def test_columns_of_other_types_hold_no_times() -> None:
    assert to_utc(pa.array([True, None, False]))[1] == [0, 2]
    assert to_utc(pa.nulls(2))[1] == []
    assert len(to_utc(pa.array([], pa.string()))[0]) == 0


def test_an_unknown_zone_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="Europe/Zurich"):
        to_utc(pa.array(["2013-01-01"]), timezone="Europe/Zurick")


@given(
    st.lists(
        st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), min_size=1
    ),
    st.integers(-23 * 60, 23 * 60),
)
def test_any_time_survives_being_written_and_read(naive: list[datetime], minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    aware = [one.replace(tzinfo=zone) for one in naive]
    assert read([one.isoformat() for one in aware]) == aware


@given(st.lists(st.one_of(st.none(), st.text(), st.from_regex(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*"))))
def test_any_text_gives_times_or_bad_positions_only(texts: list[str | None]) -> None:
    for zone in (None, "Europe/Zurich"):
        times, bad = to_utc(pa.array(texts, pa.string()), timezone=zone)
        assert len(times) == len(texts)
        nulls = [at for at, one in enumerate(times.to_pylist()) if one is None]
        assert nulls == sorted({*bad, *(at for at, one in enumerate(texts) if one is None)})


@given(
    st.one_of(
        st.lists(st.integers(-(2**63), 2**63 - 1)).map(lambda v: pa.array(v, pa.int64())),
        st.lists(st.floats()).map(lambda v: pa.array(v, pa.float64())),
        st.lists(st.integers(-(2**63), 2**63 - 1)).map(
            lambda v: pa.array(v, pa.int64()).cast(pa.timestamp("ms", "UTC"))
        ),
        st.lists(st.integers(-(2**31), 2**31 - 1)).map(
            lambda v: pa.array(v, pa.int32()).cast(pa.date32())
        ),
    )
)
def test_any_number_gives_a_time_or_a_bad_position(values: pa.Array) -> None:
    for zone in (None, "America/New_York"):
        times, bad = to_utc(values, timezone=zone)
        assert sum(one is None for one in times.to_pylist()) == len(bad)
