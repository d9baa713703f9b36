"""Killed at any moment, in mid-write and in mid-seal, the store loses nothing acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from store.records import MODEL, NOON, prediction, prediction_table

from watchkeeper.store import Store

ROUNDS = 4

WRITER = """
import sys, uuid, random
from datetime import UTC, datetime, timedelta
from watchkeeper.events import Outcome, Prediction
from watchkeeper.store import Store

folder, model, seed = sys.argv[1:]
rnd, noon = random.Random(seed), datetime(2024, 3, 1, 12, tzinfo=UTC)
with Store.open(folder) as store:
    while True:
        batch = uuid.UUID(int=rnd.getrandbits(128)).hex
        ids = [f"{batch}-{i}" for i in range(rnd.randint(1, 300))]
        times = [noon + timedelta(hours=rnd.uniform(0, 72)) for _ in ids]
        if rnd.random() < 0.5:
            store.append(
                [
                    record
                    for key, time in zip(ids, times)
                    for record in (
                        Prediction(model=model, prediction_id=key, time=time, features={"x": 1.0}),
                        Outcome(model=model, prediction_id=key, time=time, label=len(ids)),
                    )
                ]
            )
        else:
            kind = pa.timestamp("us", "UTC")
            table = pa.table({"prediction_id": ids, "time": pa.array(times, kind)})
            store.append_table(model, "prediction", table)
        print(batch, len(ids), flush=True)
"""

SEALER = """
import sys
from watchkeeper.store import Store

with Store.open(sys.argv[1]) as store:
    while True:
        print("sealing", flush=True)
        store.seal(now=datetime.now(UTC))
"""


def start(script: str, told: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with told.open("wb") as out:
        return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=out)


def acknowledged(told: Path) -> dict[str, int]:
    """Batches whose append returned, with their sizes; a torn last line does not count."""
    lines = told.read_text().split("\n")[:-1]
    return {batch: int(rows) for batch, rows in (line.split(" ") for line in lines)}


def stored_batches(store: Store) -> Counter[str]:
    table = store.predictions(MODEL)
    ids = table.column("prediction_id").to_pylist()
    assert len(set(ids)) == len(ids), "an id is there twice"
    return Counter(key.partition("-")[0] for key in ids)


def test_killed_while_writing_and_sealing_all_that_was_acknowledged_is_there_once(
    tmp_path: Path,
) -> None:
    folder, rnd = tmp_path / "store", random.Random(20)
    expected: dict[str, int] = {}
    Store.open(folder).close()
    for turn in range(ROUNDS):
        told = [tmp_path / f"told-{turn}-{i}" for i in range(3)]
        processes = [
            start(WRITER, told[0], str(folder), MODEL, f"{turn}-a"),
            start(WRITER, told[1], str(folder), MODEL, f"{turn}-b"),
            start(SEALER, told[2], str(folder)),
        ]
        give_up = time.monotonic() + 30
        while not all(path.stat().st_size for path in told):
            assert time.monotonic() < give_up, "a process did not get to work"
            time.sleep(0.01)
        rnd.shuffle(processes)
        for process in processes:
            time.sleep(rnd.uniform(0, 0.1))
            process.kill()
            process.wait()
        for path in told[:2]:
            expected |= acknowledged(path)
        with Store.open(folder) as store:
            found = stored_batches(store)
            assert {batch: found[batch] for batch in expected} == expected
    # What was killed before it was told may be there, but whole; at most one batch per writer.
    assert len(found) - len(expected) <= 2 * ROUNDS
    with Store.open(folder) as store:
        store.seal(now=NOON)
        assert stored_batches(store) == found
        assert sum(m.predictions for m in store.models()) == found.total()
        again = [prediction(f"{batch}-0") for batch in expected]
        assert store.append(again).duplicates == len(expected)
    assert not [path for path in (folder / "events").rglob("*") if path.name.startswith(".")]


TORN = """
import os, sys
from pathlib import Path
from watchkeeper.store import Store

sealed = Path(sys.argv[1]) / "events"

def die_when_the_first_file_is_there(event, arguments):
    if event == "os.rename":
        os.kill(os.getpid(), 9)

with Store.open(sys.argv[1]) as store:
    sys.addaudithook(die_when_the_first_file_is_there)
    store.seal(now=datetime.now(UTC))
"""


@pytest.mark.parametrize("renamed", [False, True])
def test_a_seal_that_died_before_its_commit_leaves_nothing_but_orphans(
    tmp_path: Path, renamed: bool
) -> None:
    folder = tmp_path / "store"
    ids = [str(i) for i in range(50)]
    with Store.open(folder) as store:
        store.append_table(MODEL, "prediction", prediction_table(ids))
    died = subprocess.run([sys.executable, "-c", TORN, str(folder)], check=False)
    assert died.returncode == -9
    [left] = [path for path in (folder / "events").rglob("*") if path.is_file()]
    if renamed:
        left = left.rename(left.parent / "000000000001-000000000001.parquet")
    with Store.open(folder) as store:
        assert store.predictions(MODEL).num_rows == 50
        assert store.seal(now=NOON).orphans == 1
        assert store.predictions(MODEL).num_rows == 50
    [sealed] = [path for path in (folder / "events").rglob("*") if path.is_file()]
    rows = duckdb.sql(f"SELECT count(*) FROM '{sealed}'").fetchall()
    assert rows == [(50,)]


