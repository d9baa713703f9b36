from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from store.samples import outcome, prediction, predictions
from store.writers import BATCH, Nursery
from watchkeeper.store import Store

KILLS = 14


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def ids_of(batches: list[str]) -> set[str]:
    return {f"{batch}-{i}" for batch in batches for i in range(BATCH)}


def check(store: Store, acknowledged: list[str]) -> None:
    """Everything acknowledged is there exactly once, with its outcome; batches are whole."""
    table = store.predictions("m")
    found = Counter(table["prediction_id"].to_pylist())
    assert max(found.values()) == 1
    assert ids_of(acknowledged) <= set(found)
    assert table["label"].to_pylist() == table["prediction_id"].to_pylist()
    assert table["feature:name"].to_pylist() == table["prediction_id"].to_pylist()
    batches = Counter(name.rpartition("-")[0] for name in found)
    assert set(batches.values()) == {BATCH}, "a batch was torn"


def sealed(folder: Path) -> set[str]:
    database = sqlite3.connect(folder / "state.sqlite")
    paths = {row[0] for row in database.execute("SELECT path FROM sealed_files")}
    database.close()
    return paths


def on_disk(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in (folder / "events").rglob("*") if path.is_file()
    }


def test_kill_9_at_any_moment_loses_nothing_acknowledged(
    fresh: Callable[[], Path], nursery: Nursery
) -> None:
    folder, chance = fresh(), np.random.default_rng(20260301)
    acknowledged: list[str] = []
    for kill in range(KILLS):
        pid = nursery.start(folder, f"run{kill}", seals=kill % 3 != 0)
        acknowledged.append(nursery.first_acknowledgement())
        time.sleep(chance.uniform(0.0, 0.3))
        os.kill(pid, signal.SIGKILL)
        batches, status = nursery.ended()
        assert os.WTERMSIG(status) == signal.SIGKILL
        acknowledged += batches
    assert len(acknowledged) > KILLS
    with Store.open(folder, create=False) as store:
        check(store, acknowledged)
        store.seal()
        check(store, acknowledged)
        assert store.audit.verify().holds
        again = store.append([prediction(name) for name in sorted(ids_of(acknowledged))])
        assert (again.accepted, again.duplicates) == (0, BATCH * len(acknowledged))
    assert on_disk(folder) == sealed(folder)


def test_files_of_a_seal_killed_before_its_commit_are_never_read_and_then_removed(
    fresh: Callable[[], Path], nursery: Nursery
) -> None:
    folder = fresh()
    with Store.open(folder) as store:
        store.append(predictions(["a", "b"]))
        store.append([outcome("a", 1)])
        before = store.predictions("m")
    blocker = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    pid = nursery.start(folder, "blocked", threads=1, rounds=1, seals=True)
    until = time.monotonic() + 20
    while len(on_disk(folder)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    nursery.ended()
    blocker.execute("ROLLBACK")
    blocker.close()
    orphans = on_disk(folder)
    assert len(orphans) == 2, "the seal wrote its files before it needed the lock"
    with Store.open(folder, create=False) as store:
        assert store.predictions("m").equals(before)
        store.append([prediction("c")])
        report = store.seal()
        assert (report.orphans, report.rows) == (2, 4)
        assert store.predictions("m")["prediction_id"].to_pylist() == ["a", "c", "b"]
    assert on_disk(folder) == sealed(folder)


def test_a_killed_sealer_leaves_no_lock_behind(fresh: Callable[[], Path], nursery: Nursery) -> None:
    folder = fresh()
    pid = nursery.start(folder, "run", threads=1, seals=True)
    nursery.first_acknowledgement()
    os.kill(pid, signal.SIGKILL)
    nursery.ended()
    with Store.open(folder, create=False) as store:
        assert not store.seal().busy
