"""A watch goes on exactly where it was, however it ended."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from nursery import Talking
from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    baseline,
    fill,
    rows,
    story,
    told_store,
)
from watchkeeper.errors import BusyError, DataError, NotEnoughDataError
from watchkeeper.pipeline import Watch, stored_incidents
from watchkeeper.store import ClosedBucket, SavedIncident, Store


def outcome(store: Store) -> tuple[list[SavedIncident], list[ClosedBucket]]:
    log = store.watch_log
    return log.incidents(MODEL, 1), log.buckets(MODEL, 1)


def test_a_watch_tells_of_the_shift_and_of_its_end(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        seen = Watch(store, MODEL).advance(now=NOW)
        assert seen.buckets == 99
        assert seen.next_start == REFERENCE_END + timedelta(hours=99)
        assert [change.what for change in seen.changes] == ["opened", "closed"]
        opened, closed = (change.incident for change in seen.changes)
        assert opened.streams[0].column == "x"
        assert 40 <= opened.opened_bucket <= 42
        assert closed.incident_id == opened.incident_id
        assert closed.closed_bucket is not None and 70 <= closed.closed_bucket <= 75
        [kept] = stored_incidents(store, MODEL, 1)
        assert kept == closed
        actions = [e.action for e in store.audit.entries()]
        assert actions[0] == "baseline.save"
        assert actions[-1] == "incident.close"
        assert store.audit.verify().holds


def test_looking_often_is_the_same_as_looking_once(tmp_path: Path) -> None:
    with told_store(tmp_path / "once") as once, Store.open(tmp_path / "often") as often:
        Watch(once, MODEL).advance(now=NOW)
        first, *later = story()
        fill(often, first)
        baseline(often)
        for part in later:
            for at in range(0, part.num_rows, 500):
                fill(often, part.slice(at, 500))
                if at % 1000 == 0:
                    often.seal()
                Watch(often, MODEL).advance(now=NOW)
        kept, buckets = outcome(once)
        kept_often, buckets_often = outcome(often)
        assert kept_often == kept
        assert [(b.start, b.rows, b.evidence) for b in buckets_often] == [
            (b.start, b.rows, b.evidence) for b in buckets
        ]


def test_the_bucket_under_way_waits_unless_asked_to_finish(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        watch = Watch(store, MODEL)
        assert watch.advance(now=NOW).buckets == 99
        assert watch.advance(now=NOW).buckets == 0
        assert watch.advance(now=NOW, finish=True).buckets == 1
        assert watch.advance(now=NOW, finish=True).buckets == 0


def test_lateness_keeps_buckets_open(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, *story())
        baseline(store, lateness=timedelta(hours=3))
        assert Watch(store, MODEL).advance(now=NOW).buckets == 96


def test_hours_without_rows_are_buckets_too(tmp_path: Path) -> None:
    end = REFERENCE_HOURS
    with Store.open(tmp_path) as store:
        fill(store, rows(0, end), rows(end + 5, end + 10), rows(end + 14, end + 16))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        counts = [b.rows for b in outcome(store)[1]]
        assert counts == [0] * 5 + [30] * 5 + [0] * 4 + [30]


def test_buckets_of_rows_follow_the_order_of_arrival(tmp_path: Path) -> None:
    with told_store(tmp_path / "once", bucket="100rows") as once:
        Watch(once, MODEL).advance(now=NOW)
        kept, buckets = outcome(once)
    assert len(buckets) == 30
    assert len(kept) == 1
    with Store.open(tmp_path / "often") as often:
        first, *later = story()
        fill(often, first)
        baseline(often, bucket="100rows")
        for part in later:
            for at in range(0, part.num_rows, 250):
                fill(often, part.slice(at, 250))
                Watch(often, MODEL).advance(now=NOW)
        again, _ = outcome(often)
        assert again == kept


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_two_watches_do_not_judge_a_bucket_twice(tmp_path: Path, bucket: str) -> None:
    with told_store(tmp_path, bucket=bucket) as store:
        first, second = Watch(store, MODEL), Watch(store, MODEL)
        assert first.advance(now=NOW).buckets > 0
        assert second.advance(now=NOW).buckets == 0


def test_a_watch_by_an_older_baseline_does_not_start_over(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        baseline(store)
        assert Watch(store, MODEL).advance(now=NOW).buckets == 99
        with pytest.raises(BusyError, match="judged already"):
            Watch(store, MODEL, version=1).advance(now=NOW)


def test_a_killed_watch_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    with told_store(tmp_path / "straight") as straight:
        Watch(straight, MODEL).advance(now=NOW)
        expected = outcome(straight)
    parts = story()
    with Store.open(tmp_path / "killed") as store:
        fill(store, parts[0])
        baseline(store)
        command = ("watch", store.folder, "--model", MODEL, "--every", "0.05s")
        pending = [p.slice(at, 300) for p in parts[1:] for at in range(0, p.num_rows, 300)]
        half = len(pending) // 2
        for part in (pending[:half], pending[half:]):
            with Talking(*command) as process:
                _feed(store, part, process)
        Watch(store, MODEL).advance(now=NOW)
        incidents, buckets = outcome(store)
        assert incidents == expected[0]
        assert [(b.number, b.rows, b.evidence) for b in buckets] == [
            (b.number, b.rows, b.evidence) for b in expected[1]
        ]


def _feed(store: Store, parts: list[pa.Table], process: Talking) -> None:
    """Append part by part, and go once the process has judged 20 more buckets."""
    pending = list(parts)
    wanted = len(outcome(store)[1]) + 20
    deadline = time.monotonic() + 60
    while pending or len(outcome(store)[1]) < wanted:
        assert process.poll() is None
        assert time.monotonic() < deadline
        if pending:
            fill(store, pending.pop(0))
        time.sleep(0.02)


def test_a_model_without_a_baseline_is_told_how_to_set_one(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, 10))
        with pytest.raises(DataError, match="watchkeeper baseline"):
            Watch(store, MODEL)
        with pytest.raises(DataError, match="Did you mean 'delays'"):
            Watch(store, "delay")
        with pytest.raises(NotEnoughDataError, match="at least 8"):
            baseline(store, since=REFERENCE_END - timedelta(hours=196))
        with pytest.raises(DataError, match="no predictions before"):
            baseline(store, since=REFERENCE_END)


def test_a_column_that_stops_coming_is_told(tmp_path: Path) -> None:
    end = REFERENCE_HOURS
    with Store.open(tmp_path) as store:
        fill(store, rows(0, end + 10), rows(end + 10, end + 20).drop_columns(["feature:y"]))
        store.seal()
        baseline(store)
        seen = Watch(store, MODEL).advance(now=NOW)
        [change] = seen.changes
        incident = change.incident
        assert (change.what, change.bucket, change.at) == ("opened", 10, incident.opened_at)
        assert (incident.cause, incident.streams[0].column) == ("rule", "y")
        assert incident.opened_bucket == 10
