"""Write one Parquet file of 20 numbers and 5 categories, as comparisons are timed on.

    python benchmarks/comparison_files.py --rows 1000000 --seed 0 --out reference.parquet

``compare_speed.py`` starts it, in a process of its own: of a large parent, the memory would
count as its children's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_STEP = 500_000
_NAMES = np.array([f"value {i}" for i in range(50)])


def rows_of(rng: np.random.Generator, rows: int, shift: float) -> pa.Table:
    """Return normal, skewed, whole and partly null numbers, and categories of 50 values."""
    columns: dict[str, np.ndarray] = {f"number_{i}": rng.normal(size=rows) for i in range(10)}
    columns["number_3"] += shift
    columns |= {f"number_{i}": np.round(rng.lognormal(3, 1, rows), 2) for i in range(10, 14)}
    columns |= {f"number_{i}": rng.poisson(20, rows) for i in range(14, 17)}
    for i in range(17, 20):
        columns[f"number_{i}"] = np.where(rng.random(rows) < 0.02, np.nan, rng.normal(size=rows))
    columns |= {f"category_{i}": _NAMES[rng.integers(0, 50, rows)] for i in range(5)}
    return pa.table({n: pa.array(column, from_pandas=True) for n, column in columns.items()})


def main() -> None:
    """Write the file, some rows at a time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--shift", type=float, default=0.0, help="of number_3, in deviations")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    unfinished = given.out.with_suffix(".part")
    writer = None
    for start in range(0, given.rows, _STEP):
        table = rows_of(rng, min(_STEP, given.rows - start), given.shift)
        writer = writer or pq.ParquetWriter(unfinished, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()
    unfinished.rename(given.out)


if __name__ == "__main__":
    main()
