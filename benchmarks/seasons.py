"""A clean year of weather-like data, and one with a fault, after one year of reference.

    python benchmarks/seasons.py [--seeds 10] [--hourly]

Four columns (see `scenarios.weather`), daily or hourly buckets of 24 rows, budget 1 per 30 days, so
12.2 false alarms a year are accepted. The fault: one column reads 0.65 of its deviation too high
from some day on; found when an incident that names it opens within 14 days. Beside it, in the
same run: days on which a Kolmogorov-Smirnov test of the day against the whole reference says drift
in any column at 5 %, Bonferroni over columns, which is what testing without seasons gives.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

import numpy as np
import pyarrow as pa
from scipy.stats import ks_2samp

from scenarios import START, times, weather
from watchkeeper import backtest

ROWS, DAYS = 24, 730
REFERENCE = START + timedelta(days=365)
ACCEPTED = 365 / 30
FOUND_DAYS, FOUND_PART = 14, 0.5


def watched(columns: dict[str, np.ndarray], *, hourly: bool) -> list[tuple[float, set[str]]]:
    """Return the day (after the reference) and the columns of each incident."""
    length = timedelta(hours=1) if hourly else timedelta(days=1)
    buckets = DAYS * (24 if hourly else 1)
    table = pa.table({**columns, "time": times(buckets, ROWS, length)})
    result = backtest(
        table,
        time="time",
        reference_until=REFERENCE,
        bucket="1h" if hourly else "1d",
        budget="1 per 30d",
    )
    per_day = 24 if hourly else 1
    return [(i.opened_bucket / per_day, {s.column for s in i.streams}) for i in result.incidents]


def main() -> None:
    """Print false alarms and delays; exit 1 if a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--hourly", action="store_true")
    given = parser.parse_args()
    clean, delays, peer = [], [], []
    per_day = 24 if given.hourly else 1
    for seed in range(given.seeds):
        columns = weather(np.random.default_rng(seed), DAYS, hourly=given.hourly, rows=ROWS)
        clean.append(len(watched(columns, hourly=given.hourly)))
        first = 365 * per_day * ROWS
        day_rows = per_day * ROWS
        peer.append(
            sum(
                any(
                    ks_2samp(
                        v[:first:97], v[first + d * day_rows : first + (d + 1) * day_rows]
                    ).pvalue
                    < 0.05 / 4
                    for v in columns.values()
                )
                for d in range(0, 365, 5)
            )
            * 5
        )
        onset = 60 + 37 * seed % 240
        at = first + onset * day_rows
        fault = columns["temperature"].copy()
        fault[at:] += 0.65 * fault[:first].std()
        incidents = watched({**columns, "temperature": fault}, hourly=given.hourly)
        found = [d - onset for d, names in incidents if d >= onset and "temperature" in names]
        delays.append(min(found, default=np.inf))
        print(f"  seed {seed}: clean {clean[-1]}, fault after {delays[-1]:.1f} d", file=sys.stderr)
    part = float(np.mean([d <= FOUND_DAYS for d in delays]))
    mean = float(np.mean(clean))
    kind = "hourly" if given.hourly else "daily"
    print(
        "| buckets | seeds | false alarms a year | accepted | found in 14 d | median | peer: days |"
    )
    print("| --- | --: | --: | --: | --: | --: | --: |")
    print(
        f"| {kind} | {given.seeds} | {mean:.1f} | {ACCEPTED:.1f} | {part:.0%} |"
        f" {np.median(delays):.1f} d | {np.mean(peer):.0f} of 365 |"
    )
    sys.exit(mean > ACCEPTED or part < FOUND_PART)


if __name__ == "__main__":
    main()
