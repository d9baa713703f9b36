"""What is told of an incident: its beginning and its end once, and little in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerting.incidents import (
    HOUR,
    NOW,
    ended,
    facts,
    happening,
    saved,
    settings,
    told_once,
)
from watchkeeper.pipeline.alerting import AlertSettings, Happening, QuietHours, Route, due_notices
from watchkeeper.pipeline.alerting.telling import MOST_WORSE
from watchkeeper.store import SavedNotice

SETTINGS = settings()


def events(
    what: Happening,
    told: Sequence[SavedNotice] = (),
    *,
    then: AlertSettings | None = SETTINGS,
    now: datetime = NOW,
) -> list[tuple[str, str]]:
    found = due_notices(what, told, then=then, now_in_force=SETTINGS, now=now)
    return [(notice.channel, notice.event) for notice in found]


def test_an_incident_is_told_to_every_channel_of_its_route() -> None:
    assert events(happening()) == [("team", "opened"), ("pager", "opened")]


def test_what_was_noticed_before_anybody_was_to_be_told_is_not_told() -> None:
    assert events(happening(), then=None) == []


def test_a_channel_that_was_added_since_is_not_told_of_what_is_old() -> None:
    before = settings(routes=[Route(channels=["team"])])
    assert events(happening(), then=before) == [("team", "opened")]


def test_the_end_is_told_only_to_those_who_were_told_of_the_beginning() -> None:
    assert events(happening(ended()), [told_once()]) == [("team", "resolved")]
    assert events(happening(ended()), [told_once(status="dead")]) == []
    assert events(happening(ended()), [told_once(), told_once("resolved")]) == []


def test_what_is_over_already_pages_nobody() -> None:
    assert events(happening(ended())) == [("team", "opened"), ("team", "resolved")]


def test_a_muted_incident_is_not_told_and_one_that_was_told_may_end() -> None:
    assert events(happening(is_muted=True)) == []
    worse = facts(what=("a", "b", "c"))
    assert events(happening(worse, is_muted=True), [told_once()], now=NOW + 2 * HOUR) == []
    assert events(happening(ended(), is_muted=True), [told_once()]) == [("team", "resolved")]


def test_an_acknowledged_incident_quiets_the_pager_and_does_not_get_worse() -> None:
    told = [told_once(), told_once(channel="pager")]
    worse = happening(facts(what=("a", "b", "c")), is_acknowledged=True)
    assert events(worse, told, now=NOW + 2 * HOUR) == [("pager", "acknowledged")]


@pytest.mark.parametrize(
    ("more", "after", "is_told"),
    [
        ({"what": ("a", "b")}, HOUR, True),
        ({"what": ("a", "b")}, HOUR / 2, False),
        ({"evidence_ratio": 149.0}, HOUR, False),
        ({"evidence_ratio": 151.0}, HOUR, True),
        ({"severity": "critical"}, timedelta(0), True),
        ({}, 9 * HOUR, False),
    ],
)
def test_worse_is_twice_the_columns_a_hundred_times_the_evidence_or_critical(
    more: dict[str, object], after: timedelta, is_told: bool
) -> None:
    told = [told_once(), told_once(channel="pager")]
    wanted = [("team", "worse-1"), ("pager", "worse-1")] if is_told else []
    assert events(happening(facts(**more)), told, now=NOW + after) == wanted


def test_who_is_told_of_what_is_critical_is_told_when_it_becomes_so() -> None:
    routes = [Route(severity="critical", channels=["pager"]), Route(channels=["team"])]
    in_force = settings(routes=routes)
    found = due_notices(
        happening(facts(severity="critical")),
        [told_once()],
        then=in_force,
        now_in_force=in_force,
        now=NOW,
    )
    assert [(n.channel, n.event) for n in found] == [("pager", "opened"), ("team", "worse-1")]


def test_in_quiet_hours_a_notice_is_held_until_they_end() -> None:
    quiet = QuietHours(start="11:00", until="13:30")
    in_force = settings(routes=[Route(channels=["team"], quiet=[quiet])])
    [held] = due_notices(happening(), [], then=in_force, now_in_force=in_force, now=NOW)
    assert (held.is_held, held.due_at) == (True, NOW + 1.5 * HOUR)
    critical = happening(facts(severity="critical"))
    [passing] = due_notices(critical, [], then=in_force, now_in_force=in_force, now=NOW)
    assert (passing.is_held, passing.due_at) == (False, NOW)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 40),
            st.floats(1, 1e9),
            st.booleans(),
            st.integers(0, 5_000),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_no_incident_is_told_more_than_a_few_times_whatever_its_course(
    course: list[tuple[int, float, bool, int, bool]],
) -> None:
    told: list[SavedNotice] = []
    now = NOW
    for columns, evidence, is_open, minutes, is_critical in course:
        now += timedelta(minutes=minutes)
        what = tuple(f"c{i}" for i in range(columns))
        severity = "critical" if is_critical else "warning"
        build = facts if is_open else ended
        incident = build(what=what, evidence_ratio=evidence, severity=severity)
        due = due_notices(happening(incident), told, then=SETTINGS, now_in_force=SETTINGS, now=now)
        told += [saved(one, number=len(told) + n) for n, one in enumerate(due)]
    for channel in SETTINGS.channels:
        said = [one.event for one in told if one.channel == channel]
        assert len(said) == len(set(said)) <= 2 + MOST_WORSE
        assert said[:1] in ([], ["opened"])
        assert "resolved" not in said[:-1]
