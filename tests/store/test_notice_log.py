"""The outbox: once each, in order, the same message again after a failure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.errors import SettingsError
from watchkeeper.store import NewNotice, NoticeLog, SavedNotice, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[NoticeLog]:
    with Store.open(tmp_path) as store:
        yield store.notices


def notice(
    incident: str = "a", event: str = "opened", channel: str = "team", due_at: datetime = NOW
) -> NewNotice:
    return NewNotice(
        incident_key=incident,
        event=event,
        channel=channel,
        model="m",
        due_at=due_at,
        payload=b"{}",
    )


def names(found: list[SavedNotice]) -> list[tuple[str, str]]:
    return [(one.incident_key, one.event) for one in found]


def numbers(found: list[SavedNotice]) -> list[int]:
    return [one.number for one in found]


def test_an_event_of_an_incident_is_kept_once_for_each_channel(log: NoticeLog) -> None:
    assert log.add([notice(), notice(channel="pager"), notice()], now=NOW) == 2
    assert log.add([notice(), notice(event="resolved")], now=NOW) == 1
    assert [one.channel for one in log.of_incident("a")] == ["team", "pager", "team"]


def test_a_channel_that_groups_takes_all_that_is_due_as_one(log: NoticeLog) -> None:
    log.add([notice("a"), notice("b"), notice("c", due_at=NOW + HOUR)], now=NOW)
    claimed = log.claim("team", together=True, now=NOW)
    assert names(claimed) == [("a", "opened"), ("b", "opened")]
    assert {one.batch for one in claimed} == {claimed[0].number}
    log.mark_sent(numbers(claimed), now=NOW)
    assert log.claim("team", together=True, now=NOW) == []
    assert names(log.claim("team", together=True, now=NOW + HOUR)) == [("c", "opened")]


def test_other_channels_take_one_at_a_time(log: NoticeLog) -> None:
    log.add([notice("a", channel="pager"), notice("b", channel="pager")], now=NOW)
    first = log.claim("pager", together=False, now=NOW)
    log.mark_sent(numbers(first), now=NOW)
    assert names(first + log.claim("pager", together=False, now=NOW)) == [
        ("a", "opened"),
        ("b", "opened"),
    ]


def test_what_failed_is_sent_again_as_it_was_and_not_with_what_came_since(log: NoticeLog) -> None:
    log.add([notice("a"), notice("b")], now=NOW)
    first = log.claim("team", together=True, now=NOW)
    log.mark_failed(numbers(first), "down", due_at=NOW + HOUR)
    log.add([notice("c")], now=NOW)
    since = log.claim("team", together=True, now=NOW)
    assert names(since) == [("c", "opened")]
    log.mark_sent(numbers(since), now=NOW)
    again = log.claim("team", together=True, now=NOW + HOUR)
    assert numbers(again) == numbers(first)
    assert [(one.attempts, one.last_error) for one in again] == [(1, "down")] * 2
    assert again[0].batch == first[0].batch


def test_a_claim_that_a_killed_sender_left_is_claimed_again_alike(log: NoticeLog) -> None:
    log.add([notice("a"), notice("b")], now=NOW)
    first = log.claim("team", together=True, now=NOW)
    log.add([notice("c")], now=NOW)
    assert log.claim("team", together=True, now=NOW) == first


def test_the_end_is_not_told_before_the_beginning(log: NoticeLog) -> None:
    log.add([notice(), notice(event="resolved"), notice("b")], now=NOW)
    first = log.claim("team", together=False, now=NOW)
    log.mark_failed(numbers(first), "down", due_at=NOW + HOUR)
    assert names(log.claim("team", together=False, now=NOW)) == [("b", "opened")]


def test_held_notices_are_due_when_the_quiet_hours_end(log: NoticeLog) -> None:
    held = NewNotice(
        incident_key="a",
        event="opened",
        channel="team",
        model="m",
        due_at=NOW + HOUR,
        is_held=True,
        payload=b"{}",
    )
    log.add([held], now=NOW)
    [kept] = log.newest(status="held")
    assert (kept.due_at, kept.created_at) == (NOW + HOUR, NOW)
    assert log.claim("team", together=True, now=NOW) == []
    assert names(log.claim("team", together=True, now=NOW + HOUR)) == [("a", "opened")]


def test_a_dead_message_is_sent_again_by_hand_as_a_whole_and_audited(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        log = store.notices
        log.add([notice("a"), notice("b")], now=NOW)
        claimed = log.claim("team", together=True, now=NOW)
        log.mark_dead(numbers(claimed), "410")
        assert log.claim("team", together=True, now=NOW + HOUR) == []
        assert len(log.retry(claimed[1].number, actor="ann", now=NOW + HOUR)) == 2
        assert store.audit.entries()[-1].action == "alert.retry"
        assert numbers(log.claim("team", together=True, now=NOW + HOUR)) == numbers(claimed)
        with pytest.raises(SettingsError, match="is waiting; only a dead one"):
            log.retry(claimed[0].number, actor="ann", now=NOW)
        with pytest.raises(SettingsError, match="no notice 99"):
            log.retry(99, actor="ann", now=NOW)


def test_counts_and_the_time_of_the_last_message_are_known(log: NoticeLog) -> None:
    assert log.last_sent("team") is None
    log.add([notice("a"), notice("b", channel="pager"), notice("c", channel="pager")], now=NOW)
    log.mark_sent(numbers(log.claim("team", together=True, now=NOW)), now=NOW)
    assert log.last_sent("team") == NOW
    log.mark_dropped(numbers(log.claim("pager", together=False, now=NOW)), "muted")
    found = {(one.channel, one.status): one.count for one in log.counts()}
    assert found == {("team", "sent"): 1, ("pager", "dropped"): 1, ("pager", "waiting"): 1}


def test_every_change_shows(log: NoticeLog) -> None:
    seen = [log.changes()]
    log.add([notice("a"), notice("b", channel="pager")], now=NOW)
    seen.append(log.changes())
    [first] = log.claim("team", together=True, now=NOW)
    log.mark_failed([first.number], "x", due_at=NOW)
    seen.append(log.changes())
    log.mark_sent([first.number], now=NOW)
    seen.append(log.changes())
    log.mark_dropped(numbers(log.claim("pager", together=False, now=NOW)), "muted")
    seen.append(log.changes())
    assert seen == sorted(set(seen))


def test_what_failed_is_due_at_once_when_the_receiver_is_back(log: NoticeLog) -> None:
    log.add([notice("a")], now=NOW)
    log.mark_failed(numbers(log.claim("team", together=True, now=NOW)), "x", due_at=NOW + HOUR)
    log.hurry("team", now=NOW)
    assert names(log.claim("team", together=True, now=NOW)) == [("a", "opened")]


@given(
    outcomes=st.lists(st.sampled_from(["sent", "failed", "killed"]), max_size=30),
    together=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_each_notice_is_sent_once_whatever_fails(
    tmp_path_factory: pytest.TempPathFactory, outcomes: list[str], together: bool
) -> None:
    now, taken = NOW, []
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        log = store.notices
        for incident in "abc":
            for event in ("opened", "worse-1", "resolved"):
                log.add([notice(incident, event, due_at=now)], now=now)
        for outcome in outcomes + ["sent"] * 9:
            now += HOUR
            claimed = log.claim("team", together=together, now=now)
            if claimed and outcome == "sent":
                log.mark_sent(numbers(claimed), now=now)
                taken += names(claimed)
            elif claimed and outcome == "failed":
                log.mark_failed(numbers(claimed), "down", due_at=now + 2 * HOUR)
        assert log.newest(status="waiting") == []
    assert len(taken) == len(set(taken)) == 9
    for incident in "abc":
        told = [event for key, event in taken if key == incident]
        assert told == ["opened", "worse-1", "resolved"]


def test_what_is_over_for_everyone_is_removed_after_400_days(log: NoticeLog) -> None:
    def tell(incident: str, *events: str, status: str = "sent") -> None:
        for event in events:
            log.add([notice(incident, event)], now=NOW)
            claimed = log.claim("team", together=False, now=NOW)
            if status == "sent":
                log.mark_sent(numbers(claimed), now=NOW)
            else:
                log.mark_dead(numbers(claimed), "no")

    tell("over", "opened", "worse-1", "resolved")
    tell("dead", "opened", status="dead")
    tell("retried", "opened", status="dead")
    tell("going on", "opened")
    tell("again", "opened", "resolved")
    log.add([notice("waiting", due_at=NOW + 600 * 24 * HOUR)], now=NOW)
    almost, after = NOW + timedelta(days=400), NOW + timedelta(days=400, seconds=1)
    [retried] = log.of_incident("retried")
    log.retry(retried.number, actor="ann", now=NOW + timedelta(days=300))
    log.mark_sent([retried.number], now=NOW + timedelta(days=300))
    log.add([notice("again", "resolved", channel="pager")], now=NOW + timedelta(days=1))
    assert log.prune(now=almost) == 0
    assert log.prune(now=after) == 4
    assert log.of_incident("over") == log.of_incident("dead") == []
    kept = {one.incident_key for one in log.newest()}
    assert kept == {"retried", "going on", "again", "waiting"}
    assert log.prune(now=after) == 0
