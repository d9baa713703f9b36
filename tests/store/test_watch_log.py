"""What a watch decided is kept all or nothing, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.errors import BusyError
from watchkeeper.store import (
    Checkpoint,
    ClosedBucket,
    Judgement,
    KeptBucket,
    SavedIncident,
    Store,
)

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def bucket(number: int) -> ClosedBucket:
    return ClosedBucket(
        number=number, start=None, end=None, rows=10, closed_at_sequence=7, evidence=0.5
    )


def incident(*, closed: int | None = None) -> SavedIncident:
    return SavedIncident(incident_id="i-1", opened_bucket=1, closed_bucket=closed, payload=b"{}")


def test_baselines_are_versions_and_audited(store: Store) -> None:
    assert store.watch_log.baseline("m") is None
    for expected in (1, 2):
        version = store.watch_log.save_baseline(
            "m", b"%d" % expected, note="n", actor="ann", now=NOW
        )
        assert version == expected
    newest, first = store.watch_log.baseline("m"), store.watch_log.baseline("m", 1)
    assert newest is not None and newest.payload == b"2"
    assert first is not None and first.payload == b"1"
    assert store.watch_log.baseline("m", 3) is None
    assert [e.action for e in store.audit.entries()] == ["baseline.save"] * 2


def record(
    store: Store,
    *numbers: int,
    state: bytes,
    changed: tuple[SavedIncident, ...] = (),
    version: int = 1,
) -> None:
    judgement = Judgement(
        buckets=[bucket(number) for number in numbers],
        kept=[kept(number) for number in numbers],
        checkpoints=[Checkpoint(next_index=number, state=b"c") for number in numbers],
        changed=changed,
        state=state,
    )
    log = store.watch_log
    log.record("m", version, judgement, following=log.progress("m"), now=NOW)


def kept(number: int, *, readings: bytes = b"r") -> KeptBucket:
    return KeptBucket(number=number, profile=b"p", readings=readings)


def test_progress_buckets_and_incidents_go_together(store: Store) -> None:
    log = store.watch_log
    assert log.progress("m") is None
    record(store, 0, 1, state=b"s", changed=(incident(),))
    record(store, 2, state=b"t", changed=(incident(closed=2),))
    progress = log.progress("m")
    assert progress is not None
    assert (progress.baseline_version, progress.next_index, progress.state) == (1, 3, b"t")
    assert [b.number for b in log.buckets("m", 1)] == [0, 1, 2]
    assert [b.number for b in log.buckets("m", 1, first=1)] == [1, 2]
    assert log.incidents("m", 1) == [incident(closed=2)]
    assert [e.action for e in store.audit.entries()] == ["incident.open", "incident.close"]
    assert log.buckets("m", 2) == []
    assert store.kept_buckets.between("m", 1, first=0) == [kept(0), kept(1), kept(2)]
    assert store.kept_buckets.between("m", 1, first=1, last=1) == [kept(1)]


def test_a_bucket_is_judged_once(store: Store) -> None:
    log = store.watch_log
    record(store, 0, state=b"s")
    with pytest.raises(BusyError, match="judged already, by another watch"):
        record(store, 0, state=b"x", changed=(incident(),))
    progress = log.progress("m")
    assert progress is not None and progress.state == b"s"
    assert log.incidents("m", 1) == []
    record(store, 0, state=b"y", version=2)


def test_a_watch_that_was_overtaken_keeps_nothing(store: Store) -> None:
    log = store.watch_log
    record(store, 0, state=b"s")
    outdated = log.progress("m")
    assert outdated is not None
    log.revise("m", 1, [kept(0, readings=b"late")], state=b"t", following=outdated)
    later = Judgement(buckets=[bucket(1)], changed=[incident()], state=b"x")
    with pytest.raises(BusyError, match="another watch"):
        log.record("m", 1, later, following=outdated, now=NOW)
    with pytest.raises(BusyError, match="another watch"):
        log.revise("m", 1, [kept(0)], state=b"x", following=outdated)
    with pytest.raises(BusyError, match="another watch"):
        log.rejudge("m", 1, later, withdrawn=[], why={}, following=outdated, now=NOW)
    assert [b.number for b in log.buckets("m", 1)] == [0]
    assert store.kept_buckets.between("m", 1, first=0) == [kept(0, readings=b"late")]
    assert store.audit.entries() == []


def test_a_new_judgement_takes_the_place_of_the_old_and_is_audited(store: Store) -> None:
    log = store.watch_log
    record(store, 0, 1, 2, state=b"s", changed=(incident(),))
    gone = incident(closed=2)
    again = Judgement(
        buckets=[bucket(1), bucket(2)],
        kept=[kept(1, readings=b"new"), kept(2, readings=b"new")],
        checkpoints=[Checkpoint(next_index=2, state=b"new")],
        state=b"t",
    )
    log.rejudge(
        "m",
        1,
        again,
        withdrawn=[gone],
        why={"buckets": [1]},
        following=log.progress("m"),
        now=NOW,
    )
    progress = log.progress("m")
    assert progress is not None and (progress.next_index, progress.state) == (3, b"t")
    assert [b.number for b in log.buckets("m", 1)] == [0, 1, 2]
    shown = [k.readings for k in store.kept_buckets.between("m", 1, first=0)]
    assert shown == [b"r", b"new", b"new"]
    assert log.incidents("m", 1) == [gone]
    entries = store.audit.entries()
    assert [e.action for e in entries] == ["incident.open", "watch.reopen", "incident.withdraw"]
    nearest = store.checkpoints.nearest("m", 1, 2)
    assert nearest == Checkpoint(next_index=2, state=b"new")
