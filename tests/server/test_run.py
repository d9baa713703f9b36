import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from server.conftest import COMMAND, Serving
from watchkeeper.store import Store


def test_a_request_under_way_is_answered_before_sigterm_ends_the_process(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    row = {
        "record": "outcome",
        "model": "m",
        "prediction_id": "1",
        "time": "2026-03-01T12:00:00Z",
        "label": True,
    }
    body = json.dumps({"records": [row]}).encode()
    head = (
        f"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as connection:
        connection.sendall(head.encode() + body[:10])
        assert serving.http.get("/healthz").status_code == 200  # so the request has arrived too
        serving.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert serving.process.poll() is None
        connection.sendall(body[10:])
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))  # to the end
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"accepted":1' in answer
    assert serving.process.wait(20) == 0
    with Store.open(tmp_path / "store") as store:
        assert store.models()[0].outcomes == 1


def test_the_command_refuses_to_carry_keys_readable_beyond_this_machine(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(COMMAND), "serve", str(tmp_path / "store"), "--host", "192.0.2.1", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "keys would travel readable" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists()
