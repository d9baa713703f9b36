"""How long it takes to read an old day with its labels, by how long the history is.

    python benchmarks/late_labels.py                     2,000 predictions a day
    python benchmarks/late_labels.py --rows 500

Stores of 100 and of 400 days. Of five labels four come within half a day, the others after ten
days on average. Told is the processor time of reading the eleventh day, the median of five, before
and after it was noted on which days its labels lie, which the first measuring does; and of the
totals of all 100 days. Exit code 1 if the longer history makes a read 1.5 times as long.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline.quality import QualityRollup, performance
from watchkeeper.store import DAY, Kind, Store

MODEL = "m"
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
START = int(BEGIN.timestamp())
HISTORIES = (100, 400)
OLD = 10
AT_ONCE = 20
KINDS: tuple[tuple[Kind, int], ...] = (("prediction", 0), ("outcome", 1))
MOST_TIMES = 1.5


def days(count: int, rows: int) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield the predictions of each day, and the outcomes that came on it."""
    rng = np.random.default_rng(0)
    ids, due, labels = np.zeros(0, "U16"), np.zeros(0), np.zeros(0, bool)
    for day in range(count):
        times = np.sort(rng.random(rows)) + day
        new = np.array([f"{number:016x}" for number in rng.integers(0, 2**62, rows)])
        scores = rng.beta(2.0, 5.0, rows)
        late = rng.random(rows) < 0.2
        delays = np.where(late, rng.exponential(10.0, rows), rng.random(rows) / 2)
        ids, due = np.concatenate([ids, new]), np.concatenate([due, times + delays])
        labels = np.concatenate([labels, rng.random(rows) < scores])
        came = due < day + 1
        yield (
            pa.table({"prediction_id": new.tolist(), "time": moments(times), "output": scores}),
            pa.table(
                {
                    "prediction_id": ids[came].tolist(),
                    "time": moments(due[came]),
                    "label": labels[came],
                }
            ),
        )
        ids, due, labels = ids[~came], due[~came], labels[~came]


def moments(since: np.ndarray) -> pa.Array:
    """Return times so many days after the begin."""
    return pa.array(((START + since * DAY) * 1e6).astype(np.int64), pa.timestamp("us", "UTC"))


def seconds(run: Callable[[], object]) -> float:
    """Return the median processor time of five runs, after one that is not counted."""
    run()
    taken = []
    for _ in range(5):
        begin = time.process_time()
        run()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def main() -> int:
    """Measure, print, and say whether the limit holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000)
    rows = parser.parse_args().rows
    noted: list[float] = []
    for count in HISTORIES:
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
            made = list(days(count, rows))
            for first in range(0, count, AT_ONCE):
                part = made[first : first + AT_ONCE]
                for kind, place in KINDS:
                    table = pa.concat_tables([tables[place] for tables in part])
                    store.append_table(MODEL, kind, table)
            store.seal(now=datetime.now(UTC))

            def read(store: Store = store) -> pa.Table:
                start = START + OLD * DAY
                return store.quality.rows.labelled(
                    MODEL, ("output",), start=start, end=start + DAY, up_to=None
                )

            before, table = seconds(read), read()
            QualityRollup(store).advance()
            after = seconds(read)
            assert read().equals(table)
            noted.append(after)
            print(f"{count} days of {rows:,}: {before:.3f} s from all files, {after:.3f} s noted")
            if count == HISTORIES[0]:
                now = datetime.fromtimestamp(START + count * DAY, UTC)
                begin = time.process_time()
                found = performance(store, MODEL, now=now, start=BEGIN, end=now, exact=True)
                taken = time.process_time() - begin
                print(f"totals of {found.totals[0].labelled:,} labelled rows: {taken:.1f} s")
    return 1 if noted[-1] > MOST_TIMES * noted[0] else 0


if __name__ == "__main__":
    sys.exit(main())
