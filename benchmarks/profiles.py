"""How fast buckets are profiled: many small ones, one wide one, one long one.

Run ``python benchmarks/profiles.py``. Prints seconds, the best of three runs, against the limits of
a watch that keeps up on two cores: 500 buckets of 1,000 rows x 20 columns within 2 s, one bucket of
1,000 columns x 1,000 rows within 60 ms, one of 1,000,000 rows x 20 columns within 1.5 s. The peer
beside it is ``pandas.DataFrame.describe`` on the same rows: fewer figures, and none that merge.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from watchkeeper.events import Column, Schema
from watchkeeper.profiles import Profiler, fit_bins

RUNS = 3


def table_of(rows: int, *, numbers: int, categories: int) -> tuple[pa.Table, Schema]:
    """Return random normal columns and columns of 50 categories, and their schema."""
    rng = np.random.default_rng(0)
    names = np.array([f"value {i}" for i in range(50)])
    columns = {f"number_{i}": rng.normal(size=rows) for i in range(numbers)}
    columns |= {f"category_{i}": rng.choice(names, rows) for i in range(categories)}
    schema = Schema(
        columns={
            name: Column(type="number" if name.startswith("number") else "category")
            for name in columns
        }
    )
    return pa.table(columns), schema


def best(call: Callable[[], object]) -> float:
    """Return the seconds of the fastest of three runs."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def measure(table: pa.Table, schema: Schema, bucket_rows: int) -> tuple[float, float]:
    """Return the seconds to profile a table bucket by bucket, and to describe it with pandas."""
    profiler = Profiler(schema, fit_bins(schema, [table]))
    starts = range(0, table.num_rows, bucket_rows)

    def ours() -> None:
        for index, start in enumerate(starts):
            profiler.profile(table.slice(start, bucket_rows), index=index)

    def peer() -> None:
        for start in starts[:50]:
            table.slice(start, bucket_rows).to_pandas().describe(include="all")

    return best(ours), best(peer) * len(starts) / len(starts[:50])


def main() -> int:
    """Measure, print, and fail if a limit is missed."""
    cases = [
        ("500 buckets x 20 columns x 1,000 rows", 500_000, 14, 6, 1_000, 2.0),
        ("1 bucket x 1,000 columns x 1,000 rows", 1_000, 1_000, 0, 1_000, 0.06),
        ("1 bucket x 20 columns x 1,000,000 rows", 1_000_000, 20, 0, 1_000_000, 1.5),
    ]
    missed = False
    print(f"{'':40} {'seconds':>9} {'limit':>7} {'pandas describe':>16}")
    for name, rows, numbers, categories, bucket_rows, limit in cases:
        table, schema = table_of(rows, numbers=numbers, categories=categories)
        seconds, peer = measure(table, schema, bucket_rows)
        missed |= seconds > limit
        print(f"{name:40} {seconds:9.3f} {limit:7.2f} {peer:16.2f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
