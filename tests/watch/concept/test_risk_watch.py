"""The watch over a loss tells rises, returns and old relations, however its rows come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.watch.concept import RiskEvent, RiskPlan, RiskRows, RiskWatch

START = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY = 1_440
PLAN = RiskPlan(
    loss="brier", false_alarm_buckets=10.0, reference_buckets=20.0, rows_a_bucket=1_440.0
)


def days(
    rng: np.random.Generator,
    first: int,
    count: int,
    *,
    turned: float = 0.0,
    reference: bool = False,
) -> RiskRows:
    """Return a row a minute, of whose probabilities a share tells the opposite of what comes."""
    rows = count * A_DAY
    scores = rng.random(rows)
    shown = np.where(rng.random(rows) < turned, 1.0 - scores, scores)
    labels = (rng.random(rows) < scores).astype(float)
    begins = int((START + timedelta(days=first)).timestamp()) * 1_000_000
    times = begins + np.arange(rows) * 60_000_000
    return RiskRows(
        losses=(shown - labels) ** 2,
        predicted=shown,
        came=labels,
        times=times,
        known=times + 7_200_000_000,
        is_reference=np.full(rows, reference),
    )


def joined(parts: Sequence[RiskRows]) -> RiskRows:
    return reduce(RiskRows.then, parts)


def a_winter_and_another(rng: np.random.Generator) -> RiskRows:
    return joined(
        [
            days(rng, 0, 20, reference=True),
            days(rng, 20, 10),
            days(rng, 30, 10, turned=0.5),
            days(rng, 40, 20),
            days(rng, 60, 5, turned=0.5),
        ]
    )


ROWS = a_winter_and_another(np.random.default_rng(4))


def in_slices(rows: RiskRows, ends: Sequence[int]) -> tuple[RiskWatch, list[RiskEvent]]:
    """Feed rows slice by slice, through bytes after each."""
    watch, events, at = RiskWatch.start(PLAN), [], 0
    for end in [*ends, len(rows)]:
        events += watch.feed(rows.at(slice(at, end)))
        watch = msgspec.msgpack.decode(msgspec.msgpack.encode(watch), type=RiskWatch)
        at = end
    return watch, events


def test_a_rise_its_return_and_an_old_relation_are_told() -> None:
    _, events = in_slices(ROWS, [])
    assert [event.what for event in events] == ["rose", "returned", "rose", "recurs"]
    rose, returned, again, known = events
    hour = timedelta(hours=1)
    assert abs(rose.since - (START + timedelta(days=30))) < 12 * hour
    assert rose.at - rose.since < timedelta(days=1)
    assert abs(rose.before - 1 / 6) < 0.01 and rose.now > 0.25
    assert abs(returned.since - (START + timedelta(days=40))) < 12 * hour
    assert (rose.kind, again.since) == ("sudden", known.since)
    assert (known.now, known.rows) == (again.now, again.rows)
    assert known.kind == "recurring"
    assert known.like_from is not None and known.like_until is not None
    assert START + timedelta(days=29) < known.like_from < known.like_until
    assert known.like_until < START + timedelta(days=41)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, len(ROWS)), max_size=12).map(sorted))
def test_rows_in_any_slices_give_the_same_watch(ends: list[int]) -> None:
    whole, events = in_slices(ROWS, [])
    parts, told = in_slices(ROWS, ends)
    assert told == events
    assert msgspec.msgpack.encode(parts) == msgspec.msgpack.encode(whole)


def test_what_was_adopted_is_normal_and_does_not_return() -> None:
    rng = np.random.default_rng(5)
    watch = RiskWatch.start(PLAN)
    before = [days(rng, 0, 20, reference=True), days(rng, 20, 5), days(rng, 25, 5, turned=0.5)]
    assert [event.what for event in watch.feed(joined(before))] == ["rose"]
    watch.adopt()
    assert watch.risen is None
    assert watch.feed(days(rng, 30, 20, turned=0.5)) == []
    assert watch.normal is not None and abs(watch.normal - 1 / 3) < 0.02


def test_a_fall_is_told_once() -> None:
    rng = np.random.default_rng(6)
    watch = RiskWatch.start(PLAN)
    rows = [days(rng, 0, 20, turned=0.3, reference=True), days(rng, 20, 40)]
    events = watch.feed(joined(rows))
    assert [event.what for event in events] == ["fell"]
    assert events[0].now < events[0].before


def test_without_labels_in_the_reference_the_first_ones_after_it_are_normal() -> None:
    rng = np.random.default_rng(7)
    watch = RiskWatch.start(PLAN)
    assert watch.feed(days(rng, 0, 10)) == []
    assert not watch.is_learning and watch.own_rows == 512
    [rose] = watch.feed(days(rng, 10, 2, turned=0.6))
    assert rose.what == "rose"


def test_late_labels_of_the_reference_change_nothing() -> None:
    rng = np.random.default_rng(8)
    first = joined([days(rng, 0, 5, reference=True), days(rng, 20, 2)])
    late, after = days(rng, 5, 5, turned=1.0, reference=True), days(rng, 22, 5)
    one, other = RiskWatch.start(PLAN), RiskWatch.start(PLAN)
    assert one.feed(joined([first, late, after])) == other.feed(joined([first, after])) == []
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
