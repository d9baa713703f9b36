"""A wall clock that is set under a running server: nothing lost, no order broken, nobody silent.

    apt-get install faketime && python benchmarks/clock_jump.py

The server runs under libfaketime, whose control file sets its wall clock two days ahead, then two
days and twelve hours back, then right again, while a watched model sends predictions with the true
time. No request may fail, no incident may open, the process must live, entries must lie in the
order they were acknowledged in, and the audit log must hold. (A clock that is more than a day
behind refuses what is right as lying in the future, with 422: no server can know better.)
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

COMMAND = Path(sys.executable).with_name("watchkeeper")
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
JUMPS = ("+0", "+2d", "-12h", "+0")
SECONDS, PAUSE = 8.0, 0.02
REFERENCE_HOURS = 200


def prepare(folder: Path) -> None:
    """Make a store with a model that is watched hour by hour, up to now."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=REFERENCE_HOURS)
    rng = np.random.default_rng(0)
    size = REFERENCE_HOURS * 60
    times = [start + timedelta(minutes=i) for i in range(size)]
    table = pa.table(
        {
            "prediction_id": [f"reference-{i}" for i in range(size)],
            "time": pa.array(times, pa.timestamp("us", "UTC")),
            "feature:x": rng.normal(size=size),
            "output": rng.random(size),
        }
    )
    with Store.open(folder) as store:
        store.append_table("m", "prediction", table)
        set_baseline(
            store,
            "m",
            Plan(bucketing=Bucketing.parse("1h")),
            until=end,
            budget="1 per 30d",
            note="",
            actor="benchmark",
            now=end,
        )


class Client:
    """Sends one prediction at a time, and notes what is wrong."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._rng = np.random.default_rng(1)
        self.sent: list[str] = []
        self.faults: list[str] = []

    def send_for(self, seconds: float) -> None:
        """Send until the time is over; the true one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            key = f"p{len(self.sent)}"
            record = {
                "record": "prediction",
                "model": "m",
                "prediction_id": key,
                "time": datetime.now(UTC).isoformat(),
                "features": {"x": float(self._rng.normal())},
                "output": float(self._rng.random()),
            }
            status, said = self.ask("POST", "/v1/records", {"records": [record]})
            if status == 200:
                self.sent.append(key)
            else:
                self.faults.append(f"answered {status}: {said}")
            time.sleep(PAUSE)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        """Return the status and what was said."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def faults_of(folder: Path, sent: list[str]) -> list[str]:
    """Return what is wrong with the store."""
    with Store.open(folder, create=False) as store:
        rows = store.predictions("m").sort_by("sequence")["prediction_id"].to_pylist()
        found = [] if store.audit.verify().holds else ["the audit log does not hold"]
    kept = [key for key in rows if key.startswith("p")]
    return found if kept == sent else [*found, "not what was acknowledged, in its order"]


def main() -> int:
    """Set the clock, and fail if anyone noticed."""
    if not LIBRARIES:
        raise SystemExit("libfaketime is missing: apt-get install faketime")
    with tempfile.TemporaryDirectory() as name:
        folder, control = Path(name) / "store", Path(name) / "clock"
        prepare(folder)
        control.write_text(JUMPS[0] + "\n")
        environment = {
            **os.environ,
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(control),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        command = [str(COMMAND), "serve", str(folder), "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        line = server.stdout.readline()
        client = Client(int(line.split()[2].rstrip(",").rpartition(":")[2]))
        try:
            for jump in JUMPS:
                control.write_text(jump + "\n")
                client.send_for(SECONDS)
                _, incidents = client.ask("GET", "/v1/incidents")
                told = incidents["incidents"] if isinstance(incidents, dict) else []
                print(f"clock {jump}: {len(client.sent):,} sent, {len(told)} incidents", flush=True)
                if told:
                    client.faults.append(f"an incident opened with the clock at {jump}: {told[0]}")
            if client.ask("GET", "/readyz")[0] != 200 or server.poll() is not None:
                client.faults.append("the server is not ready")
        finally:
            server.terminate()
            server.wait(60)
        found = client.faults + faults_of(folder, client.sent)
    for fault in found[:10]:
        print(f"  {fault}")
    print(f"nothing lost, out of order or told: {'yes' if not found else 'NO'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
