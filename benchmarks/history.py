"""What it costs to keep the history of columns, and how fast it is read back.

    python benchmarks/history.py                               a month of hours x 100 columns
    python benchmarks/history.py --columns 20 --buckets 168    another size

A model with a baseline of 400 hourly buckets, watched for a month of hours of 200 predictions.
Measured: bytes per judged bucket, what packing and reading add to judging one, and the time for a
course, a heat map and a distribution over all of it as JSON; limit 200 ms for the heat map. Then
the time to add late rows to the last bucket, and to judge again a day whose rows came a day late.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np

from detection_latency import BUCKETS, NOW, START, predictions, prepare
from watchkeeper.pipeline import Watch, read_distribution, read_heat_map, read_history
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.judging import Judge, Memory
from watchkeeper.pipeline.kept_profile import kept, pack, unpack
from watchkeeper.store import Store
from watchkeeper.watch import start, step

MODEL = "model-00"
ROWS = 200
MOST_SECONDS = 0.2


def best(call: Callable[[], object], *, times: int = 5) -> float:
    """Return the seconds of the fastest of some calls."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def size(store: Store, table: str, columns: str) -> float:
    """Return the bytes in some columns of a table."""
    lengths = " + ".join(f"coalesce(length({column}), 0)" for column in columns.split(","))
    with store._database.reading() as connection:
        return float(
            connection.exec_driver_sql(f"SELECT sum({lengths}) FROM {table}").scalar() or 0
        )


def added(store: Store) -> tuple[float, float]:
    """Return the seconds to judge a bucket, without what is kept of it and with it."""
    _, setup = load_setup(store, MODEL)
    baseline = setup.fitted()
    profiles = [unpack(k.profile) for k in store.kept_buckets.between(MODEL, 1, first=0, last=47)]
    judge = Judge(setup, baseline)

    def plain() -> None:
        state = start(baseline)
        for profile in profiles:
            state = step(baseline, state, profile).state

    def whole() -> None:
        memory = Memory(state=start(baseline), told={})
        for profile in profiles:
            if memory.is_due:
                memory.checkpoint()
            memory, _ = judge.judge(memory, profile, sequence=0)
            pack(kept(profile, baseline))

    return best(plain, times=3) / len(profiles), best(whole, times=3) / len(profiles)


def main() -> int:
    """Measure, print, and fail if the heat map comes too late."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--buckets", type=int, default=720)
    given = parser.parse_args()
    rng = np.random.default_rng(2)
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), [MODEL], given.columns)
        with Store.open(name) as store:
            for hour in range(BUCKETS, BUCKETS + given.buckets, 24):
                store.append_table(
                    MODEL, "prediction", predictions(rng, hour, 24, ROWS, given.columns)
                )
            store.seal()
            watch = Watch(store, MODEL)
            begun = time.perf_counter()
            judged = watch.advance(now=NOW, finish=True).buckets
            print(f"{judged} buckets judged in {time.perf_counter() - begun:.1f} s")
            for what, columns in (("profile", "profile"), ("readings", "readings")):
                print(f"{what}: {size(store, 'bucket_profiles', columns) / judged:,.0f} bytes each")
            states = store.checkpoints.indexes(MODEL, 1)
            print(f"{len(states)} states, {size(store, 'checkpoints', 'state'):,.0f} bytes in all")
            plain, whole = added(store)
            print(f"judging one: {1e3 * plain:.2f} ms, {1e3 * whole:.2f} ms with what is kept")
            heat = time_reads(store)
            late_rows(store, watch, rng, given.columns, given.buckets)
    met = heat <= MOST_SECONDS
    print(f"heat map limit {MOST_SECONDS} s {'met' if met else 'MISSED'}")
    return 0 if met else 1


def time_reads(store: Store) -> float:
    """Print how long views take, and return the time of the heat map."""
    begin = START + timedelta(hours=BUCKETS)
    encode = msgspec.json.encode
    views: dict[str, Callable[[], bytes]] = {
        "course of one column": lambda: encode(
            read_history(store, MODEL, start=begin, columns=["f0"])
        ),
        "courses of all": lambda: encode(read_history(store, MODEL, start=begin)),
        "heat map": lambda: encode(read_heat_map(store, MODEL, start=begin)),
        "distribution": lambda: encode(read_distribution(store, MODEL, "f0", start=begin)),
    }
    taken = {name: best(view) for name, view in views.items()}
    for name, view in views.items():
        print(f"{name}: {1e3 * taken[name]:.0f} ms, {len(view()):,} bytes")
    return taken["heat map"]


def late_rows(
    store: Store, watch: Watch, rng: np.random.Generator, columns: int, buckets: int
) -> None:
    """Print how long it takes to add late rows, and to judge a day again."""
    last = BUCKETS + buckets
    late = predictions(rng, last - 1, 1, ROWS // 4, columns)
    names = [f"late-{i}" for i in range(late.num_rows)]
    store.append_table(MODEL, "prediction", late.set_column(0, "prediction_id", [names]))
    begun = time.perf_counter()
    revised = watch.advance(now=NOW).revised
    print(f"late rows of {revised} bucket added in {1e3 * (time.perf_counter() - begun):.0f} ms")
    store.append_table(MODEL, "prediction", predictions(rng, last + 24, 25, ROWS, columns))
    watch.advance(now=NOW)
    store.append_table(MODEL, "prediction", predictions(rng, last, 24, ROWS, columns))
    begun = time.perf_counter()
    reopened = watch.advance(now=NOW).reopened
    print(f"{reopened} buckets reopened in {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
