"""What a watch decided is kept all or nothing, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.errors import BusyError
from watchkeeper.store import ClosedBucket, SavedIncident, Store

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


def test_progress_buckets_and_incidents_go_together(store: Store) -> None:
    log = store.watch_log
    assert log.progress("m") is None
    log.record("m", 1, [bucket(0), bucket(1)], state=b"s", changed=[incident()], now=NOW)
    log.record("m", 1, [bucket(2)], state=b"t", changed=[incident(closed=2)], now=NOW)
    progress = log.progress("m")
    assert progress is not None
    assert (progress.baseline_version, progress.next_index, progress.state) == (1, 3, b"t")
    assert [b.number for b in log.buckets("m", 1)] == [0, 1, 2]
    assert log.incidents("m", 1) == [incident(closed=2)]
    assert [e.action for e in store.audit.entries()] == ["incident.open", "incident.close"]
    assert log.buckets("m", 2) == []


def test_a_bucket_is_judged_once(store: Store) -> None:
    log = store.watch_log
    log.record("m", 1, [bucket(0)], state=b"s", changed=[], now=NOW)
    with pytest.raises(BusyError, match="judged already, by another watch"):
        log.record("m", 1, [bucket(0)], state=b"x", changed=[incident()], now=NOW)
    progress = log.progress("m")
    assert progress is not None and progress.state == b"s"
    assert log.incidents("m", 1) == []
    log.record("m", 2, [bucket(0)], state=b"y", changed=[], now=NOW)
