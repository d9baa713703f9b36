"""Processes that write to a store until they are killed.

One process loads what is needed and then forks a writer for every line it reads, so that a dozen
of them do not each take a second to start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_NURSERY = """
import os, sys, threading, time, warnings
from datetime import UTC, datetime, timedelta
warnings.simplefilter("ignore", DeprecationWarning)
import duckdb, pyarrow.parquet
from watchkeeper.errors import BusyError
from watchkeeper.events import Outcome, Prediction
from watchkeeper.store import Store
import watchkeeper.store.sealing, watchkeeper.store.reading

START = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 20

def batch(names):
    for name in names:
        time = START + timedelta(minutes=37 * (hash(name) % 200))
        features = {"x": 1.0, "name": name}
        yield Prediction(model="m", prediction_id=name, time=time, features=features)
        yield Outcome(model="m", prediction_id=name, time=time, label=name)

def append(store, prefix, rounds):
    for n in range(rounds):
        names = [f"{prefix}-{n}-{i}" for i in range(SIZE)]
        receipt = store.append(list(batch(names)))
        os.write(1, f"{prefix}-{n} {receipt.accepted} {receipt.duplicates}\\n".encode())

def run(folder, name, threads, rounds, seals):
    store = Store.open(folder)
    prefixes = [f"{name}.{thread}" for thread in range(threads)]
    writers = [threading.Thread(target=append, args=(store, p, rounds)) for p in prefixes]
    for writer in writers:
        writer.start()
    while seals and any(writer.is_alive() for writer in writers):
        store.seal()
    for writer in writers:
        writer.join()
    store.close()

for line in sys.stdin:
    folder, name, threads, rounds, seals = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        run(folder, name, int(threads), int(rounds), seals == "True")
        os._exit(0)
    os.write(1, f"pid {child}\\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(1, f"end {status}\\n".encode())
"""

BATCH = 20
"""Predictions in an acknowledged batch; each has an outcome besides."""


class Nursery:
    """Starts writers, one at a time, and tells what they acknowledged."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )

    def start(
        self, folder: Path, name: str, *, threads: int = 2, rounds: int = 1_000_000, seals: bool
    ) -> int:
        """Start a writer and return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\t{name}\t{threads}\t{rounds}\t{seals}\n")
        self._process.stdin.flush()
        acknowledged = ""
        while not acknowledged.startswith("pid "):
            acknowledged = self._line()
        return int(acknowledged.split()[1])

    def first_acknowledgement(self) -> str:
        """Wait for the writer's next batch to be acknowledged, and return its name."""
        return self._line().split()[0]

    def ended(self) -> tuple[list[str], int]:
        """Wait until the writer ends; return the batches acknowledged meanwhile, and its status."""
        batches = []
        while not (line := self._line()).startswith("end "):
            batches.append(line.split()[0])
        return batches, int(line.split()[1])

    def close(self) -> None:
        """End; no writer may be running."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery died"
        return line
