"""How long after its bucket closed an incident is open, for many models that close at once.

    python benchmarks/detection_latency.py                          50 models of 50 columns
    python benchmarks/detection_latency.py --models 10 --columns 20

A server process (``watchkeeper serve``) over a store in which every model has a baseline of 400
hourly buckets. Each model is sent two hours of 1,000 predictions in which one column moved by three
deviations, then all of them, one after the other, the first prediction of the hour after, which
closes the second bucket: the worst case, since all close within a second. Measured for each model
is the time from the acknowledgement of that prediction until the incident lies in the store; limit
5 s for the last. Beside it, how long it took to send.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.pipeline import Plan, set_baseline, stored_incidents
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

BUCKETS, REFERENCE_ROWS, ROWS = 400, 100, 1_000
MOST_SECONDS = 5.0
COMMAND = Path(sys.executable).with_name("watchkeeper")
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
START = NOW - timedelta(hours=BUCKETS + 2)


def predictions(
    rng: np.random.Generator, hour: int, hours: int, rows: int, columns: int, *, moved: float = 0.0
) -> pa.Table:
    """Return some hours' predictions, of which the first column moved."""
    count = hours * rows
    seconds = np.repeat(np.arange(hour, hour + hours), rows) * 3_600 + np.tile(
        np.arange(rows) * (3_600 // rows if rows < 3_600 else 1), hours
    )
    times = np.datetime64(START.replace(tzinfo=None), "us") + seconds.astype("timedelta64[s]")
    table = {
        "prediction_id": [f"{hour}-{i}" for i in range(count)],
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "latency_seconds": rng.gamma(2, 0.01, count),
        "output": rng.random(count),
    }
    table |= {f"feature:f{i}": rng.normal(size=count) for i in range(columns)}
    table["feature:f0"] = table["feature:f0"] + moved
    return pa.table(table)


def prepare(folder: Path, models: list[str], columns: int) -> None:
    """Fit one baseline and give it to all models, whose past is alike."""
    rng = np.random.default_rng(0)
    with Store.open(folder) as store:
        reference = predictions(rng, 0, BUCKETS, REFERENCE_ROWS, columns)
        store.append_table(models[0], "prediction", reference)
        set_baseline(
            store,
            models[0],
            Plan(bucketing=Bucketing.parse("1h")),
            until=START + timedelta(hours=BUCKETS),
            budget="1 per 30d",
            note="",
            actor="benchmark",
            now=NOW,
        )
        _, setup = load_setup(store, models[0])
        for model in models[1:]:
            own = msgspec.msgpack.encode(msgspec.structs.replace(setup, model=model))
            store.watch_log.save_baseline(model, own, note="", actor="benchmark", now=NOW)


def send(http: httpx.Client, model: str, table: pa.Table) -> None:
    """Return once the server has a table."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    http.post(
        f"/v1/models/{model}/predictions",
        content=sink.getvalue().to_pybytes(),
        headers={"Content-Type": "application/vnd.apache.arrow.stream"},
    ).raise_for_status()


def measure(folder: Path, models: list[str], columns: int) -> dict[str, float]:
    """Return the seconds from each model's closing prediction to its incident."""
    command = [str(COMMAND), "serve", str(folder), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().split()[2].rstrip(",")
    rng = np.random.default_rng(1)
    try:
        with httpx.Client(base_url=url, timeout=60) as http, Store.open(folder) as store:
            for model in models:
                send(http, model, predictions(rng, BUCKETS, 2, ROWS, columns, moved=3.0))
            time.sleep(10)
            begun = time.monotonic()
            closed: dict[str, float] = {}
            for model in models:
                send(http, model, predictions(rng, BUCKETS + 2, 1, 1, columns))
                closed[model] = time.monotonic()
            print(f"sent to {len(models)} models in {time.monotonic() - begun:.2f} s", flush=True)
            found: dict[str, float] = {}
            while len(found) < len(models) and time.monotonic() - begun < 120:
                for model in models:
                    if model not in found and any(stored_incidents(store, model, 1)):
                        found[model] = max(0.0, time.monotonic() - closed[model])
                time.sleep(0.05)
            return found
    finally:
        server.terminate()
        server.wait(60)


def main() -> int:
    """Measure, print, and fail if the last incident comes too late."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--columns", type=int, default=50)
    given = parser.parse_args()
    models = [f"model-{i:02d}" for i in range(given.models)]
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), models, given.columns)
        found = measure(Path(name), models, given.columns)
    missing = len(models) - len(found)
    if found:
        p50, most = np.percentile(list(found.values()), [50, 100])
        print(f"incident open after: median {p50:.2f} s, last {most:.2f} s; limit {MOST_SECONDS} s")
    if missing:
        print(f"{missing} models without an incident")
    met = not missing and max(found.values()) <= MOST_SECONDS
    print(f"limit {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
