"""How fast Parquet becomes hourly profiles with quantile sketches, and in how much memory.

Run ``python benchmarks/profile_scale.py [--millions 1 10 50] [--runs 2]``. Writes 20 columns of
numbers, 5 of categories and a time, in 240 hours, to a temporary folder, row group by row
group; each measurement is a process of its own. Decoding is ``pyarrow`` reading the same row
groups with as many threads. Limits: 2.5 times the decoding; memory that grows by less than 20 %
from 10 million rows on, and from 1 million to 10 million no more than the row groups being
read.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.events import Column, Schema
from watchkeeper.pipeline import profile_buckets
from watchkeeper.profiles import fit_bins
from watchkeeper.watch import Bucketing

HOURS = 240
GROUP_ROWS = 250_000
NUMBERS = [f"number_{i}" for i in range(20)]
CATEGORIES = [f"category_{i}" for i in range(5)]
SCHEMA = Schema(
    columns={
        **{name: Column(type="number") for name in NUMBERS},
        **{name: Column(type="category") for name in CATEGORIES},
        "time": Column(type="datetime", role="time"),
    }
)
RATIO_LIMIT = 2.5
GROWTH_LIMIT = 0.2


def write(path: Path, rows: int) -> None:
    """Write the table, times ascending over the same 240 hours whatever the number of rows."""
    rng = np.random.default_rng(0)
    names = pa.array([f"value {i}" for i in range(50)])
    writer = None
    for start in range(0, rows, GROUP_ROWS):
        size = min(GROUP_ROWS, rows - start)
        micros = (np.arange(start, start + size) / rows * HOURS * 3_600e6).astype(np.int64)
        columns: dict[str, pa.Array] = {name: pa.array(rng.normal(size=size)) for name in NUMBERS}
        columns |= {n: names.take(pa.array(rng.integers(0, 50, size))) for n in CATEGORIES}
        columns["time"] = pa.array(micros, pa.timestamp("us", "UTC"))
        table = pa.table(columns)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=GROUP_ROWS)
    assert writer is not None
    writer.close()


def decode(path: Path, threads: int) -> int:
    """Decode all columns as pyarrow does by default, whole row groups on each thread."""
    footer = pq.read_metadata(path)

    def group(place: int) -> int:
        with pq.ParquetFile(path, metadata=footer) as file:
            return int(file.read_row_group(place, use_threads=False).num_rows)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(group, range(footer.num_row_groups)))


def measure(path: Path, task: str, threads: int) -> None:
    """Print the seconds and peak megabytes of one task, bins fitted before."""
    if task == "decode":
        begun = time.perf_counter()
        decode(path, threads)
    else:
        with pq.ParquetFile(path) as file:
            bins = fit_bins(SCHEMA, [file.read_row_group(0)], time_column="time")
        begun = time.perf_counter()
        rows = 0
        for bucket in profile_buckets(
            path,
            SCHEMA,
            bins,
            Bucketing.parse("1h"),
            time_column="time",
            sketches=True if task == "distinct" else ("quantiles",),
            workers=threads,
        ):
            rows += bucket.rows
        assert rows == pq.read_metadata(path).num_rows
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


def best(path: Path, runs: int) -> dict[tuple[str, int], tuple[float, float]]:
    """Return the least seconds and megabytes per task and threads, runs in turn."""
    tasks = [("decode", 1), ("profile", 1), ("decode", 2), ("profile", 2), ("distinct", 2)]
    found: dict[tuple[str, int], tuple[float, float]] = {}
    for _ in range(runs):
        for task, threads in tasks:
            command = [sys.executable, __file__, "--measure", str(path), task, str(threads)]
            answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            seconds, peak = found.get((task, threads), (float("inf"), float("inf")))
            found[task, threads] = min(seconds, answer["seconds"]), min(peak, answer["megabytes"])
    return found


def main() -> int:
    """Measure, print, and fail if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--measure", nargs=3, metavar=("PATH", "TASK", "THREADS"))
    given = parser.parse_args()
    if given.measure:
        measure(Path(given.measure[0]), given.measure[1], int(given.measure[2]))
        return 0
    missed = False
    peaks: list[float] = []
    head = ["M rows", "threads", "decode s", "profile s", "ratio", "with distinct s", "peak MB"]
    print(" | ".join(f"{name:>9}" for name in head))
    for millions in given.millions:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            write(path, millions * 1_000_000)
            found = best(path, given.runs)
        for threads in (1, 2):
            decoding, (seconds, peak) = found["decode", threads][0], found["profile", threads]
            distinct = f"{found['distinct', 2][0]:.2f}" if threads == 2 else ""
            cells = [str(millions), str(threads), f"{decoding:.2f}", f"{seconds:.2f}"]
            cells += [f"{seconds / decoding:.2f}", distinct, f"{peak:.0f}"]
            print(" | ".join(f"{cell:>9}" for cell in cells), flush=True)
            # Below 10 million rows the fixed cost of 240 x 25 profiles weighs as much as the rows.
            missed |= millions >= 10 and seconds / decoding > RATIO_LIMIT
        if millions >= 10:
            peaks.append(found["profile", 2][1])
    missed |= bool(peaks) and max(peaks) > min(peaks) * (1 + GROWTH_LIMIT)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
