"""A replay gives the stored incidents again, byte for byte."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    ROWS,
    START,
    baseline,
    fill,
    rows,
    story,
    told_store,
)
from watchkeeper.errors import DataError
from watchkeeper.events import OperatingSettings, RetentionSettings
from watchkeeper.pipeline import Watch, replay
from watchkeeper.store import Store

END = REFERENCE_HOURS


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
@pytest.mark.parametrize("sealed", [False, True])
def test_a_replay_is_the_same_to_the_byte(tmp_path: Path, bucket: str, *, sealed: bool) -> None:
    with told_store(tmp_path, bucket=bucket) as store:
        Watch(store, MODEL).advance(now=NOW)
        if sealed:
            store.seal()
        result = replay(store, MODEL)
        assert result.differing == ()
        assert list(result.incidents) == store.watch_log.incidents(MODEL, 1)
        assert len(result.incidents) == 1
        assert result.buckets == len(store.watch_log.buckets(MODEL, 1))


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_rows_that_came_after_a_bucket_closed_change_nothing(tmp_path: Path, bucket: str) -> None:
    with Store.open(tmp_path) as store:
        parts = story()
        fill(store, parts[0])
        baseline(store, bucket=bucket)
        for i, part in enumerate(parts[1:]):
            fill(store, part)
            Watch(store, MODEL).advance(now=NOW)
            # Late, and very unlike what the closed hours had.
            late = rows(END + 2, END + 12, shift=9.0, seed=i, name=f"late{i}")
            fill(store, late.append_column("feature:new", [[1.0] * late.num_rows]))
            store.seal()
        Watch(store, MODEL).advance(now=NOW)
        result = replay(store, MODEL)
        assert result.differing == ()
        assert len(result.incidents) >= 1


def test_a_column_that_came_later_changes_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END), rows(END, END + 20).drop_columns(["feature:y"]))
        store.seal()
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        fill(store, rows(END + 20, END + 40))
        Watch(store, MODEL).advance(now=NOW)
        result = replay(store, MODEL)
        assert result.differing == ()
        assert len(result.incidents) == 1
        assert store.watch_log.incidents(MODEL, 1)[0].closed_bucket == 20


def test_a_replay_may_stop_early(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        early = replay(store, MODEL, until=REFERENCE_END + timedelta(hours=20))
        assert (early.buckets, early.incidents, early.differing) == (20, (), ())
        late = replay(store, MODEL, until=REFERENCE_END + timedelta(hours=90))
        assert late.buckets == 90
        assert len(late.incidents) == 1
        assert late.differing == ()


def test_a_changed_incident_differs(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        [incident] = store.watch_log.incidents(MODEL, 1)
    connection = sqlite3.connect(tmp_path / "state.sqlite")
    with connection:
        connection.execute("UPDATE incidents SET payload = replace(payload, 'rose', 'fell')")
    connection.close()
    with Store.open(tmp_path) as store:
        assert replay(store, MODEL).differing == (incident.incident_id,)


def test_an_older_baseline_is_replayed_by_its_version(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        baseline(store)
        assert replay(store, MODEL).buckets == 0
        assert replay(store, MODEL, version=1).differing == ()
        assert replay(store, MODEL, version=1).buckets == 99
        with pytest.raises(DataError, match="no baseline version 7"):
            replay(store, MODEL, version=7)


def test_a_store_never_watched_replays_to_nothing(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        result = replay(store, MODEL)
        assert (result.buckets, result.incidents, result.differing) == (0, (), ())


def expire(store: Store, events: str, profiles: str | None = None) -> None:
    kept = RetentionSettings(events=events, profiles=profiles)
    store.operating.put(MODEL, OperatingSettings(retention=kept), actor="me", now=NOW)
    store.retention.expire(now=START + timedelta(hours=END + 100))


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_where_rows_were_removed_the_profiles_that_were_kept_are_judged(
    tmp_path: Path, bucket: str
) -> None:
    with told_store(tmp_path, bucket=bucket) as store:
        Watch(store, MODEL).advance(now=NOW)
        before = replay(store, MODEL)
        expire(store, "50h")
        assert store.predictions(MODEL).num_rows == 50 * ROWS
        assert replay(store, MODEL) == before
        store.erasures.erase("nobody", actor="me", now=NOW)
        assert replay(store, MODEL) == before
        expire(store, "1h")
        assert replay(store, MODEL) == before


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_where_profiles_went_too_it_says_so_and_takes_nothing_for_a_difference(
    tmp_path: Path, bucket: str
) -> None:
    with told_store(tmp_path, bucket=bucket) as store:
        Watch(store, MODEL).advance(now=NOW)
        expire(store, "20h", "20h")
        result = replay(store, MODEL)
        assert (result.buckets, result.incidents, result.differing) == (0, (), ())
        assert result.missing is not None and result.missing.number == 0
        assert store.watch_log.incidents(MODEL, 1) != []


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
def test_a_watch_goes_on_as_it_would_have_after_rows_were_removed(
    tmp_path: Path, bucket: str
) -> None:
    told = []
    for name in ("with", "without"):
        with Store.open(tmp_path / name) as store:
            parts = story()
            fill(store, *parts[:2])
            baseline(store, bucket=bucket)
            for part in parts[2:]:
                Watch(store, MODEL).advance(now=NOW)
                if name == "without":
                    expire(store, "90h")
                fill(store, part)
            Watch(store, MODEL).advance(now=NOW)
            told.append((store.watch_log.incidents(MODEL, 1), evidence(store)))
    assert told[0] == told[1]
    assert len(told[0][0]) == 1


def evidence(store: Store) -> list[tuple[int, str | None, float]]:
    return [(b.number, b.start, b.evidence) for b in store.watch_log.buckets(MODEL, 1)]
