"""MLflow's tracking server as a peer of intake: how many predictions of 30 numbers it takes.

    python benchmarks/mlflow_peer.py

It is installed into ``.bench/mlflow`` the first time, and runs on loopback over SQLite. One
prediction is 30 metrics of one step; a request carries as many as log-batch allows, 1,000 metrics.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MLFLOW = "3.17"
HOME = Path(".bench") / "mlflow"
FEATURES, METRICS = 30, 1_000
SECONDS = 10.0
_STARTS_WITHIN_SECONDS = 120.0


def mlflow_intake(folder: Path, clients: int) -> float:
    """Return predictions a second: the better of one connection and ``clients``, ten seconds each.

    Each connection has a run of its own.
    """
    python = _installed()
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        command = [
            str(python.with_name("mlflow")),
            "server",
            f"--backend-store-uri=sqlite:///{folder.resolve() / 'mlflow.db'}",
            f"--artifacts-destination={folder.resolve() / 'artifacts'}",
            "--host=127.0.0.1",
            f"--port={port}",
            "--workers=1",
        ]
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            _await(port)
            return max(_sent(port, 1), _sent(port, clients))
        finally:
            os.killpg(server.pid, signal.SIGTERM)  # its workers too
            server.wait(60)


def _installed() -> Path:
    python = HOME / "bin" / "python"
    if not python.with_name("mlflow").exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "-p", sys.executable, str(HOME)], check=True)
        install = [uv, "pip", "install", "--quiet", "-p", str(python), f"mlflow=={MLFLOW}.*"]
        subprocess.run(install, check=True)
    return python


def _await(port: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise SystemExit("MLflow did not start; see its log")
        time.sleep(0.5)


def _sent(port: int, clients: int) -> float:
    until = time.monotonic() + SECONDS
    counts = [0] * clients

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        asked = {"experiment_id": "0", "start_time": int(time.time() * 1_000)}
        run = _post(connection, "runs/create", asked)["run"]["info"]["run_id"]
        step = 0
        while time.monotonic() < until:
            at = int(time.time() * 1_000)
            rows = METRICS // FEATURES
            metrics = [
                {"key": f"f{i}", "value": 0.1 * i, "timestamp": at, "step": step + row}
                for row in range(rows)
                for i in range(FEATURES)
            ]
            _post(connection, "runs/log-batch", {"run_id": run, "metrics": metrics})
            step += rows
            counts[number] = step
        connection.close()

    begun = time.monotonic()
    threads = [threading.Thread(target=send, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


def _post(connection: http.client.HTTPConnection, path: str, body: object) -> dict[str, dict]:
    headers = {"Content-Type": "application/json"}
    connection.request("POST", f"/api/2.0/mlflow/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise SystemExit(f"MLflow answered {answer.status}: {said[:300]!r}")
    found: dict[str, dict] = json.loads(said)
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(f"MLflow {MLFLOW}: {mlflow_intake(Path(name), 8):,.0f} predictions/s")
