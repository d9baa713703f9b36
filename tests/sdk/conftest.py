from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias

import pytest

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Script: TypeAlias = Callable[[bytes, Any], Answer]


@pytest.fixture
def server() -> Callable[[Script], AbstractContextManager[str]]:
    return _server


@contextmanager
def _server(script: Script) -> Iterator[str]:
    """A loopback server that answers each body and its headers as a function says."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = script(body, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/base/"
        finally:
            listening.shutdown()
            thread.join()
