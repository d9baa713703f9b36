import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from watchkeeper import Client
from watchkeeper.sdk import Backoff, ClientStats

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Server: TypeAlias = Callable[[Callable[[bytes, Any], Answer]], AbstractContextManager[str]]

FAST = Backoff(first_seconds=0.01, longest_seconds=0.05)
NOWHERE = "http://127.0.0.1:9"


def balanced(stats: ClientStats) -> bool:
    return stats.logged == stats.sent + stats.dropped + stats.rejected + stats.queued


def take_all(body: bytes, _headers: Any) -> Answer:
    rows = len(json.loads(body)["records"])
    return 200, {}, json.dumps({"accepted": rows, "duplicates": 0, "sequence": 1}).encode()


def test_what_was_logged_arrives_in_batches(server: Server) -> None:
    batches = []

    def script(body: bytes, headers: Any) -> Answer:
        batches.append(json.loads(body)["records"])
        return take_all(body, headers)

    with server(script) as url, Client(url, model="m", version="2", batch_size=10) as client:
        first = client.log_prediction({"a": 1.5}, 0.5, tags={"country": "CH"})
        client.log_outcome(first, True)
        client.log_feedback("click", item="7", prediction_id=first)
        for _ in range(22):
            client.log_prediction({"a": 1.5}, version="3")
        assert client.flush()
        stats = client.stats()
    assert (stats.logged, stats.sent, stats.queued) == (25, 25, 0)
    assert max(map(len, batches)) <= 10
    rows = [row for batch in batches for row in batch]
    assert [row["record"] for row in rows[:4]] == [
        "prediction",
        "outcome",
        "feedback",
        "prediction",
    ]
    assert rows[0]["prediction_id"] == rows[1]["prediction_id"] == rows[2]["prediction_id"] == first
    assert (rows[0]["version"], rows[3]["version"]) == ("2", "3")


def test_the_moment_of_the_call_is_the_time_of_the_record(server: Server) -> None:
    rows = []

    def script(body: bytes, headers: Any) -> Answer:
        rows.extend(json.loads(body)["records"])
        return take_all(body, headers)

    with server(script) as url, Client(url, model="m", flush_interval_seconds=0.3) as client:
        before = datetime.now(UTC)
        client.log_prediction({})
        after = datetime.now(UTC)
        time.sleep(0.05)
        client.flush()
    assert before <= datetime.fromisoformat(rows[0]["time"]) <= after


def test_logging_outlives_a_server_that_is_away(server: Server) -> None:
    client = Client(NOWHERE, model="m", queue_size=50, batch_size=10, backoff=FAST)
    for index in range(80):
        client.log_prediction({"a": index})
        assert balanced(client.stats())
    assert not client.flush(0.2)
    stats = client.stats()
    assert (stats.queued, stats.dropped, stats.sent) == (50, 30, 0)
    assert stats.dropped_reasons == {"queue full (50 records)": 30}
    assert stats.failed_sends > 1
    assert "did not answer" in str(stats.last_error)
    client.close(0.1)
    stats = client.stats()
    assert (stats.queued, stats.dropped) == (0, 80)
    assert balanced(stats)


def test_memory_is_bounded_in_bytes_as_well() -> None:
    client = Client(NOWHERE, model="m", queue_bytes=100_000, backoff=FAST)
    for _ in range(30):
        client.log_prediction({"text": "x" * 20_000})
        assert client.stats().queued_bytes <= 100_000
    assert client.stats().dropped_reasons == {"queue full (100000 bytes)": 26}
    client.close(0.0)


def test_a_busy_server_is_left_alone_for_as_long_as_it_asked(server: Server) -> None:
    calls = []

    def script(body: bytes, headers: Any) -> Answer:
        calls.append((time.monotonic(), json.loads(body)["records"]))
        return (429, {"Retry-After": "1"}, b"{}") if len(calls) == 1 else take_all(body, headers)

    with server(script) as url, Client(url, model="m", backoff=FAST) as client:
        client.log_prediction({"a": 1})
        assert client.flush()
    assert calls[1][0] - calls[0][0] >= 1.0
    assert calls[0][1] == calls[1][1], "a re-send must repeat ids and times, or it is no re-send"


def test_records_the_server_refuses_are_counted_with_the_field(server: Server) -> None:
    content = json.dumps(
        {
            "accepted": 1,
            "duplicates": 0,
            "rejected": [{"row": 0, "field": "output", "reason": "not finite"}],
            "sequence": 1,
        }
    ).encode()
    with server(lambda *_: (200, {}, content)) as url, Client(url, model="m") as client:
        client.log_prediction({"a": 1})
        client.log_prediction({"a": 2})
        assert client.flush()
        stats = client.stats()
    assert (stats.sent, stats.rejected) == (1, 1)
    assert stats.rejected_reasons == {"output: not finite": 1}


