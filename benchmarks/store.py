"""How fast events become durable, and how fast they are sealed and read.

Run ``python benchmarks/store.py [BATCHES]``. Batches of 1,000 events of 30 features are committed
one after the other, each on disk before the next begins, as records (msgpack) and as tables
(Arrow). The limit beside them is SQLite itself: the same blobs inserted by hand into a table with
nothing else, in the same mode (write-ahead log, ``synchronous=FULL``). What the store does beyond
it is write the blob, and know every id so that nothing is kept twice. Prints rows per second, and
the 50th and 99th percentile of the milliseconds per batch.
"""

from __future__ import annotations

import gc
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events import Prediction, Record
from watchkeeper.store import Store

MODEL = "model"
ROWS = 1_000
FEATURES = 30
THREADS = 4
UNSEALED = 60
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)


def tables(batches: int, *, seed: int) -> list[pa.Table]:
    """Return batches of predictions with random features, three minutes of events each."""
    rng = np.random.default_rng(seed)
    kind = pa.timestamp("us", "UTC")
    made = []
    for batch in range(batches):
        begin = BEGIN + timedelta(minutes=3 * batch)
        columns: dict[str, pa.Array] = {
            "prediction_id": pa.array([uuid.UUID(bytes=rng.bytes(16)).hex for _ in range(ROWS)]),
            "time": pa.array([begin + timedelta(seconds=0.18 * i) for i in range(ROWS)], kind),
            "output": pa.array(rng.random(ROWS)),
        }
        for at in range(FEATURES):
            columns[f"feature:f{at}"] = pa.array(rng.normal(size=ROWS))
        made.append(pa.table(columns))
    return made


def records_of(table: pa.Table) -> list[Record]:
    """Return the rows of a table as records."""
    names = [name for name in table.column_names if name.startswith("feature:")]
    features = [table.column(name).to_pylist() for name in names]
    plain = [name.removeprefix("feature:") for name in names]
    fixed = (table.column(name).to_pylist() for name in ("prediction_id", "time", "output"))
    return [
        Prediction(
            model=MODEL,
            prediction_id=identity,
            time=moment,
            output=output,
            features=dict(zip(plain, values, strict=True)),
        )
        for identity, moment, output, *values in zip(*fixed, *features, strict=True)
    ]


def timed(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Return the seconds of each call."""
    seconds = []
    for call in calls:
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return seconds


def told(name: str, seconds: list[float]) -> None:
    """Print what single-threaded commits took."""
    p50, p99 = (1_000 * np.quantile(seconds, share) for share in (0.5, 0.99))
    rate = ROWS * len(seconds) / sum(seconds)
    print(f"{name:34} {rate:12,.0f} {p50:9.1f} {p99:9.1f}", flush=True)


def told_rate(name: str, rows: int, seconds: float) -> None:
    """Print how fast one call over many rows was."""
    print(f"{name:34} {rows / seconds:12,.0f}", flush=True)


def plain_inserts(folder: Path, blobs: list[bytes]) -> list[float]:
    """Time the limit: each blob in a transaction of its own, and nothing else."""
    connection = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE journal (sequence INTEGER PRIMARY KEY, blob BLOB)")

    def insert(blob: bytes) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO journal (blob) VALUES (?)", (blob,))
        connection.execute("COMMIT")

    seconds = timed([partial(insert, blob) for blob in blobs])
    connection.close()
    return seconds


def in_threads(store: Store, batches: list[list[Record]]) -> None:
    """Append all batches from several threads."""
    parts = [batches[at::THREADS] for at in range(THREADS)]

    def work(part: list[list[Record]]) -> None:
        for batch in part:
            store.append(batch)

    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def arrow_blob(table: pa.Table) -> bytes:
    """Return a table as the store keeps it in its journal."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    blob: bytes = sink.getvalue().to_pybytes()
    return blob


def main() -> int:
    """Measure and print."""
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    first, second, third = (tables(batches, seed=seed) for seed in (1, 2, 3))
    records = [records_of(table) for table in first]
    shared = [records_of(table) for table in third]
    gc.collect()
    gc.freeze()  # else every collection walks through all the batches that wait their turn
    print(f"{batches} batches of {ROWS:,} events x {FEATURES} features")
    print(f"{'':34} {'rows/s':>12} {'p50 ms':>9} {'p99 ms':>9}")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        blobs = [msgspec.msgpack.encode(batch) for batch in records]
        told("SQLite by hand, msgpack blobs", plain_inserts(folder, blobs))
        (folder / "plain.sqlite").unlink()
        told("SQLite by hand, Arrow blobs", plain_inserts(folder, list(map(arrow_blob, second))))
        with Store.open(folder / "store") as store:
            told("append, records", timed([partial(store.append, b) for b in records]))
            bulk = partial(store.append_table, MODEL, "prediction")
            told("append_table, Arrow", timed([partial(bulk, table) for table in second]))
            told("append, all known already", timed([partial(store.append, b) for b in records]))
            [seconds] = timed([partial(in_threads, store, shared)])
            told_rate(f"append, {THREADS} threads", batches * ROWS, seconds)
            total = 3 * batches * ROWS
            told_rate(
                "read, three times as much", total, *timed([lambda: store.predictions(MODEL)])
            )
            whole = store.predictions(MODEL).num_rows == total
        with Store.open(folder / "small") as store:
            # Few enough that the store does not seal them by itself meanwhile.
            for table in first[:UNSEALED]:
                store.append_table(MODEL, "prediction", table)
            rows = len(first[:UNSEALED]) * ROWS
            told_rate("read, all in the journal", rows, *timed([lambda: store.predictions(MODEL)]))
            told_rate("seal", rows, *timed([lambda: store.seal(now=datetime.now(UTC))]))
            told_rate("read, all sealed", rows, *timed([lambda: store.predictions(MODEL)]))
        return int(not whole)


if __name__ == "__main__":
    status = main()
    gc.unfreeze()
    sys.exit(status)
