"""A receiver of messages, a process of its own that behaves as its path says.

It writes every request that it has read to a file, one JSON line each, before it answers. The last
part of the path is how it behaves; ``/file`` takes that from a file, which a test may change.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Receiver:
    """The process as a test sees it."""

    folder: Path
    port: int
    process: subprocess.Popen[str]

    def url(self, behaviour: str = "ok") -> str:
        return f"http://127.0.0.1:{self.port}/{behaviour}"

    def behave(self, behaviour: str) -> None:
        """Say how ``/file`` behaves from now on."""
        (self.folder / "behaviour").write_text(behaviour)

    def taken(self, behaviour: str | None = None) -> list[dict[str, Any]]:
        """Return the requests so far: path, headers, body as text."""
        log = self.folder / "requests.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        found = [json.loads(line) for line in lines]
        return [r for r in found if behaviour is None or r["path"] == f"/{behaviour}"]


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """Run a receiver."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Receiver(folder=folder, port=int(process.stdout.readline()), process=process)
    finally:
        process.kill()
        process.communicate()


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        request = {
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode("utf-8", "replace"),
            "base64": base64.b64encode(body).decode(),
            "time": time.time(),
        }
        behaviour = self.path.rpartition("/")[2].partition("?")[0]
        if behaviour == "file":
            behaviour = (self.folder / "behaviour").read_text()
        if behaviour != "deaf":
            with (self.folder / "requests.jsonl").open("a") as log:
                log.write(json.dumps(request) + "\n")
        self._behave(behaviour)

    def do_GET(self) -> None:
        self.do_POST()

    def _behave(self, behaviour: str) -> None:
        if behaviour.isdigit():
            self._answer(int(behaviour), b"no: " + behaviour.encode())
        elif behaviour == "wait":
            self._answer(429, b"slow down", retry_after="7")
        elif behaviour == "later":
            self._answer(503, b"later", retry_after="Fri, 01 Jan 2100 00:00:00 GMT")
        elif behaviour == "away":
            self._answer(307, b"", location=self.path.replace("away", "ok"))
        elif behaviour == "hang":
            time.sleep(60)
        elif behaviour == "drip":
            self._drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100)
        elif behaviour == "dripping-body":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100, fast=40)
        elif behaviour == "garbage":
            self.wfile.write(b"\x00\xff what is this\r\n\r\n")
        elif behaviour in {"reset", "deaf"}:
            self.close_connection = True
        elif behaviour == "big":
            self._answer(200, b"y" * 50_000_000)
        elif behaviour == "bomb":
            self._answer(200, b"\x1f\x8b" + b"z" * 100, content_encoding="gzip")
        elif behaviour == "echo":
            self._answer(500, self.headers.get("x-secret", self.path).encode())
        else:
            self._answer(202, b'{"status":"success"}')

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:  # the sender has heard enough
            self.close_connection = True

    def _drip(self, answer: bytes, fast: int = 0) -> None:
        self.wfile.write(answer[:fast])
        try:
            for byte in answer[fast:]:
                time.sleep(0.2)
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
        except ConnectionError:  # the sender has waited long enough
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    _Handler.folder = Path(sys.argv[1])
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
