"""What a store takes on disk and a watch takes of a core: the figures behind docs/deployment.md.

    python benchmarks/sizing.py
    python benchmarks/sizing.py --predictions 200000    quicker

Predictions with 30 columns: 24 numbers of three decimals, 4 categories, one boolean and the output;
and, as the worst case, 30 numbers that no compression makes smaller. Each goes into a store of its
own in batches of 5,000 and is sealed. Then a model of 30 and one of 100 columns with hourly buckets
is judged over 200 buckets of 1,000 rows, by one core.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline import Plan, Watch, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

START = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 5_000
REFERENCE, WATCHED, ROWS = 336, 200, 1_000


def typical(rng: np.random.Generator, size: int) -> dict[str, object]:
    """Return columns as services have them."""
    names = np.array([f"kind {i}" for i in range(12)])
    columns: dict[str, object] = {
        f"feature:number_{i}": rng.gamma(2, 10, size).round(3) for i in range(24)
    }
    columns |= {f"feature:category_{i}": names[rng.integers(0, 12, size)] for i in range(4)}
    return columns | {"feature:flag": rng.random(size) < 0.3, "output": rng.random(size).round(4)}


def incompressible(rng: np.random.Generator, size: int) -> dict[str, object]:
    """Return numbers all of whose bits are random."""
    return {f"feature:f{i}": rng.normal(size=size) for i in range(29)} | {
        "output": rng.random(size)
    }


def on_disk(folder: Path, make: object, predictions: int) -> tuple[float, float, float]:
    """Return bytes per prediction: in the journal, in sealed files, and in the database then."""
    rng = np.random.default_rng(0)
    assert callable(make)
    with Store.open(folder) as store:
        first = 0.0
        for at in range(0, predictions, BATCH):
            numbers = np.arange(at, at + BATCH)
            times = [START + timedelta(seconds=int(n) // 50) for n in numbers]
            columns = make(rng, BATCH)
            store.append_table(
                "m",
                "prediction",
                pa.table(
                    {
                        "prediction_id": [f"{n:032x}" for n in numbers],
                        "time": pa.array(times, pa.timestamp("us", "UTC")),
                        "latency_seconds": rng.gamma(2, 0.01, BATCH).round(4),
                        **columns,
                    }
                ),
            )
            first = first or store.journal_bytes() / BATCH
        store.seal()
    files = sum(file.stat().st_size for file in folder.glob("events/**/*.parquet"))
    database = used_bytes(folder)
    return first, files / predictions, database / predictions


def judged(folder: Path, columns: int) -> tuple[float, float]:
    """Return seconds of a core for a bucket, and bytes of the database."""
    rng = np.random.default_rng(0)
    buckets = REFERENCE + WATCHED + 1
    with Store.open(folder) as store:
        for bucket in range(buckets):
            times = [START + timedelta(hours=bucket, seconds=3 * i) for i in range(ROWS)]
            table = pa.table(
                {
                    "prediction_id": [f"{bucket}-{i}" for i in range(ROWS)],
                    "time": pa.array(times, pa.timestamp("us", "UTC")),
                    **{f"feature:f{i}": rng.normal(size=ROWS) for i in range(columns)},
                }
            )
            store.append_table("m", "prediction", table)
        store.seal()
        set_baseline(
            store,
            "m",
            Plan(bucketing=Bucketing.parse("1h")),
            until=START + timedelta(hours=REFERENCE),
            budget="1 per 30d",
            note="",
            actor="sizing",
            now=START,
        )
        before = used_bytes(folder)
        watch = Watch(store, "m")
        begun = time.process_time()
        done = watch.advance(now=START, by_clock=False).buckets
        seconds = time.process_time() - begun
    return seconds / done, (used_bytes(folder) - before) / done


def used_bytes(folder: Path) -> int:
    """Return the size of the database without its free pages, which are used again."""
    with closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.execute(f"PRAGMA {n}").fetchone()[0] for n in names)
    return int((pages - free) * size)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--predictions", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print("| a prediction of 30 columns | journal, bytes | sealed | ids and state |")
        print("| --- | --: | --: | --: |")
        for told, make in (("typical", typical), ("incompressible", incompressible)):
            journal, files, database = on_disk(Path(name) / told, make, given.predictions)
            print(f"| {told} | {journal:,.0f} | {files:,.0f} | {database:,.0f} |", flush=True)
        print("\n| a bucket of 1,000 rows | ms of a core | bytes of profile and state |")
        print("| --- | --: | --: |")
        for columns in (30, 100):
            seconds, size = judged(Path(name) / str(columns), columns)
            print(f"| {columns} columns | {seconds * 1_000:,.1f} | {size:,.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
