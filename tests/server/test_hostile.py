"""Requests made from the OpenAPI description, right ones and wrong ones, by schemathesis."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.conftest import Serving

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/vnd.apache.arrow.stream")
def as_they_are(_context: Any, value: Any) -> bytes:
    """Send whatever was made up; a whole Arrow stream is for other tests."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def described(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Any:
    serving = serve(tmp_path_factory.mktemp("hostile") / "store")
    return schemathesis.openapi.from_url(f"{serving.http.base_url}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_description_names(
    described: Any, mode: GenerationMode
) -> None:
    for found in described.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (len(operation.query) or len(operation.body)):
            continue  # nothing that could be wrong

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        answers()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        b"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n0\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_harm_nobody(serving: Serving, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as connection:
        connection.settimeout(2)
        with contextlib.suppress(OSError):
            connection.sendall(sent)
            said = connection.recv(65_536)
            assert not said or said.startswith(b"HTTP/1.1 4"), said[:200]
    assert serving.http.get("/healthz").status_code == 200
