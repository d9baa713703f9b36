"""How fast single predictions are found in a store of millions.

    python benchmarks/lookups.py                         2 million predictions of 37 columns
    python benchmarks/lookups.py --rows 10000000
    python benchmarks/lookups.py --store ./kept          keep the store, and use it again

A store of 20 days of sealed predictions whose ids are random, so that no order of theirs helps.
Each question is asked 15 times, of different ids; told are the median and the slowest. Beside it,
what DuckDB takes to scan the column of ids of the same files without their filters.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.pipeline import find_predictions, newest_predictions, prediction_detail
from watchkeeper.store import Store, Wanted

MODEL, DAYS, AT_ONCE, ASKED = "m", 20, 100_000, 15
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 1, tzinfo=UTC)
ENTITIES = 200_000


def predictions(rng: np.random.Generator, start: datetime, seconds: float, rows: int) -> pa.Table:
    """Return predictions spread over some time, with random ids."""
    offsets = np.sort(rng.random(rows)) * seconds * 1e6
    times = np.datetime64(start.replace(tzinfo=None), "us") + offsets.astype("timedelta64[us]")
    ids = rng.integers(0, 256, (rows, 16), dtype=np.uint8)
    columns = {
        "prediction_id": [bytes(one).hex() for one in ids],
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "version": rng.choice(["1", "2"], rows),
        "entity": [f"user-{n}" for n in rng.integers(0, ENTITIES, rows)],
        "latency_seconds": rng.gamma(2, 0.02, rows),
        "output": rng.random(rows),
        "error": np.where(rng.random(rows) < 0.001, "Timeout", None),
    }
    columns |= {f"feature:n{i}": rng.normal(size=rows) for i in range(20)}
    columns |= {f"feature:c{i}": rng.choice(list("abcdefgh"), rows) for i in range(10)}
    return pa.table(columns)


def fill(store: Store, rows: int) -> None:
    """Append and seal."""
    rng = np.random.default_rng(1)
    batches = max(1, rows // DAYS // AT_ONCE)
    each = timedelta(days=1) / batches
    for batch in range(DAYS * batches):
        part = predictions(rng, START + batch * each, each.total_seconds(), rows // DAYS // batches)
        store.append_table(MODEL, "prediction", part)
    store.seal()


def timed(name: str, calls: list[Callable[[], object]]) -> None:
    """Ask, and tell how long the answers took."""
    calls[0]()  # the first opens files and an engine
    taken = []
    for call in calls:
        began = time.perf_counter()
        call()
        taken.append(1_000 * (time.perf_counter() - began))
    print(f"{name:<44}{statistics.median(taken):>9.0f}{max(taken):>9.0f}", flush=True)


def ask(store: Store, ids: list[str]) -> None:
    """Ask all there is to ask."""
    print(f"{'':<44}{'median':>9}{'slowest':>9}  milliseconds")
    timed("an id, over all models", [lambda i=i: find_predictions(store, i) for i in ids])
    timed("an id that never came", [lambda i=i: find_predictions(store, i + "x") for i in ids])
    timed(
        "a prediction in full, with its file",
        [lambda i=i: prediction_detail(store, MODEL, i, now=NOW) for i in ids],
    )

    def newest(**wanted: object) -> Callable[[], object]:
        return lambda: newest_predictions(store, MODEL, Wanted(**wanted), limit=50)

    timed("the newest 50", [newest()] * ASKED)
    timed("the newest 50 with an error (0.1 %)", [newest(error=True)] * ASKED)
    timed("all of an entity", [newest(entities=(f"user-{n}",)) for n in range(ASKED)])
    timed("none of a variant", [newest(variant="none")] * ASKED)
    middle = START + timedelta(days=DAYS / 2)
    timed(
        "50 of an hour in the middle",
        [
            lambda: newest_predictions(
                store, MODEL, Wanted(), start=middle, end=middle + timedelta(hours=1), limit=50
            )
        ]
        * ASKED,
    )


def scan(folder: Path, ids: list[str]) -> None:
    """Look for ids in the column of ids, without filters."""
    with tempfile.TemporaryDirectory() as name:
        copies = []
        for number, path in enumerate(sorted(folder.rglob("*.parquet"))):
            copies.append(str(Path(name) / f"{number}.parquet"))
            table = pq.read_table(path, partitioning=None, columns=["prediction_id", "sequence"])
            pq.write_table(table, copies[-1], compression="zstd", use_dictionary=False)
        engine = duckdb.connect()
        query = "SELECT sequence FROM read_parquet(?) WHERE prediction_id = ?"
        timed(
            "beside it: DuckDB scans the column of ids",
            [lambda i=i: engine.execute(query, [copies, i]).fetchall() for i in ids],
        )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--store", type=Path, default=None)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.store or Path(temporary) / "store"
        with Store.open(folder) as store:
            if not store.models():
                fill(store, asked.rows)
            files = sorted((folder / "events").rglob("*.parquet"))
            total = sum(summary.predictions for summary in store.models())
            size = sum(path.stat().st_size for path in files) / 1e6
            print(f"{total:,} predictions in {len(files)} sealed files, {size:,.0f} MB")
            rng = np.random.default_rng(2)
            column = pq.read_table(files[len(files) // 2], partitioning=None)["prediction_id"]
            ids = [column[int(n)].as_py() for n in rng.integers(0, len(column), ASKED)]
            ask(store, ids)
            scan(folder / "events", ids)


if __name__ == "__main__":
    main()
