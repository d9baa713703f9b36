from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.watched_store import (
    MODEL,
    NOW,
    REFERENCE_END,
    REFERENCE_HOURS,
    baseline,
    fill,
    rows,
)
from watchkeeper.pipeline import Watch, replay, stored_incidents
from watchkeeper.pipeline.silence import silent_until
from watchkeeper.store import Arrival, Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def arrival(*, lag: timedelta = timedelta(0), gap: timedelta | None) -> Arrival:
    return Arrival(newest_time=NOON - lag, received_at=NOON, usual_gap=gap)


@pytest.mark.parametrize(
    ("lag", "gap", "passed", "silent_for"),
    [
        # A busy model: a minute's patience, then time goes on.
        (timedelta(0), timedelta(seconds=1), timedelta(seconds=59), None),
        (timedelta(0), timedelta(seconds=1), timedelta(minutes=61), HOUR),
        # Its events come ten minutes late: those of the last ten minutes may still come.
        (timedelta(minutes=10), timedelta(seconds=1), timedelta(minutes=71), HOUR),
        # One arrival a night: two nights' patience.
        (HOUR, timedelta(days=1), timedelta(days=1, hours=23), None),
        # Nobody knows how often this one comes.
        (timedelta(0), None, timedelta(days=9), None),
        # Old data, brought in by hand.
        (timedelta(days=3), timedelta(seconds=1), timedelta(days=9), None),
    ],
)
def test_silence_is_known_by_what_is_usual(
    lag: timedelta, gap: timedelta | None, passed: timedelta, silent_for: timedelta | None
) -> None:
    now = NOON + passed
    length = timedelta(days=1) if lag == HOUR else HOUR
    until = silent_until(arrival(lag=lag, gap=gap), now, length=length)
    assert until == (None if silent_for is None else NOON + silent_for)


def shifted(table: pa.Table, by: timedelta) -> pa.Table:
    times = [time + by for time in table.column("time").to_pylist()]
    return table.set_column(
        table.column_names.index("time"), "time", pa.array(times, pa.timestamp("us", "UTC"))
    )


def test_a_model_that_falls_silent_is_told_although_nothing_comes(tmp_path: Path) -> None:
    end = REFERENCE_HOURS
    last = REFERENCE_END + timedelta(hours=40)
    now = datetime.now(UTC)
    to_present = now.replace(minute=0, second=0, microsecond=0) - last
    with Store.open(tmp_path) as store:
        fill(store, shifted(rows(0, end), to_present))
        baseline(store, until=REFERENCE_END + to_present)
        fill(store, shifted(rows(end, end + 39), to_present))
        fill(store, shifted(rows(end + 39, end + 40), to_present))
        watch = Watch(store, MODEL)
        assert watch.advance(now=now).changes == ()
        soon, later = now + timedelta(minutes=1), now + timedelta(hours=12)
        assert watch.advance(now=soon, by_clock=False).buckets == 0
        assert watch.advance(now=later, by_clock=False).buckets == 0
        seen = watch.advance(now=later)
        assert seen.buckets >= 10
        [incident] = stored_incidents(store, MODEL, 1)
        assert (incident.is_open, incident.opened_bucket) == (True, 40)
        assert "there are no rows, where 30 a bucket are usual" in incident.message
        assert (incident.streams[0].column, incident.streams[0].effect.after_mean) == ("(rows)", 0)
        # It speaks again: the incident closes, and the stored buckets tell the same when replayed.
        fill(store, shifted(rows(end + 60, end + 63), to_present))
        assert [c.what for c in watch.advance(now=later, by_clock=False).changes] == ["closed"]
        assert replay(store, MODEL).differing == ()


@pytest.mark.parametrize(("gap", "is_told"), [(3, False), (4, True)])
def test_a_silence_as_long_as_usual_is_no_news(tmp_path: Path, gap: int, is_told: bool) -> None:
    end = REFERENCE_HOURS
    with Store.open(tmp_path) as store:
        for first in range(0, end, 10):
            fill(store, rows(first, first + 8))  # two hours of silence in every ten
        baseline(store)
        fill(store, rows(end, end + 10), rows(end + 10 + gap, end + 20 + gap))
        changes = Watch(store, MODEL).advance(now=NOW).changes
        assert bool(changes) is is_told
