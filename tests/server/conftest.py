import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from nursery import Talking

COMMAND = Path(sys.executable).with_name("watchkeeper")


@dataclass
class Serving:
    """A server process over a store, and an HTTP client of it."""

    process: Talking
    http: httpx.Client
    store: Path

    @property
    def port(self) -> int:
        return int(self.http.base_url.port or 0)

    def post(self, *records: Any, **headers: str) -> httpx.Response:
        return self.http.post("/v1/records", json={"records": list(records)}, headers=headers)

    def post_bytes(self, body: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(
            "/v1/records", content=body, headers={"content-type": "application/json", **named}
        )

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def starting() -> Iterator[Callable[..., Serving]]:
    """Give what starts server processes; all end with it."""
    begun: list[Serving] = []

    def start(store: Path, *options: str) -> Serving:
        process = Talking("serve", store, "--port", "0", *options)
        said = process.stdout.readline()
        assert said.startswith("Listening on "), said + process.stderr.read()
        url = said.split()[2].rstrip(",")
        serving = Serving(process=process, http=httpx.Client(base_url=url, timeout=20), store=store)
        begun.append(serving)
        return serving

    try:
        yield start
    finally:
        for serving in begun:
            serving.http.close()
            serving.process.kill()
            serving.process.communicate()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Serving]]:
    """Start server processes, which end with the module."""
    with starting() as start:
        yield start


@pytest.fixture(scope="module")
def serving(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    return serve(tmp_path_factory.mktemp("served") / "store")
