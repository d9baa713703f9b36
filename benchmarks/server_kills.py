"""Kill -9 of a server under load, again and again: all that was acknowledged is there, once.

    python benchmarks/server_kills.py              50 kills
    python benchmarks/server_kills.py --kills 5

Eight connections send batches of 50 predictions and their outcomes; whenever the server does not
answer, the batch is sent again, to the next server, as a client would. The server is killed after
a random time between 0.3 and 1.5 s and started anew over the same store. In the end the
store is read: every acknowledged prediction must be there exactly once with its outcome and as it
was sent, the audit log must hold, and nothing may be there that was never sent.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.store import Store

BATCH, CLIENTS = 50, 8
COMMAND = Path(sys.executable).with_name("watchkeeper")
TIME = datetime.now(UTC).replace(microsecond=0).isoformat()


class Server:
    """A server process that comes back at another port after it was killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start a process and learn its port."""
        command = [str(COMMAND), "serve", str(self._folder), "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().split()[2].rstrip(",").rpartition(":")[2])

    def kill(self) -> None:
        """End the process without a warning."""
        self._process.kill()
        self._process.wait()


def body(batch: str) -> bytes:
    """Return predictions and outcomes whose values follow from their ids."""
    records = []
    for i in range(BATCH):
        key = f"{batch}-{i}"
        records.append(
            {
                "record": "prediction",
                "model": "m",
                "prediction_id": key,
                "time": TIME,
                "features": {"i": float(i), "batch": batch},
                "output": i / BATCH,
            }
        )
        records.append(
            {
                "record": "outcome",
                "model": "m",
                "prediction_id": key,
                "time": TIME,
                "label": i % 2 == 0,
            }
        )
    return json.dumps({"records": records}).encode()


def client(
    number: int, server: Server, done: threading.Event, acknowledged: list[str], sent: list[str]
) -> None:
    """Send batch after batch, each until it is acknowledged."""
    count = 0
    while not done.is_set():
        batch, count = f"{number}-{count}", count + 1
        sent.append(batch)
        content = body(batch)
        while not done.is_set():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/v1/records", content, headers)
                answer = connection.getresponse()
                said = json.loads(answer.read())
                connection.close()
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.02)
                continue
            if answer.status == 200 and said["accepted"] + said["duplicates"] == 2 * BATCH:
                acknowledged.append(batch)
                break


def faults(folder: Path, acknowledged: list[str], sent: list[str]) -> list[str]:
    """Return what is wrong with the store."""
    found = []
    with Store.open(folder, create=False) as store:
        rows = store.predictions("m").to_pylist()
        if not store.audit.verify().holds:
            found.append("the audit log does not hold")
    seen: dict[str, int] = {}
    for row in rows:
        seen[row["prediction_id"]] = seen.get(row["prediction_id"], 0) + 1
        batch, _, i = row["prediction_id"].rpartition("-")
        right = row["feature:i"] == float(i) and row["feature:batch"] == batch
        if not right or row["label"] != (int(i) % 2 == 0):
            found.append(f"{row['prediction_id']} is not as it was sent")
    lost = [b for b in acknowledged if any(f"{b}-{i}" not in seen for i in range(BATCH))]
    found += [f"the acknowledged batch {batch} is not there" for batch in lost]
    found += [f"{key} is there {n} times" for key, n in seen.items() if n > 1]
    known = set(sent)
    found += [f"{key} was never sent" for key in seen if key.rpartition("-")[0] not in known]
    return found


def main() -> int:
    """Kill, read, and fail if anything is lost, doubled or wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    given = parser.parse_args()
    rng = random.Random(0)
    done, acknowledged, sent = threading.Event(), [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        server = Server(folder)
        threads = [
            threading.Thread(target=client, args=(n, server, done, acknowledged, sent))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for _ in range(given.kills):
            time.sleep(rng.uniform(0.3, 1.5))
            server.kill()
            server.start()
        done.set()
        for thread in threads:
            thread.join()
        server.kill()
        found = faults(folder, acknowledged, sent)
    count = len(acknowledged) * BATCH
    print(f"{given.kills} kills, {count:,} predictions acknowledged with their outcomes")
    for fault in found[:20]:
        print(f"  {fault}")
    print(f"nothing lost, doubled or wrong: {'yes' if not found else 'NO'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
