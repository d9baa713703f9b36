"""How models are, at a glance and in detail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    baseline,
    fill,
    rows,
    told_store,
)
from watchkeeper.errors import DataError
from watchkeeper.pipeline import ModelState, Watch, model_detail, model_states
from watchkeeper.store import Store

END = REFERENCE_HOURS


def state(store: Store, now: datetime = NOW) -> ModelState:
    [one] = model_states(store, now=now)
    return one


def test_a_model_goes_from_unwatched_to_learning_to_ok_to_incident(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert model_states(store, now=NOW) == []
        fill(store, rows(0, END))
        seen = state(store)
        assert (seen.state, seen.bucket, seen.evidence) == ("unwatched", None, [])
        assert seen.predictions == END * 30
        baseline(store)
        seen = state(store)
        assert (seen.state, seen.bucket, seen.baseline_version) == ("learning", "1h", 1)
        fill(store, rows(END, END + 10))
        assert state(store).state == "stalled"
        Watch(store, MODEL).advance(now=NOW)
        seen = state(store)
        assert (seen.state, seen.open_incidents, seen.worst_severity) == ("ok", 0, None)
        assert seen.last_bucket_end == REFERENCE_END + timedelta(hours=9)
        assert seen.evidence_ratio == seen.evidence[-1]
        assert len(seen.evidence) == 9
        fill(store, rows(END + 10, END + 20, shift=3.0))
        Watch(store, MODEL).advance(now=NOW)
        seen = state(store)
        assert (seen.state, seen.open_incidents, seen.worst_severity) == ("incident", 1, "warning")


def test_a_broken_rule_is_worse_than_drift(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        gone = rows(END + 10, END + 20, shift=3.0).drop_columns(["feature:y"])
        fill(store, rows(0, END + 10), gone)
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        seen = state(store)
        assert (seen.open_incidents, seen.worst_severity) == (2, "critical")


def test_a_model_that_stopped_sending_is_silent(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with Store.open(tmp_path) as store:
        fill(store, rows(0, END))
        baseline(store)
        fill(store, rows(END, END + 2))
        Watch(store, MODEL).advance(now=now)
        assert state(store, now).state == "ok"  # what comes long after it happened says nothing
        with store._database.writing() as connection:
            micro = int(now.timestamp() * 1e6)
            connection.exec_driver_sql(
                "UPDATE arrivals SET newest_time = ?, received_at = ?, gap_seconds = 10",
                (micro - 1_000_000, micro),
            )
        assert state(store, now).state == "ok"
        assert state(store, now + timedelta(minutes=2)).state == "silent"


def test_the_detail_names_baseline_columns_and_extent(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        found = model_detail(store, MODEL, now=NOW)
        assert found.baseline is not None
        assert (found.baseline.note, found.baseline.bucket) == ("before deployment", "1h")
        assert found.baseline.begins == REFERENCE_END
        assert found.baseline.rows == END * 30
        assert {c.name: (c.type, c.weight) for c in found.columns}["x"] == ("number", 1.0)
        assert found.oldest_bucket == REFERENCE_END
        assert found.newest_bucket == REFERENCE_END + timedelta(hours=98)
        assert len(found.evidence) == 60
        with pytest.raises(DataError, match="Did you mean 'delays'"):
            model_detail(store, "delay", now=NOW)


def test_a_new_baseline_counts_from_the_start(tmp_path: Path) -> None:
    with told_store(tmp_path) as store:
        Watch(store, MODEL).advance(now=NOW)
        baseline(store, until=REFERENCE_END + timedelta(hours=95))
        seen = model_detail(store, MODEL, now=NOW)
        assert (seen.baseline_version, seen.evidence, seen.newest_bucket) == (2, [], None)
