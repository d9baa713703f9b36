"""The first route that fits decides; quiet hours follow the clock on the wall."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerting.incidents import facts, settings
from watchkeeper.pipeline.alerting import QuietHours, Route, quiet_until, route_of

ZURICH = ZoneInfo("Europe/Zurich")


def night(**more: Any) -> Route:
    hours = QuietHours(**{"start": "22:00", "until": "07:00", "timezone": "Europe/Zurich"} | more)
    return Route(channels=["team"], quiet=[hours])


def test_the_first_route_that_fits_decides() -> None:
    routes = [
        Route(models=["test-*"], channels=[]),
        Route(models=["fraud-*", "aml"], severity="critical", channels=["pager", "team"]),
        Route(sources=["cost"], channels=["finance"]),
        Route(channels=["team"]),
    ]
    in_force = settings(routes=routes)

    def channels(**more: Any) -> list[str]:
        route = route_of(in_force, facts(**more))
        assert route is not None
        return route.channels

    assert channels(model="test-3", severity="critical") == []
    assert channels(model="fraud-eu", severity="critical") == ["pager", "team"]
    assert channels(model="aml", severity="warning") == ["team"]
    assert channels(model="x", source="cost") == ["finance"]


def test_without_routes_everything_goes_to_every_channel() -> None:
    route = route_of(settings(), facts())
    assert route is not None
    assert route.channels == ["team", "pager"]


def test_what_no_route_fits_goes_nowhere() -> None:
    assert route_of(settings(routes=[Route(models=["x"], channels=["team"])]), facts()) is None


@pytest.mark.parametrize(
    ("clock", "ends"),
    [
        ("2026-03-02 21:59", None),
        ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", None),
        # The clocks go forward in the night before 29 March, and back before 25 October.
        ("2026-03-28 23:00", "2026-03-29 07:00"),
        ("2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_a_night_is_quiet_by_the_clock_of_its_zone(clock: str, ends: str | None) -> None:
    now = datetime.fromisoformat(clock).replace(tzinfo=ZURICH)
    wanted = None if ends is None else datetime.fromisoformat(ends).replace(tzinfo=ZURICH)
    assert quiet_until(night(), "warning", now.astimezone(UTC)) == wanted


def test_what_is_critical_passes_unless_it_may_not() -> None:
    midnight = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert quiet_until(night(), "critical", midnight) is None
    assert quiet_until(night(critical_passes=False), "critical", midnight) is not None


def test_nights_and_weekends_that_touch_are_one() -> None:
    weekend = QuietHours(start="07:00", until="07:00", days=["sat", "sun"])
    nights = QuietHours(start="22:00", until="07:00")
    route = Route(channels=["team"], quiet=[weekend, nights])
    friday = datetime(2026, 3, 6, 23, tzinfo=UTC)
    assert quiet_until(route, "warning", friday) == datetime(2026, 3, 9, 7, tzinfo=UTC)


def test_days_are_those_on_which_it_begins() -> None:
    friday_nights = night(days=["fri"])
    saturday_early = datetime(2026, 3, 7, 2, tzinfo=UTC)
    assert quiet_until(friday_nights, "warning", saturday_early) is not None
    assert quiet_until(friday_nights, "warning", saturday_early.replace(day=6)) is None


def test_hours_that_never_end_are_looked_at_again_in_time() -> None:
    always = Route(channels=["team"], quiet=[QuietHours(start="00:00", until="00:00")])
    now = datetime(2026, 3, 1, tzinfo=UTC)
    until = quiet_until(always, "warning", now)
    assert until is not None
    assert (until - now).days == 100


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    start=st.times().map(lambda t: f"{t:%H:%M}"),
    until=st.times().map(lambda t: f"{t:%H:%M}"),
)
def test_the_end_of_quiet_hours_is_to_come_and_not_quiet(
    now: datetime, start: str, until: str
) -> None:
    route = night(start=start, until=until)
    end = quiet_until(route, "warning", now)
    if end is not None and start != until:
        assert end > now
        assert quiet_until(route, "warning", end) is None
