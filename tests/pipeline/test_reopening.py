"""Rows that come late are shown with their bucket, and judged if it was judged without them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from nursery import Talking
from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    ROWS,
    baseline,
    fill,
    rows,
)
from watchkeeper.pipeline import Watch, Watched, replay, stored_incidents
from watchkeeper.pipeline.kept_profile import unpack
from watchkeeper.pipeline.readings import DRIFT, NULL_RATIO, OBSERVED, from_bytes
from watchkeeper.profiles import merge
from watchkeeper.store import IncidentKey, KeptBucket, Store

END = REFERENCE_HOURS


def watched(store: Store) -> Watched:
    return Watch(store, MODEL).advance(now=NOW)


def kept_buckets(store: Store) -> list[KeptBucket]:
    return store.kept_buckets.between(MODEL, 1, first=0)


def judged(store: Store) -> list[tuple[int, int, float]]:
    return [(b.number, b.rows, b.evidence) for b in store.watch_log.buckets(MODEL, 1)]


def begun(folder: Path, *parts: pa.Table) -> Store:
    """Return a store with a baseline that was watched while these parts came, one by one."""
    store = Store.open(folder)
    fill(store, rows(0, END))
    baseline(store)
    for part in parts:
        fill(store, part)
        watched(store)
    return store


def some(table: pa.Table, *, every: int) -> tuple[pa.Table, pa.Table]:
    """Split off every so many rows, which come late."""
    late = np.arange(table.num_rows) % every == 0
    return table.filter(pa.array(~late)), table.filter(pa.array(late))


@pytest.mark.parametrize("sealed", [False, True])
def test_a_late_row_is_shown_as_if_it_had_come_in_time(tmp_path: Path, *, sealed: bool) -> None:
    hours = rows(END, END + 31)
    most, late = some(hours, every=5)
    with begun(tmp_path / "late", most) as store, begun(tmp_path / "whole", hours) as whole:
        before = judged(store)
        fill(store, late)
        if sealed:
            store.seal()
        seen = watched(store)
        assert (seen.buckets, seen.reopened, seen.revised) == (0, 0, 30)
        assert judged(store) == before
        for one, other in zip(kept_buckets(store), kept_buckets(whole), strict=True):
            assert one.late is not None
            assert one.late_rows == ROWS // 5
            assert one.revised_at_sequence == store.last_sequence()
            both, all_rows = merge(unpack(one.profile), unpack(one.late)), unpack(other.profile)
            assert both.rows == all_rows.rows == ROWS
            for name, column in both.columns.items():
                assert np.array_equal(column.counts, all_rows.columns[name].counts)
            shown = from_bytes([one.readings], 4)[0]
            expected = from_bytes([other.readings], 4)[0]
            # What the columns did is the same to the digits that are kept; what was expected of
            # them had been learned from other rows.
            for row in (OBSERVED, NULL_RATIO):
                np.testing.assert_allclose(shown[row], expected[row], rtol=1e-6)
        assert watched(store).revised == 0
        assert replay(store, MODEL).differing == ()


def test_rows_in_time_are_not_read_again_to_look_for_late_ones(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        watch = Watch(store, MODEL)
        for hour in range(10):
            fill(store, rows(END + hour, END + hour + 1))
            watch.advance(now=NOW, look_back=False)
        progress = store.watch_log.progress(MODEL)
        assert progress is not None
        cursor = msgspec.msgpack.decode(progress.state)
        assert cursor["looked_back_to"] == store.last_sequence(MODEL)
        fill(store, rows(END, END + 1, name="late"))
        fill(store, rows(END + 10, END + 11))
        watch.advance(now=NOW, look_back=False)
        assert kept_buckets(store)[0].late is None
        assert watch.look_back(now=NOW).revised == 1
        assert kept_buckets(store)[0].late_rows == ROWS
        assert watch.look_back(now=NOW).revised == 0


def test_the_first_bucket_with_late_rows_reads_exactly_as_if_they_had_come_in_time(
    tmp_path: Path,
) -> None:
    hours = rows(END, END + 31)
    at = 27 * ROWS
    early, most, late = hours.slice(0, at), *some(hours.slice(at), every=3)
    with begun(tmp_path / "late", early, most) as store:
        fill(store, late)
        watched(store)
        with begun(tmp_path / "whole", hours) as whole:
            for number in range(28):
                one, other = kept_buckets(store)[number], kept_buckets(whole)[number]
                shown, expected = from_bytes([one.readings, other.readings], 4)
                np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-6)


def outage(store: Store, *, hours: int = 12) -> pa.Table:
    """Let the model be silent for some hours, be told of it, and return what was held back."""
    watch = Watch(store, MODEL)
    fill(store, rows(END, END + 30))
    watch.advance(now=NOW)
    fill(store, rows(END + 30 + hours, END + 50))
    watch.advance(now=NOW)
    return rows(END + 30, END + 30 + hours)


@pytest.mark.parametrize("sealed", [False, True])
def test_a_backfill_after_an_outage_is_judged_as_if_it_had_come_in_time(
    tmp_path: Path, *, sealed: bool
) -> None:
    with begun(tmp_path / "whole", rows(END, END + 30)) as whole:
        fill(whole, rows(END + 30, END + 42), rows(END + 42, END + 50))
        watched(whole)
        expected, incidents = judged(whole), whole.watch_log.incidents(MODEL, 1)
        assert incidents == []
    with begun(tmp_path / "late") as store:
        held_back = outage(store)
        [silence] = store.watch_log.incidents(MODEL, 1)
        assert b"there are no rows" in silence.payload
        fill(store, held_back)
        if sealed:
            store.seal()
        seen = watched(store)
        assert (seen.buckets, seen.reopened) == (0, 12)
        assert judged(store) == expected
        [withdrawn] = stored_incidents(store, MODEL, 1)
        assert withdrawn.withdrawn
        assert withdrawn.closed_bucket is not None
        assert "; withdrawn: most rows of its buckets came late" in withdrawn.message
        assert [c.what for c in seen.changes] == ["withdrawn"]
        assert [k.late for k in kept_buckets(store)] == [None] * 49
        entry = next(e for e in store.audit.entries() if e.action == "watch.reopen")
        assert msgspec.json.decode(entry.payload)["buckets"] == list(range(30, 42))
        assert store.audit.verify().holds
        assert watched(store).reopened == 0
        result = replay(store, MODEL)
        assert (result.differing, result.incidents) == ((), ())
        fill(store, rows(END + 50, END + 60))
        assert watched(store).buckets == 10
        assert replay(store, MODEL).differing == ()


def test_a_shift_in_a_backfill_is_told(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        outage(store)
        fill(store, rows(END + 30, END + 42, shift=3.0))
        seen = watched(store)
        told = [(c.what, c.incident.cause) for c in seen.changes]
        assert ("opened", "drift") in told
        assert ("withdrawn", "rule") in told
        drift = next(c.incident for c in seen.changes if c.incident.cause == "drift")
        assert drift.streams[0].column == "x"
        assert 30 <= drift.opened_bucket <= 34
        assert replay(store, MODEL).differing == ()


def test_an_incident_that_is_found_again_stays_what_it_is(tmp_path: Path) -> None:
    shifted = [rows(END + hour, END + hour + 1, shift=2.0) for hour in range(5, 20)]
    with begun(tmp_path, rows(END, END + 5), *shifted) as store:
        [before] = store.watch_log.incidents(MODEL, 1)
        fill(store, rows(END + 24, END + 26, shift=2.0))
        watched(store)
        silent = {i.incident_id for i in store.watch_log.incidents(MODEL, 1)}
        fill(store, rows(END + 20, END + 24, shift=2.0))
        assert watched(store).reopened == 4
        after = {i.incident_id: i for i in store.watch_log.incidents(MODEL, 1)}
        assert after[before.incident_id] == before
        gone = {i.incident_id for i in stored_incidents(store, MODEL, 1) if i.withdrawn}
        assert gone == silent - {before.incident_id}
        actions = [e.action for e in store.audit.entries()]
        assert actions.count("incident.open") == 1
        assert replay(store, MODEL).differing == ()


def test_what_was_adopted_before_a_reopened_bucket_and_after_it_stays(tmp_path: Path) -> None:
    with begun(tmp_path, rows(END, END + 5), rows(END + 5, END + 30, shift=2.0)) as store:
        [shift] = stored_incidents(store, MODEL, 1)
        key = IncidentKey(model=MODEL, version=1, incident_id=shift.incident_id)
        store.decisions.record(key, "adopt", reason="so it is now", actor="ann", now=NOW)
        fill(store, rows(END + 30, END + 40, shift=2.0), rows(END + 46, END + 60, shift=2.0))
        watched(store)
        most, few = some(rows(END + 40, END + 46, shift=2.0), every=10)
        fill(store, most)
        assert watched(store).reopened == 6
        fill(store, few)
        assert watched(store).revised == 6
        told = {i.incident_id: i for i in stored_incidents(store, MODEL, 1)}
        assert told[shift.incident_id].adopted
        assert not any(i.is_open for i in told.values())
        drift = from_bytes([kept_buckets(store)[42].readings], 4)[0, DRIFT]
        assert np.nanmax(drift) < 4.0
        assert replay(store, MODEL).differing == ()


def test_a_trickle_reopens_a_bucket_a_few_times_at_most(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        held_back = outage(store, hours=1)
        sizes = [1, 2, 4, 8, 15]
        reopened = []
        at = 0
        for size in sizes:
            fill(store, held_back.slice(at, size))
            at += size
            reopened.append(watched(store).reopened)
        assert reopened == [1, 1, 1, 0, 0]
        bucket = kept_buckets(store)[30]
        assert (bucket.reopened, bucket.late_rows) == (3, 23)
        assert store.watch_log.buckets(MODEL, 1)[30].rows == 7
        assert from_bytes([bucket.readings], 4)[0, NULL_RATIO].tolist() == [0.0] * 4
        assert replay(store, MODEL).differing == ()


def test_rows_of_before_the_oldest_checkpoint_are_only_shown(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        held_back = outage(store, hours=1)
        with store._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM checkpoints WHERE next_index < 48")
        fill(store, held_back)
        seen = watched(store)
        assert (seen.reopened, seen.revised) == (0, 1)
        bucket = kept_buckets(store)[30]
        assert bucket.late_rows == ROWS
        assert np.isfinite(from_bytes([bucket.readings], 4)).all()
        assert store.watch_log.buckets(MODEL, 1)[30].rows == 0


def test_buckets_judged_by_an_older_version_are_let_be(tmp_path: Path) -> None:
    with begun(tmp_path) as store:
        held_back = outage(store)
        before = judged(store)
        with store._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM bucket_profiles")
            connection.exec_driver_sql("DELETE FROM checkpoints")
        fill(store, held_back, rows(END + 50, END + 80))
        seen = watched(store)
        assert (seen.buckets, seen.reopened, seen.revised) == (30, 0, 0)
        assert judged(store)[: len(before)] == before
        assert [k.number for k in kept_buckets(store)] == list(range(49, 79))
        assert replay(store, MODEL).differing == ()


def test_retention_may_take_the_rows_and_a_replay_is_still_the_same(tmp_path: Path) -> None:
    shifted = rows(END + 20, END + 30, shift=2.0)
    with begun(tmp_path, rows(END, END + 20), shifted) as store:
        store.seal()
        with store._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sealed_files")
        result = replay(store, MODEL)
        assert result.differing == ()
        assert len(result.incidents) == 1


def test_a_watch_killed_while_it_judges_again_ends_up_the_same(tmp_path: Path) -> None:
    def final(store: Store) -> tuple[object, ...]:
        log = store.watch_log
        progress = log.progress(MODEL)
        assert progress is not None
        return judged(store), log.incidents(MODEL, 1), kept_buckets(store), progress.next_index

    with begun(tmp_path / "straight") as store:
        held_back = outage(store)
        fill(store, held_back)
        watched(store)
        expected = final(store)
    command = ("watch", tmp_path / "killed", "--model", MODEL, "--every", "0.05s")
    with begun(tmp_path / "killed") as store:
        outage(store)
        fill(store, held_back)
        for seconds in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6):
            with Talking(*command):
                time.sleep(seconds)
            assert len(judged(store)) == 49
            assert [k.number for k in kept_buckets(store)] == list(range(49))
        watched(store)
        assert final(store) == expected
        assert replay(store, MODEL).differing == ()


def test_the_texts_of_categories_are_not_kept(tmp_path: Path) -> None:
    table = rows(0, END + 3)
    names = pa.array([f"person-{i % 7}" for i in range(table.num_rows)])
    with Store.open(tmp_path) as store:
        fill(store, table.append_column("feature:who", names))
        baseline(store)
        watched(store)
        [first, *_] = kept_buckets(store)
        profile = unpack(first.profile)
        assert profile.columns["who"].categories is None
        assert profile.columns["who"].counts.sum() == ROWS


def test_times_of_buckets_find_those_that_hold_them(tmp_path: Path) -> None:
    with begun(tmp_path, rows(END, END + 10)) as store:
        held = store.watch_log.buckets(
            MODEL,
            1,
            holding=(
                REFERENCE_END + timedelta(hours=2),
                REFERENCE_END + timedelta(hours=4, minutes=1),
            ),
        )
        assert [b.number for b in held] == [2, 3, 4]
        assert datetime.fromisoformat(held[0].start or "") == REFERENCE_END + timedelta(hours=2)
