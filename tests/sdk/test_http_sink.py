import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeAlias

import pytest

from watchkeeper.errors import BusyError, SetupError, UnreachableError
from watchkeeper.events import Outcome, Prediction
from watchkeeper.sdk.http_sink import HttpSink

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Server: TypeAlias = Callable[[Callable[[bytes, Any], Answer]], AbstractContextManager[str]]


@contextmanager
def sink(url: str, api_key: str | None = None) -> Iterator[HttpSink]:
    opened = HttpSink(url, api_key=api_key)
    yield opened
    opened.close()


def accepted(number: int) -> Answer:
    return 200, {}, json.dumps({"accepted": number, "duplicates": 0, "sequence": 1}).encode()


def outcomes(number: int, label: str = "x") -> list[Outcome]:
    return [
        Outcome(model="m", prediction_id=str(row), time=NOON, label=label) for row in range(number)
    ]


def test_the_wire_format_is_records_tagged_by_kind(server: Server) -> None:
    seen = []

    def answer(body: bytes, headers: Any) -> Answer:
        seen.append((json.loads(body), headers["Authorization"], headers["Content-Type"]))
        return accepted(1)

    record = Prediction(model="m", prediction_id="1", time=NOON, features={"a": 1.5}, output="cat")
    with server(answer) as url, sink(url, "secret") as opened:
        opened.send([record], timeout_seconds=5)
    (body, authorization, content_type) = seen[0]
    assert authorization == "Bearer secret"
    assert content_type == "application/json"
    row = body["records"][0]
    assert row["record"] == "prediction"
    assert row["time"] == "2026-03-01T12:00:00Z"
    assert row["features"] == {"a": 1.5}


def test_a_record_that_cannot_be_written_costs_only_itself(server: Server) -> None:
    records = [*outcomes(1), Outcome(model="m", prediction_id="2", time=NOON, label="\ud800")]
    with server(lambda _body, _headers: accepted(1)) as url, sink(url) as opened:
        report = opened.send(records, timeout_seconds=5)
    assert len(report.rejected) == 1
    assert "surrogates" in report.rejected[0]


def test_a_body_that_is_too_large_is_halved_until_it_fits(server: Server) -> None:
    sizes = []

    def answer(body: bytes, _headers: Any) -> Answer:
        rows = len(json.loads(body)["records"])
        sizes.append(rows)
        return accepted(rows) if rows <= 2 else (413, {}, b"{}")

    with server(answer) as url, sink(url) as opened:
        report = opened.send(outcomes(5), timeout_seconds=5)
    assert report.rejected == ()
    assert sizes == [5, 2, 3, 1, 2]


def test_one_record_that_is_too_large_is_rejected(server: Server) -> None:
    problem = b'{"title": "Too large", "detail": "at most 10 bytes"}'
    with server(lambda *_: (413, {}, problem)) as url, sink(url) as opened:
        assert opened.send(outcomes(1), timeout_seconds=5).rejected == ("at most 10 bytes",)


def test_large_batches_go_in_several_bodies(server: Server) -> None:
    bodies = []

    def answer(body: bytes, _headers: Any) -> Answer:
        bodies.append(len(body))
        return accepted(1)

    with server(answer) as url, sink(url) as opened:
        opened.send(outcomes(5, "x" * 2_000_000), timeout_seconds=10)
    assert len(bodies) == 3
    assert max(bodies) < 4 * 1024 * 1024


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 507])
def test_what_may_pass_is_to_be_tried_again(server: Server, status: int) -> None:
    with (
        server(lambda *_: (status, {"Retry-After": "7"}, b"{}")) as url,
        sink(url) as opened,
        pytest.raises(BusyError) as caught,
    ):
        opened.send(outcomes(1), timeout_seconds=5)
    assert caught.value.retry_after_seconds == 7.0


def test_retry_after_may_be_a_date(server: Server) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    with (
        server(lambda *_: (503, {"Retry-After": later}, b"")) as url,
        sink(url) as opened,
        pytest.raises(BusyError) as caught,
    ):
        opened.send(outcomes(1), timeout_seconds=5)
    assert caught.value.retry_after_seconds is not None
    assert 50 < caught.value.retry_after_seconds <= 60


@pytest.mark.parametrize("value", ["", "soon", "nan", "-5", "inf"])
def test_a_retry_after_that_makes_no_sense_does_no_harm(server: Server, value: str) -> None:
    with (
        server(lambda *_: (503, {"Retry-After": value}, b"")) as url,
        sink(url) as opened,
        pytest.raises(BusyError) as caught,
    ):
        opened.send(outcomes(1), timeout_seconds=5)
    assert caught.value.retry_after_seconds in (None, 0.0)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405])
def test_what_a_person_must_mend_says_what_the_server_said(server: Server, status: int) -> None:
    problem = b'{"title": "No", "detail": "the key is unknown"}'
    with (
        server(lambda *_: (status, {}, problem)) as url,
        sink(url) as opened,
        pytest.raises(SetupError, match=rf"/base/v1/records answered {status}: the key is unknown"),
    ):
        opened.send(outcomes(1), timeout_seconds=5)


def test_rows_that_were_refused_are_named(server: Server) -> None:
    content = json.dumps(
        {
            "accepted": 1,
            "duplicates": 0,
            "rejected": [{"row": 1, "field": "time", "reason": "not aware"}],
            "sequence": 3,
        }
    ).encode()
    with server(lambda *_: (200, {}, content)) as url, sink(url) as opened:
        assert opened.send(outcomes(2), timeout_seconds=5).rejected == ("time: not aware",)


def test_something_else_than_a_watchkeeper_server_is_recognised(server: Server) -> None:
    with (
        server(lambda *_: (200, {}, b"<html>hello</html>")) as url,
        sink(url) as opened,
        pytest.raises(SetupError, match="something else than a Watchkeeper server"),
    ):
        opened.send(outcomes(1), timeout_seconds=5)


def test_a_server_that_is_not_there_is_unreachable(server: Server) -> None:
    with server(lambda *_: accepted(1)) as url:
        pass
    with sink(url) as opened, pytest.raises(UnreachableError, match="did not answer"):
        opened.send(outcomes(1), timeout_seconds=5)
