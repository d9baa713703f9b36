"""A full disk: what was acknowledged is there, the server stays up, and goes on when it can.

    python benchmarks/full_disk.py              as root: three times, on a small disk in memory

The store lies on a tmpfs of 512 MB. Four connections send batches of 100 predictions; a batch that
is answered by 503 is sent again, as a client would. A file of ballast fills the disk, is removed,
and fills it again. Every 503 must bring Retry-After, ``/healthz`` must answer all the while,
``/readyz`` must say no while there is no room; in the end every acknowledged prediction is in the
store once, and the audit log holds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.store import Store

BATCH, CLIENTS, MEGABYTES = 100, 4, 512
REFUSED, FULL_SECONDS, ROOM_SECONDS = 20, 60.0, 3.0
COMMAND = Path(sys.executable).with_name("watchkeeper")
TIME = datetime.now(UTC).replace(microsecond=0).isoformat()


class Sending:
    """Clients that send until told that it is done."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.done = threading.Event()
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait for the clients."""
        self.done.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        count = 0
        while not self.done.is_set():
            batch = f"{number}-{count}"
            status, headers = self._post(connection, batch)
            self.answers[status] += 1
            if status == 200:
                self.acknowledged.append(batch)
                count += 1
            elif status != 503 or "retry-after" not in headers:
                self.faults.append(f"batch {batch} was answered {status}, {headers}")
            else:
                time.sleep(0.05)
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, batch: str) -> tuple[int, set[str]]:
        records = [
            {
                "record": "prediction",
                "model": "m",
                "prediction_id": f"{batch}-{i}",
                "time": TIME,
                "features": {"i": float(i), "note": os.urandom(100).hex()},
                "output": i / BATCH,
            }
            for i in range(BATCH)
        ]
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/records", json.dumps({"records": records}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower() for name, _ in answer.getheaders()}


def asked(port: int, path: str) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def filled(disk: Path) -> Path:
    """Take all the room that is left."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("ab") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    return ballast


def round_of(disk: Path, port: int, sending: Sending) -> None:
    """Fill the disk, look, and make room again."""
    ballast = filled(disk)
    before = sending.answers[503]
    until = time.monotonic() + FULL_SECONDS
    # Pages of the journal that are free again are used first.
    while sending.answers[503] < before + REFUSED and time.monotonic() < until:
        if asked(port, "/healthz") != 200:
            sending.faults.append("/healthz did not answer while the disk was full")
        if asked(port, "/readyz") != 503:
            sending.faults.append("/readyz said yes while the disk was full")
        filled(disk)  # what sealing gave back
        time.sleep(0.2)
    refused, kept = sending.answers[503] - before, sending.answers[200]
    ballast.unlink()
    time.sleep(ROOM_SECONDS)
    went_on = sending.answers[200] - kept
    print(f"| {refused} | {went_on} |", flush=True)
    if not refused:
        sending.faults.append("nothing was refused: the disk was not full")
    if not went_on:
        sending.faults.append("it did not go on when there was room")


def lost(folder: Path, acknowledged: list[str]) -> list[str]:
    """Return what is wrong with the store."""
    with Store.open(folder, create=False) as store:
        seen = Counter(store.predictions("m")["prediction_id"].to_pylist())
        found = [] if store.audit.verify().holds else ["the audit log does not hold"]
    found += [f"{key} is there {n} times" for key, n in seen.items() if n > 1]
    return found + [
        f"the acknowledged {batch} is not there"
        for batch in acknowledged
        if any(f"{batch}-{i}" not in seen for i in range(BATCH))
    ]


def main() -> int:
    """Fill, look, and fail if anything is lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        disk = Path(name)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", name]
        if subprocess.run(mount).returncode:
            raise SystemExit("this mounts a small disk, which needs root")
        try:
            return measured(disk, given.rounds)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


def measured(disk: Path, rounds: int) -> int:
    """Run the rounds against a server on this disk."""
    folder = disk / "store"
    with (disk.parent / f"{disk.name}.log").open("w") as log:
        command = [str(COMMAND), "serve", str(folder), "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout is not None
        port = int(server.stdout.readline().split()[2].rstrip(",").rpartition(":")[2])
        sending = Sending(port)
        print("| batches refused while full | kept within 3 s of room |\n| --: | --: |")
        try:
            for _ in range(rounds):
                time.sleep(1)
                round_of(disk, port, sending)
        finally:
            sending.end()
            alive = server.poll() is None
            server.terminate()
            server.wait(60)
    found = sending.faults + lost(folder, sending.acknowledged)
    if not alive:
        found.append("the process ended")
    print(f"{len(sending.acknowledged) * BATCH:,} predictions acknowledged")
    for fault in found[:20]:
        print(f"  {fault}")
    print(f"nothing lost, doubled or wrong: {'yes' if not found else 'NO'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
