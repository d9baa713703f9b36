"""What is older than it shall be kept goes, and nothing else."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nursery import Talking
from store.samples import START, feedback, outcome, prediction
from watchkeeper.errors import StoreError
from watchkeeper.events import OperatingSettings, RetentionSettings
from watchkeeper.store import Store
from watchkeeper.store.lock import FileLock

DAY = 86_400
NOW = START + timedelta(days=30)


def retain(store: Store, events: str | None, profiles: str | None = None) -> None:
    kept = RetentionSettings(events=events, profiles=profiles)
    store.operating.put("m", OperatingSettings(retention=kept), actor="me", now=NOW)


def fill(store: Store, days: int = 30, model: str = "m") -> None:
    for n in range(days):
        at = n * DAY + 100 * n
        store.append(
            [
                prediction(f"p{n}", at, model=model),
                outcome(f"p{n}", float(n), at + DAY, model=model),
                feedback(f"f{n}", at, prediction_id=f"p{n}", model=model),
            ]
        )
        if n % 7 == 6:
            store.seal()


def ids(store: Store, model: str = "m") -> list[str]:
    found: list[str] = store.predictions(model).column("prediction_id").to_pylist()
    return found


def named(folder: Path) -> set[str]:
    connection = sqlite3.connect(folder / "state.sqlite")
    try:
        return {path for (path,) in connection.execute("SELECT path FROM sealed_files")}
    finally:
        connection.close()


def parquet(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet*")}


def test_events_that_are_too_old_go_and_other_models_keep_theirs(store: Store) -> None:
    fill(store)
    fill(store, model="n")
    retain(store, "10d")
    seen = store.retention.look(now=NOW)
    assert len(ids(store)) == 30
    report = store.retention.expire(now=NOW)
    [done] = report.models
    assert (done.predictions, done.outcomes, done.feedback) == (20, 19, 20)
    assert done.before == (NOW - timedelta(days=10)).isoformat()
    assert ids(store) == [f"p{n}" for n in range(20, 30)]
    assert store.feedback("m").column("feedback_id").to_pylist() == [f"f{n}" for n in range(20, 30)]
    assert len(ids(store, "n")) == 30
    assert (seen.models[0].predictions, seen.models[0].outcomes) == (20, 19)
    assert parquet(store.folder) == named(store.folder)
    entry = store.audit.entries()[-1]
    assert (entry.action, json.loads(entry.payload)["predictions"]) == ("events.expire", 20)
    assert not store.retention.expire(now=NOW).models[0].is_something
    assert store.audit.entries()[-1] == entry


def test_a_file_that_is_old_in_part_is_written_again(store: Store) -> None:
    store.append([prediction(f"p{n}", 3600 * n) for n in range(24)])
    store.seal()
    retain(store, "10d")
    now = START + timedelta(days=10, hours=6)
    [done] = store.retention.expire(now=now).models
    assert (done.predictions, done.files_removed, done.files_rewritten) == (6, 0, 1)
    assert ids(store) == [f"p{n}" for n in range(6, 24)]
    [done] = store.retention.expire(now=now + timedelta(days=1)).models
    assert (done.predictions, done.files_removed, done.files_rewritten) == (18, 1, 0)
    assert parquet(store.folder) == set()


def test_a_server_goes_by_whole_days_and_hours(store: Store) -> None:
    store.append([prediction(f"p{n}", 3600 * n) for n in range(24)])
    store.seal()
    retain(store, "10d")
    for hours in (1, 12, 23):
        tidied = store.retention.tidy(now=START + timedelta(days=10, hours=hours))
        assert not tidied.models[0].is_something
    retain(store, "2d")
    tidied = store.retention.tidy(now=START + timedelta(days=2, hours=3, minutes=59))
    assert tidied.models[0].predictions == 3
    retain(store, "10d")
    tidied = store.retention.tidy(now=START + timedelta(days=11))
    assert tidied.models[0].predictions == 21


def test_nothing_is_done_without_a_retention_or_while_another_is_at_it(store: Store) -> None:
    fill(store)
    assert store.retention.tidy(now=NOW).models == []
    assert store.retention.expire(now=NOW).models == []
    retain(store, None)
    assert store.retention.expire(now=NOW).models[0].before is None
    retain(store, "1d")
    with FileLock(store.folder / "seal.lock"):
        assert store.retention.tidy(now=NOW).busy
    assert len(ids(store)) == 30


def test_what_is_sent_again_stays_a_duplicate(store: Store) -> None:
    fill(store)
    retain(store, "10d")
    store.retention.expire(now=NOW)
    assert store.append([prediction("p3", 3 * DAY)]).duplicates == 1


def test_a_damaged_file_that_is_old_in_part_is_told(store: Store) -> None:
    store.append([prediction(f"p{n}", 3600 * n) for n in range(24)])
    store.seal()
    retain(store, "10d")
    [path] = parquet(store.folder)
    (store.folder / path).write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="missing or damaged"):
        store.retention.expire(now=START + timedelta(days=10, hours=6))
    assert named(store.folder) == {path}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.tuples(st.lists(st.integers(0, 72 * 60), min_size=1, max_size=5), st.booleans()),
        min_size=1,
        max_size=5,
    ),
    hours=st.integers(1, 72),
)
def test_whatever_is_sealed_exactly_what_is_too_old_goes(
    fresh: Callable[[], Path], batches: list[tuple[list[int], bool]], hours: int
) -> None:
    with Store.open(fresh()) as store:
        times: dict[str, int] = {}
        for minutes, seals in batches:
            made = []
            for minute in minutes:
                name = f"p{len(times):02}"
                times[name] = minute
                made.append(prediction(name, 60 * minute))
            store.append(made)
            if seals:
                store.seal()
        retain(store, f"{hours}h")
        now = START + timedelta(hours=72)
        store.retention.expire(now=now)
        assert sorted(ids(store)) == [n for n, t in times.items() if t >= (72 - hours) * 60]


SCRIPT = """
import sys
from datetime import datetime
from watchkeeper.store import Store
from watchkeeper.store.lock import FileLock
with Store.open(sys.argv[1]) as store:
    print("begin", flush=True)
    store.retention.expire(now=datetime.fromisoformat(sys.argv[2]))
"""


def test_a_kill_at_any_moment_leaves_all_or_nothing(fresh: Callable[[], Path]) -> None:
    whole, folder = fresh(), fresh()
    with Store.open(whole) as store:
        for n in range(20):
            # The last hour of each even day and the first of the odd one: all lie in two files.
            store.append([prediction(f"{n}-{i}", 3600 * n + i) for i in range(100)])
        retain(store, "1d")
    now = START + timedelta(days=1, hours=10)
    for turn in range(8):
        subprocess.run(["rm", "-rf", folder], check=True)
        subprocess.run(["cp", "-r", whole, folder], check=True)
        with Talking("-c", SCRIPT, folder, now.isoformat()) as process:
            assert process.stdout.readline() == "begin\n"
            time.sleep(0.01 + turn * 0.03)
        with Store.open(folder) as store:
            assert len(ids(store)) in {2000, 1000}
            store.retention.expire(now=now)
            assert len(ids(store)) == 1000
            store.seal()
        assert parquet(folder) == named(folder)
