"""Kill -9 at any moment loses nothing that was acknowledged, and doubles nothing."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from store.records import MODEL
from watchkeeper.store import Store

# One process loads the libraries once and forks the ones that die; an acknowledgement is one
# write to a file, which outlives its writer.
SCRIPT = """
import os, random, signal, sys, time
from datetime import UTC, datetime, timedelta
import pyarrow as pa
import pyarrow.parquet
from watchkeeper.events import Outcome, Prediction
from watchkeeper.store import Store

folder, told, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
noon = datetime(2024, 3, 1, 12, tzinfo=UTC)


def append(name):
    log = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with Store.open(folder) as store:
        for i in range(1_000_000):
            ids = [f"{name}-{i}-{k}" for k in range(3)]
            times = [noon + timedelta(hours=(i + k) % 50) for k in range(3)]
            if i % 3 != 2:
                store.append(
                    [Prediction(model="delays", prediction_id=p, time=t, features={"x": 1.0})
                     for p, t in zip(ids, times)]
                    + [Outcome(model="delays", prediction_id=p, time=t, label=1.0)
                       for p, t in zip(ids, times)]
                )
            else:
                columns = {"prediction_id": ids, "time": times, "feature:x": [1.0] * 3}
                store.append_table("delays", "prediction", pa.table(columns))
            os.write(log, (" ".join(ids) + os.linesep).encode())


def seal():
    with Store.open(folder) as store:
        while True:
            store.seal()
            time.sleep(0.05)


def fork(work, *words):
    child = os.fork()
    if child:
        return child
    try:
        work(*words)
    finally:
        os._exit(1)


chance = random.Random(20240301)
failed = 0
for turn in range(turns):
    children = [fork(append, f"{turn}a"), fork(append, f"{turn}b"), fork(seal)]
    time.sleep(chance.uniform(0.1, 0.9))
    for child in children:
        os.kill(child, signal.SIGKILL)
        time.sleep(chance.uniform(0.0, 0.02))
    for child in children:
        _, status = os.waitpid(child, 0)
        failed += not os.WIFSIGNALED(status)
sys.exit(failed)
"""


def run(folder: Path, told: Path, *, turns: int) -> subprocess.Popen[bytes]:
    words = [str(folder), str(told), str(turns)]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *words], stderr=subprocess.PIPE)


def test_no_kill_loses_or_doubles_what_was_acknowledged(tmp_path: Path) -> None:
    folder, told = tmp_path / "store", tmp_path / "told"
    Store.open(folder).close()
    killing = run(folder, told, turns=10)
    _, said = killing.communicate()
    assert killing.returncode == 0, said.decode()
    acknowledged = told.read_text().split()
    assert len(acknowledged) > 30
    with Store.open(folder) as store:
        for _ in range(2):
            table = store.predictions(MODEL)
            ids = table.column("prediction_id").to_pylist()
            labels = table.column("label").to_pylist()
            found = Counter(ids)
            assert [i for i in acknowledged if found[i] != 1] == []
            assert max(found.values()) == 1
            # Every third entry is a table without outcomes; two entries of one append are one.
            unlabelled = [i for i, label in zip(ids, labels, strict=True) if label is None]
            assert all(int(i.split("-")[1]) % 3 == 2 for i in unlabelled)
            store.seal()
        assert store.seal().orphans == 0
        with store._database.reading() as connection:
            kept = set(connection.exec_driver_sql("SELECT path FROM sealed_files").scalars())
        assert kept == {str(p.relative_to(folder)) for p in folder.rglob("*.parquet*")}
        assert len(kept) > 0


def test_a_reader_sees_every_row_once_while_others_write_and_seal(tmp_path: Path) -> None:
    folder, told = tmp_path / "store", tmp_path / "told"
    sizes = []
    with Store.open(folder) as store:
        writing = run(folder, told, turns=3)
        while writing.poll() is None:
            ids = store.predictions(MODEL).column("prediction_id").to_pylist()
            assert len(ids) == len(set(ids))
            assert len(ids) % 3 == 0
            sizes.append(len(ids))
        _, said = writing.communicate()
        assert writing.returncode == 0, said.decode()
        sizes.append(store.predictions(MODEL).num_rows)
    assert sizes == sorted(sizes)
    assert sizes[-1] > 0
