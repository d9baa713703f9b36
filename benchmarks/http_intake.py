"""How many predictions a server makes durable per second, and how long a client waits.

    python benchmarks/http_intake.py                         1 million each, as JSON and as Arrow
    python benchmarks/http_intake.py --predictions 10000000  memory over ten million
    python benchmarks/http_intake.py --peers                 beside MLflow
    python benchmarks/http_intake.py --without-outliers      what scoring each prediction costs

A server process of its own (``watchkeeper serve``) over a store with a model that is watched, and
whose predictions are each scored for how odd they are, as they come; this
process sends batches of 500 predictions with 30 numbers over as many connections as ``--clients``,
each waiting for its acknowledgement before it sends the next. Every id is new. Meanwhile another
connection asks what the dashboard asks, four questions a second, and Prometheus' too. Beside it in
the same run: the store alone, called in this process by as many threads with the same batches,
already decoded; and, with ``--peers``, MLflow's tracking server (SQLite), installed into
``.bench/mlflow``, which gets the same 30 numbers of each prediction by its log-batch.

Limits, for the faster of JSON and Arrow: 50,000 predictions a second
and a 99th percentile of 250 ms; the server's memory grows by less than 20 % over the second half.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from mlflow_peer import MLFLOW, mlflow_intake
from watchkeeper.events import OperatingSettings, QualitySettings
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

BATCH, FEATURES = 500, 30
LEAST_RATE, MOST_MS, MOST_GROWTH = 50_000, 250.0, 0.2
REFERENCE_HOURS = 100
MARK = "00000000"
ASKED_EVERY_SECONDS = 0.25
QUESTIONS = (
    "/v1/pulse",
    "/v1/models",
    "/v1/models/m",
    "/v1/models/m/history",
    "/v1/models/m/heatmap",
    "/v1/models/m/service",
    "/v1/incidents?state=all",
    "/metrics",
)
TIME = datetime.now(UTC).replace(microsecond=0)
COMMAND = Path(sys.executable).with_name("watchkeeper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to send a batch; ``body`` has a mark of eight digits in every id."""

    name: str
    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What sending took."""

    rate: float
    p50_ms: float
    p99_ms: float
    asked: int
    asked_p95_ms: float
    megabytes: tuple[float, float]


def table() -> pa.Table:
    """Return a batch whose ids hold the mark."""
    rng = np.random.default_rng(0)
    columns = {
        "prediction_id": [f"{MARK}-{i:03d}" for i in range(BATCH)],
        "time": pa.array([TIME] * BATCH, pa.timestamp("us", "UTC")),
        "latency_seconds": rng.gamma(2, 0.01, BATCH).round(4),
        "output": rng.random(BATCH).round(6),
    }
    columns |= {f"feature:f{i}": rng.normal(size=BATCH).round(6) for i in range(FEATURES)}
    return pa.table(columns)


def formats() -> list[Format]:
    """Return the batch as JSON and as an Arrow stream."""
    batch = table()
    records = []
    for row in batch.to_pylist():
        features = {
            name.removeprefix("feature:"): value
            for name, value in row.items()
            if name.startswith("feature:")
        }
        plain = {name: value for name, value in row.items() if ":" not in name}
        records.append({"record": "prediction", "model": "m", "features": features, **plain})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_table(batch)
    return [
        Format(
            name="JSON",
            path="/v1/records",
            media_type="application/json",
            body=msgspec.json.encode({"records": records}),
        ),
        Format(
            name="Arrow",
            path="/v1/models/m/predictions",
            media_type="application/vnd.apache.arrow.stream",
            body=sink.getvalue().to_pybytes(),
        ),
    ]


def shared_out(
    batches: int, clients: int, work: Callable[[Callable[[], int | None]], None]
) -> None:
    """Run threads that take the numbers of batches until there are none left."""
    lock, numbers, faults = threading.Lock(), iter(range(batches)), []

    def following() -> int | None:
        with lock:
            return next(numbers, None)

    def guarded() -> None:
        try:
            work(following)
        except Exception as error:  # noqa: BLE001 - raised below, in the main thread
            faults.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def memory_mb(process: int) -> float:
    """Return a process's resident megabytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def over_http(form: Format, batches: int, clients: int, folder: Path, *, outliers: bool) -> Run:
    """Send batches to a server of its own, over a store whose model has a baseline."""
    prepare(folder, outliers=outliers)
    command = [str(COMMAND), "serve", str(folder), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    host, port = server.stdout.readline().split()[2].rstrip(",").removeprefix("http://").split(":")
    waited: list[float] = []
    memory: list[float] = []
    headers = {"Content-Type": form.media_type}

    def send(following: Callable[[], int | None]) -> None:
        connection = http.client.HTTPConnection(host, int(port))
        while (number := following()) is not None:
            body = form.body.replace(MARK.encode(), f"{number:08d}".encode())
            begun = time.perf_counter()
            connection.request("POST", form.path, body=body, headers=headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            waited.append(time.perf_counter() - begun)
            if answer.status != 200 or said["accepted"] != BATCH:
                raise SystemExit(f"the server answered {answer.status}: {said}")
            if number % max(batches // 20, 1) == 0:
                memory.append(memory_mb(server.pid))
        connection.close()

    done, asking = threading.Event(), Asking(host, int(port))
    asker = threading.Thread(target=asking.run, args=(done,))
    begun = time.perf_counter()
    asker.start()
    try:
        shared_out(batches, clients, send)
        seconds = time.perf_counter() - begun
    finally:
        done.set()
        asker.join()
        server.terminate()
        server.wait(60)
    if asking.refused:
        raise SystemExit(f"the server did not answer: {asking.refused[0]}")
    middle, end = max(memory[: len(memory) // 2 + 1]), max(memory[len(memory) // 2 :])
    p50, p99 = np.percentile(waited, [50, 99]) * 1_000
    asked = asking.waited or [0.0]
    return Run(
        rate=batches * BATCH / seconds,
        p50_ms=p50,
        p99_ms=p99,
        asked=len(asking.waited),
        asked_p95_ms=float(np.percentile(asked, 95)) * 1_000,
        megabytes=(middle, end),
    )


def prepare(folder: Path, *, outliers: bool) -> None:
    """Make a store whose model has a baseline of a hundred hours, so that it is watched."""
    start = TIME.replace(minute=0, second=0) - timedelta(hours=REFERENCE_HOURS)
    batch = table()
    with Store.open(folder) as store:
        for hour in range(REFERENCE_HOURS):
            ids = pa.array([f"reference-{hour}-{i}" for i in range(BATCH)])
            moment = start + timedelta(hours=hour)
            times = pa.array([moment] * BATCH, pa.timestamp("us", "UTC"))
            rows = batch.set_column(0, "prediction_id", ids).set_column(1, "time", times)
            store.append_table("m", "prediction", rows)
        store.seal()
        set_baseline(
            store,
            "m",
            Plan(bucketing=Bucketing.parse("1h")),
            until=start + timedelta(hours=REFERENCE_HOURS - 10),
            budget="1 per 30d",
            note="",
            actor="benchmark",
            now=TIME,
        )
        if not outliers:
            off = OperatingSettings(quality=QualitySettings(outliers=False))
            store.operating.put("m", off, actor="benchmark", now=TIME)


class Asking:
    """A dashboard that is looked at: asks a few questions a second, one after the other.

    Attributes
    ----------
    waited
        Seconds of each answer.
    refused
        Answers other than 200.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.waited: list[float] = []
        self.refused: list[str] = []

    def run(self, done: threading.Event) -> None:
        """Ask until told that it is done."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=60)
        for path in itertools.cycle(QUESTIONS):
            begun = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            said = answer.read()
            self.waited.append(time.perf_counter() - begun)
            if answer.status != 200:
                self.refused.append(f"{path}: {answer.status} {said[:200]!r}")
            if done.wait(ASKED_EVERY_SECONDS):
                break
        connection.close()


def store_alone(batches: int, clients: int, folder: Path) -> float:
    """Return predictions per second of the store, called with the same tables."""
    batch = table()
    with Store.open(folder) as store:

        def append(following: Callable[[], int | None]) -> None:
            while (number := following()) is not None:
                ids = pa.array([f"{number:08d}-{i:03d}" for i in range(BATCH)])
                store.append_table("m", "prediction", batch.set_column(0, "prediction_id", ids))

        begun = time.perf_counter()
        shared_out(batches, clients, append)
        return batches * BATCH / (time.perf_counter() - begun)


def main() -> int:
    """Measure, print, and fail if a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--predictions", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--peers", action="store_true", help="beside MLflow")
    parser.add_argument("--without-outliers", action="store_true", help="predictions not scored")
    parser.add_argument("--only", choices=["JSON", "Arrow"], help="one format")
    given = parser.parse_args()
    batches = max(1, given.predictions // BATCH)
    best: Run | None = None
    print(
        "| by | predictions/s | p50 ms | p99 ms | questions | their p95 ms"
        " | server MB, half way | at the end |"
    )
    print("| --- | --: | --: | --: | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        for form in formats():
            if given.only not in {None, form.name}:
                continue
            run = over_http(
                form,
                batches,
                given.clients,
                Path(name) / form.name,
                outliers=not given.without_outliers,
            )
            half, end = run.megabytes
            print(
                f"| {form.name} | {run.rate:,.0f} | {run.p50_ms:.1f} | {run.p99_ms:.1f} |"
                f" {run.asked} | {run.asked_p95_ms:.0f} | {half:.0f} | {end:.0f} |",
                flush=True,
            )
            best = run if best is None or run.rate > best.rate else best
        alone = store_alone(batches, given.clients, Path(name) / "alone")
        print(f"| the store alone, Arrow | {alone:,.0f} | | | | | | |")
        if given.peers:
            peer = mlflow_intake(Path(name) / "mlflow", given.clients)
            print(f"| MLflow {MLFLOW}, log-batch | {peer:,.0f} | | | | | | |")
    assert best is not None
    half, end = best.megabytes
    met = best.rate >= LEAST_RATE and best.p99_ms <= MOST_MS and end <= half * (1 + MOST_GROWTH)
    print(f"limits {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
