"""What is sent to do harm: refused at every endpoint, the process stays small, nobody sees more."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow as pa
import pytest

from pipeline.watched_store import NOW
from server.conftest import Serving
from server.test_intake import prediction
from watchkeeper.store import Store, create_project

MEBIBYTE = 1024 * 1024
ARROW = "application/vnd.apache.arrow.stream"
MOST_GROWTH_BYTES = 300 * MEBIBYTE
DEEP = b"[" * 200_000 + b"]" * 200_000


def zstd(body: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(body)
    return bytes(sink.getvalue())


def arrow_stream() -> bytes:
    table = pa.table({"prediction_id": ["1"], "time": pa.array([NOW], pa.timestamp("us", "UTC"))})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def lying(stream: bytes, length: int) -> bytes:
    """The stream with another length of its first message."""
    return stream[:4] + struct.pack("<i", length) + stream[8:]


def bomb() -> bytes:
    return b" " * (400 * MEBIBYTE)


GZIP, ZSTD = {"content-encoding": "gzip"}, {"content-encoding": "zstd"}
BODIES: dict[str, tuple[Callable[[], bytes], dict[str, str]]] = {
    "deep": (lambda: DEEP, {}),
    "deep in a record": (
        lambda: b'{"records": [{"record": "prediction", "features":' + DEEP + b"}]}",
        {},
    ),
    "gzip bomb": (lambda: gzip.compress(bomb(), 1), GZIP),
    "zstd bomb": (lambda: zstd(bomb()), ZSTD),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(bomb(), 1), 1), GZIP),
    "oversize": (lambda: b" " * (9 * MEBIBYTE), {}),
    "no gzip": (lambda: b"x" * 1_000, GZIP),
    "two encodings": (lambda: b"{}", {"content-encoding": "gzip, gzip"}),
    "no text": (lambda: b"\xff\xfe\x00" * 1_000, {}),
    "huge number": (lambda: b"9" * 1_000_000, {}),
    "many keys": (lambda: b"{" + b",".join(b'"%d":0' % i for i in range(300_000)) + b"}", {}),
    "empty": (lambda: b"", {}),
}
STREAMS: dict[str, bytes] = {
    "length beyond the end": lying(arrow_stream(), 2**31 - 1),
    "negative length": lying(arrow_stream(), -2),
    "length of one": lying(arrow_stream(), 1),
    "half": arrow_stream()[: len(arrow_stream()) // 2],
    "twice": arrow_stream() * 2,
    "junk after": arrow_stream() + b"\x07" * 1_000,
    "flipped": bytes(
        byte ^ (0xFF if 60 < at < 120 else 0) for at, byte in enumerate(arrow_stream())
    ),
    "buffer lengths": arrow_stream().replace(struct.pack("<q", 8), struct.pack("<q", 2**60)),
    "row counts": arrow_stream().replace(struct.pack("<q", 1), struct.pack("<q", 2**60)),
}


@pytest.fixture(scope="module")
def hardened(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    return serve(tmp_path_factory.mktemp("hardened") / "store")


@pytest.fixture
def bounded(hardened: Serving) -> Iterator[Serving]:
    """The server, whose memory must not grow much, and which must live on."""
    process = psutil.Process(hardened.process.pid)
    before = process.memory_info().rss
    yield hardened
    assert hardened.http.get("/healthz").status_code == 200
    assert process.memory_info().rss - before < MOST_GROWTH_BYTES


def operations(serving: Serving) -> list[tuple[str, str]]:
    """Every method and path of the description, with names filled in."""
    described = serving.http.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), re.sub(r"{\w+}", "m", path.replace("{kind}", "predictions")))
        for path, methods in described.items()
        for method in methods
    ]


def csrf(serving: Serving) -> dict[str, str]:
    return {"x-csrf-token": serving.http.get("/v1/access").json()["csrf"]}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_do_harm_are_refused_everywhere(bounded: Serving, name: str) -> None:
    make, headers = BODIES[name]
    body = make()
    for method, path in operations(bounded):
        for media_type in ("application/json", ARROW):
            sent = {"content-type": media_type, **headers, **csrf(bounded)}
            answer = bounded.http.request(method, path, content=body, headers=sent)
            if method in {"POST", "PUT", "PATCH"}:
                assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.text[:300]}"
                assert answer.headers["content-type"] == "application/problem+json"
            assert answer.status_code != 500
            assert len(answer.content) < MEBIBYTE


@pytest.mark.parametrize("name", STREAMS)
def test_streams_that_lie_are_refused_or_read_as_they_are(bounded: Serving, name: str) -> None:
    for kind in ("predictions", "outcomes", "feedback"):
        sent = {"content-type": ARROW}
        path = f"/v1/models/m/{kind}"
        answer = bounded.http.post(path, content=STREAMS[name], headers=sent)
        assert answer.status_code in {200, 400, 413, 422}, answer.text[:300]


def test_bombs_at_once_stay_within_what_is_set_aside(bounded: Serving) -> None:
    make, headers = BODIES["zstd bomb"]
    body, sent = make(), {"content-type": "application/json", **headers}

    def post(_: int) -> int:
        return httpx.post(
            f"{bounded.http.base_url}/v1/records", content=body, headers=sent, timeout=60
        ).status_code

    with ThreadPoolExecutor(24) as threads:
        assert set(threads.map(post, range(48))) <= {413, 429}


def test_a_long_query_or_path_is_refused_everywhere(bounded: Serving) -> None:
    for method, path in operations(bounded):
        if method != "GET":
            continue
        for query in (
            "x=" + "y" * 60_000,
            "&".join(f"a{i}=1" for i in range(8_000)),
            "from=%00%ff",
        ):
            with contextlib.suppress(httpx.RemoteProtocolError):
                answer = bounded.http.get(f"{path}?{query}")
                assert answer.status_code < 500, f"{path}: {answer.text[:300]}"
                assert len(answer.content) < MEBIBYTE or path == "/openapi.json"
    assert bounded.http.get("/v1/" + "a" * 60_000).status_code in {400, 404, 414, 431}


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/....//....//etc/passwd",
        "/static/%2e%2e/%2e%2e/state.sqlite",
        "/v1/models/..%2f..%2fstate.sqlite",
        "/v1/models/%2e%2e/predictions",
        "//etc/passwd",
        "/state.sqlite",
        "/%00",
    ],
)
def test_no_path_leads_out_of_what_is_served(bounded: Serving, path: str) -> None:
    with socket.create_connection(("127.0.0.1", bounded.port), timeout=20) as connection:
        host = f"127.0.0.1:{bounded.port}"
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        said = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert b"root:" not in said
    assert b"SQLite format" not in said
    assert int(said.split()[1]) < 500


def test_those_who_send_slowly_do_not_keep_others_out(bounded: Serving) -> None:
    host = f"Host: 127.0.0.1:{bounded.port}\r\n"
    slow = [socket.create_connection(("127.0.0.1", bounded.port), timeout=20) for _ in range(300)]
    try:
        for number, connection in enumerate(slow):
            if number % 2:
                connection.sendall(b"GET /v1/models HTTP/1.1\r\nX-Slow: ")
            else:
                head = f"POST /v1/records HTTP/1.1\r\n{host}Content-Type: application/json\r\n"
                connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        assert bounded.http.get("/v1/models").status_code == 200
        answer = bounded.post(prediction(1))
        # 150 bodies of 100 bytes are within what is set aside.
        assert answer.status_code == 200, answer.text
    finally:
        for connection in slow:
            connection.close()


def test_no_trick_shows_what_is_of_another_project(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    Store.open(folder).close()
    create_project(folder, "other", actor="ann", now=NOW)
    with Store.open(folder) as store:
        keys = {
            project: store.access_keys.create(
                project=project, name="t", scopes=["admin"], actor="ann", now=NOW
            )[1]
            for project in ("default", "other")
        }
    serving = serve(folder, "--require-key")
    own = {"authorization": f"Bearer {keys['default']}"}
    other = {"authorization": f"Bearer {keys['other']}"}
    hidden: dict[str, Any] = {
        "model": "hidden-model",
        "features": {"hidden-column": "hidden-value"},
    }
    assert serving.post(prediction(77, **hidden), **other).status_code == 200
    tricks = [
        {},
        {"x-project": "other", "x-forwarded-user": "other"},
        {"x-original-url": "/projects/other", "x-http-method-override": "PUT"},
        {"cookie": f"watchkeeper={keys['other'][:13]}"},
    ]
    for method, path in operations(serving):
        for name in ("m", "hidden-model", "..%2fprojects%2fother", "other"):
            asked = path.replace("/m", f"/{name}", 1) if "/models/m" in path else path
            for trick in tricks:
                for query in ("", "?project=other", "?model=hidden-model", "?id=77"):
                    answer = serving.http.request(method, asked + query, headers={**own, **trick})
                    said = answer.text.replace(asked, "").replace("hidden-model", "", 3)
                    assert "hidden-value" not in said, f"{method} {asked}{query}"
                    assert "hidden-column" not in said, f"{method} {asked}{query}"
    assert "hidden-model" in json.dumps(serving.http.get("/v1/models", headers=other).json())
    assert "hidden-model" not in json.dumps(serving.http.get("/v1/models", headers=own).json())
