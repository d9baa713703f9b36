"""What the SDK adds to the caller of ``log_prediction``, with 30 features.

Run ``python benchmarks/sdk_overhead.py``. Prints microseconds per call, p50 and p99, against the
limit of 20 microseconds at p50. The familiar peer beside it: ``logging.info`` with the same dict as
JSON, written to a file.

The calls are paced, as a service's are, so that the delivery thread works meanwhile; a second line
gives the figures for calls back to back, where both threads compete for the interpreter.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from watchkeeper import Client

LIMIT_MICROSECONDS = 20.0
CALLS = 20_000
PAUSE_SECONDS = 0.0002


def features_of_a_prediction() -> dict[str, object]:
    """Return 20 numbers, 5 texts, 3 booleans and 2 nulls."""
    numbers: dict[str, object] = {f"number_{i}": i * 1.5 for i in range(20)}
    texts: dict[str, object] = {f"text_{i}": f"category {i}" for i in range(5)}
    booleans: dict[str, object] = {f"flag_{i}": i % 2 == 0 for i in range(3)}
    return numbers | texts | booleans | {"missing_0": None, "missing_1": None}


def measure(call: Callable[[], object], calls: int, pause_seconds: float) -> tuple[float, float]:
    """Return p50 and p99 of one call in microseconds."""
    clock = time.perf_counter_ns
    durations = []
    for _ in range(calls):
        begun = clock()
        call()
        durations.append(clock() - begun)
        if pause_seconds:
            time.sleep(pause_seconds)
    durations.sort()
    return durations[calls // 2] / 1000, durations[int(calls * 0.99)] / 1000


def main() -> int:
    """Measure, print, and fail if the limit is missed."""
    features = features_of_a_prediction()
    figures: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        with Client(Path(folder) / "store", model="bench", queue_size=2 * CALLS) as client:
            client.log_prediction(features, 0.5)
            client.flush(60)
            for name, pause_seconds in (("paced", PAUSE_SECONDS), ("back to back", 0.0)):
                figures[f"log_prediction, {name}"] = measure(
                    lambda: client.log_prediction(features, 0.5, entity="user 1"),
                    CALLS,
                    pause_seconds,
                )
                client.flush(60)
            stats = client.stats()
        log = logging.getLogger("peer")
        log.setLevel(logging.INFO)
        log.propagate = False
        target = logging.FileHandler(Path(folder) / "peer.log")
        log.addHandler(target)
        for name, pause_seconds in (("paced", PAUSE_SECONDS), ("back to back", 0.0)):
            figures[f"logging.info + json.dumps, {name}"] = measure(
                lambda: log.info(json.dumps(features)), CALLS, pause_seconds
            )
        target.close()
    print(f"{CALLS} calls, 30 features, Python {sys.version.split()[0]}, {os.cpu_count()} CPUs")
    print(f"{'':45}{'p50 us':>10}{'p99 us':>10}")
    for name, (p50, p99) in figures.items():
        print(f"{name:45}{p50:10.2f}{p99:10.2f}")
    print(
        f"logged {stats.logged}, sent {stats.sent}, dropped {stats.dropped}, "
        f"rejected {stats.rejected}, queued {stats.queued}; last error: {stats.last_error}"
    )
    p50 = figures["log_prediction, paced"][0]
    met = p50 < LIMIT_MICROSECONDS and stats.sent == stats.logged
    print(f"limit {LIMIT_MICROSECONDS:g} us at p50, nothing lost: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