def test_a_wrong_record_costs_only_itself(server: Server) -> None:
    with server(take_all) as url, Client(url, model="m") as client:
        client.log_prediction({"a": 1})
        client.log_prediction({"price": object()})
        client.log_prediction([1, 2])  # type: ignore[arg-type] - nonsense on purpose
        client.log_prediction({"a": 1}, no_such_argument=1)  # type: ignore[call-arg] - on purpose
        client.log_outcome()  # type: ignore[call-arg] - on purpose
        client.log_prediction({"a": 2})
        client.flush()
        stats = client.stats()
    assert (stats.logged, stats.sent, stats.rejected) == (6, 2, 4)
    reasons = " | ".join(stats.rejected_reasons)
    assert "features.price: expected a number" in reasons
    assert "features: expected a mapping from name to value, got list" in reasons
    assert "no_such_argument" in reasons


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"destination": ""}, "destination"),
        ({"destination": 7}, "destination"),
        ({"destination": "htp://host"}, "Did you mean 'http'"),
        ({"destination": "http://"}, "destination"),
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"queue_size": 0}, "queue_size"),
        ({"queue_size": "many"}, "queue_size"),
        ({"queue_bytes": -1}, "queue_bytes"),
        ({"batch_size": 1.5}, "batch_size"),
        ({"flush_interval_seconds": float("nan")}, "flush_interval_seconds"),
        ({"flush_interval_seconds": float("inf")}, "flush_interval_seconds"),
    ],
)
def test_a_wrong_setting_is_logged_and_counted_and_stops_nobody(
    options: dict[str, Any], named: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Client(**{"destination": NOWHERE, "model": "m"} | options) as client:
        assert isinstance(client.log_prediction({"a": 1}), str)
        client.log_outcome("id", 1)
        assert client.flush() is False
    stats = client.stats()
    assert (stats.logged, stats.dropped) == (2, 2)
    assert named in str(stats.last_error)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert named in caplog.text


def test_a_closed_client_drops_counts_and_warns(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with server(take_all) as url:
        client = Client(url, model="m")
        client.log_prediction({"a": 1})
        client.close()
        client.close()
        client.log_prediction({"a": 2})
        stats = client.stats()
    assert (stats.sent, stats.dropped) == (1, 1)
    assert stats.dropped_reasons == {"client closed": 1}
    until = time.monotonic() + 10
    while "1 of 2 records lost" not in caplog.text:
        assert time.monotonic() < until
        time.sleep(0.01)
    before = threading.active_count()
    client.log_prediction({"a": 3})
    assert threading.active_count() <= before, "a thread per late call would slow the host"


def test_losses_are_warned_of_once_a_minute_not_once_a_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Client(NOWHERE, model="m", queue_size=5, backoff=FAST, flush_interval_seconds=0.01)
    for _ in range(200):
        client.log_prediction({"a": 1})
        time.sleep(0.001)
    client.flush(0.1)

    def told() -> list[logging.LogRecord]:
        return [record for record in caplog.records if NOWHERE in record.getMessage()]

    assert [record.levelno for record in told()] == [logging.WARNING]
    client.close(0.0)
    assert len(told()) == 2
    assert "lost" in told()[-1].getMessage()


def test_a_log_handler_that_raises_does_no_harm(server: Server) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError(record)

    broken = Broken()
    log = logging.getLogger("watchkeeper.sdk")
    log.addHandler(broken)
    try:
        with server(take_all) as url, Client(url, model="m") as client:
            client.log_prediction({"a": object()})
            client.flush()
            client.log_prediction({"a": 1})
            assert client.flush()
    finally:
        log.removeHandler(broken)
    assert client.stats().sent == 1


def test_requests_do_not_clutter_the_hosts_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), server(take_all) as url, Client(url, model="m") as client:
        client.log_prediction({"a": 1})
        client.flush()
    assert caplog.records == []


def test_many_threads_lose_nothing(server: Server) -> None:
    seen: Counter[str] = Counter()

    def script(body: bytes, headers: Any) -> Answer:
        seen.update(row["prediction_id"] for row in json.loads(body)["records"])
        return take_all(body, headers)

    ids: list[str] = []
    with server(script) as url, Client(url, model="m", queue_size=100_000) as client:

        def log() -> None:
            ids.extend([client.log_prediction({"a": 1.5}) for _ in range(1_000)])

        threads = [threading.Thread(target=log) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.flush()
    assert len(set(ids)) == 4_000
    assert seen == Counter(ids)


def test_a_client_that_is_let_go_sends_what_it_has_and_ends(server: Server) -> None:
    arrived = threading.Event()

    def script(body: bytes, headers: Any) -> Answer:
        arrived.set()
        return take_all(body, headers)

    with server(script) as url:
        client = Client(url, model="m", flush_interval_seconds=60)
        client.log_prediction({"a": 1})
        del client
        assert arrived.wait(5)


def test_an_unusable_folder_keeps_records_until_it_is_usable(tmp_path: Path) -> None:
    place = tmp_path / "store"
    place.write_text("a file is in the way")
    with Client(place, model="m", backoff=FAST) as client:
        client.log_prediction({"a": 1})
        while client.stats().last_error is None:
            assert not client.flush(0.1)
        assert client.stats().queued == 1
        place.unlink()
        assert client.flush()
    assert client.stats().sent == 1
