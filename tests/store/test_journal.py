from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from store.samples import predictions
from watchkeeper.errors import BusyError
from watchkeeper.store import Receipt, Store


def block(folder: Path) -> sqlite3.Connection:
    blocker = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    return blocker


def appending(store: Store, names: list[str], receipts: list[Receipt]) -> threading.Thread:
    thread = threading.Thread(target=lambda: receipts.append(store.append(predictions(names))))
    thread.start()
    return thread


def test_those_who_come_while_a_commit_runs_share_the_next(store: Store) -> None:
    receipts: list[Receipt] = []
    blocker = block(store.folder)
    threads = [appending(store, [f"{n}", "shared"], receipts) for n in range(12)]
    while len(store._journal._waiting) < 11:
        threads[0].join(0.001)
    blocker.execute("ROLLBACK")
    blocker.close()
    for thread in threads:
        thread.join()
    assert sum(receipt.accepted for receipt in receipts) == 13
    assert sum(receipt.duplicates for receipt in receipts) == 11
    assert len({receipt.sequence for receipt in receipts}) == 12
    database = sqlite3.connect(store.folder / "state.sqlite")
    commits = database.execute("SELECT count(DISTINCT received_at) FROM journal").fetchone()[0]
    database.close()
    assert commits == 2
    assert store.predictions("m").num_rows == 13


def test_a_busy_store_is_told_to_everyone_who_waits_and_nothing_is_kept(store: Store) -> None:
    errors: list[Exception] = []

    def append(name: str) -> None:
        try:
            store.append(predictions([name]))
        except BusyError as error:
            errors.append(error)

    store._database._engine.dispose()
    short = "PRAGMA busy_timeout=200"
    with store._database.reading() as connection:
        connection.exec_driver_sql(short)
    blocker = block(store.folder)
    threads = [threading.Thread(target=append, args=(f"{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    blocker.execute("ROLLBACK")
    blocker.close()
    assert len(errors) == 4
    assert "try again" in str(errors[0])
    assert len({id(error) for error in errors}) == 4
    assert store.append(predictions([f"{n}" for n in range(4)])).accepted == 4


WRITER = """
import sys
from datetime import UTC, datetime
from watchkeeper.events import Prediction
from watchkeeper.store import Store

accepted = 0
with Store.open(sys.argv[1]) as store:
    for batch in range(30):
        time = datetime(2026, 3, 1, batch % 24, tzinfo=UTC)
        names = range(batch * 15, batch * 15 + 30)  # half of them again in the next batch
        records = [Prediction(model="m", prediction_id=f"{n}", time=time) for n in names]
        accepted += store.append(records).accepted
print(accepted)
"""


def test_of_processes_that_write_the_same_each_record_is_accepted_once(
    fresh: Callable[[], Path],
) -> None:
    folder = fresh()
    command = [sys.executable, "-c", WRITER, str(folder)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    seen = 0
    with Store.open(folder) as store:
        while any(writer.poll() is None for writer in writers):
            ids = store.predictions("m")["prediction_id"].to_pylist()
            assert len(ids) == len(set(ids)) >= seen
            seen = len(ids)
            store.seal()
        accepted = [int(writer.communicate()[0]) for writer in writers]
        assert sum(accepted) == store.predictions("m").num_rows == 29 * 15 + 30


@pytest.mark.parametrize("size", [0, 1, 1_000])
def test_a_receipt_counts_every_record(store: Store, size: int) -> None:
    names = [f"{n % 700}" for n in range(size)]
    receipt = store.append(predictions(names))
    assert receipt.accepted == len(set(names))
    assert receipt.duplicates == size - receipt.accepted
