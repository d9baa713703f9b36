"""How fast a change is told: windows of 1,000 rows, 20 columns, one of which changes.

    python benchmarks/delay.py [--seeds 20]

A reference of 100 windows, 50 clean ones, then the change; budget 1 in 720. Delay 1 means told at
the end of the first changed window. The last case has hourly windows with a daily cycle.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

import numpy as np
import pyarrow as pa

from scenarios import START, categories, cyclic, numbers, times
from watchkeeper import backtest

ROWS, REFERENCE, CLEAN, CHANGED = 1_000, 100, 50, 40
LIMITS = {"+1 sd": 3, "+0.25 sd": 4, "+0.1 sd": 8, "5 % category swap": 6, "+0.7 sd on a cycle": 3}
HOUR = timedelta(hours=1)


def delay(case: str, rng: np.random.Generator) -> float:
    """Return the delay in windows; infinite if the change was never told."""
    reference = 672 if "cycle" in case else REFERENCE
    buckets = reference + CLEAN + CHANGED
    at = (reference + CLEAN) * ROWS
    if "cycle" in case:
        columns: dict[str, object] = {**cyclic(rng, buckets, ROWS, 20)}
        changed = "x3"
        columns[changed][at:] += 0.7
        columns["time"] = times(buckets, ROWS, HOUR)
        table = pa.table(columns)
        result = backtest(
            table,
            time="time",
            reference_until=START + reference * HOUR,
            bucket="1h",
            budget="1 per 720 buckets",
        )
    else:
        columns = {**numbers(rng, buckets * ROWS, 19), **categories(rng, buckets * ROWS, 1, 20)}
        changed = "k0" if "swap" in case else "x3"
        if "swap" in case:
            values = np.array(columns["k0"].to_pylist(), dtype=object)
            # All of one value, 5 % of the rows, turns up as another.
            later = np.arange(len(values)) >= at
            values[later & (values == "v0")] = "v1"
            columns["k0"] = values
        else:
            columns["x3"][at:] += float(case.split()[0])
        table = pa.table(columns)
        result = backtest(
            table.slice(reference * ROWS),
            reference=table.slice(0, reference * ROWS),
            bucket=f"{ROWS}rows",
            budget="1 per 720 buckets",
        )
    told = [
        i.opened_bucket - CLEAN + 1
        for i in result.incidents
        if i.opened_bucket >= CLEAN and any(s.column == changed for s in i.streams)
    ]
    return min(told, default=np.inf)


def main() -> None:
    """Print medians against the limits; exit 1 if one is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    failed = False
    print("| change | seeds | median delay | worst | limit |")
    print("| --- | --: | --: | --: | --: |")
    for case, limit in LIMITS.items():
        delays = [delay(case, np.random.default_rng(seed)) for seed in range(given.seeds)]
        median = float(np.median(delays))
        failed |= median > limit
        print(f"| {case} | {given.seeds} | {median:g} | {max(delays):g} | {limit} |", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
