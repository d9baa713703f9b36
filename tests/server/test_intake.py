"""A real server process, asked over a real socket; the store is then read by itself."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.conftest import Serving
from watchkeeper import Client
from watchkeeper.store import Store

MEBIBYTE = 1024 * 1024


def prediction(number: int, *, model: str = "m", **fields: Any) -> dict[str, Any]:
    return {
        "record": "prediction",
        "model": model,
        "prediction_id": str(number),
        "time": "2026-03-01T12:00:00Z",
        "features": {"age": 41.0, "country": "CH"},
        "output": 0.25,
        **fields,
    }


def outcome(number: int, *, model: str = "m", **fields: Any) -> dict[str, Any]:
    return {
        "record": "outcome",
        "model": model,
        "prediction_id": str(number),
        "time": "2026-03-02T12:00:00Z",
        "label": True,
        **fields,
    }


def test_what_is_acknowledged_is_in_the_store(serving: Serving) -> None:
    answer = serving.post(
        prediction(1, model="kept"),
        outcome(1, model="kept"),
        {
            "record": "feedback",
            "model": "kept",
            "feedback_id": "f",
            "time": "2026-03-01T12:00:01Z",
            "kind": "click",
            "position": 3,
        },
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["duplicates"], body["rejected"]) == (3, 0, [])
    assert body["sequence"] > 0
    with Store.open(serving.store) as store:
        [row] = store.predictions("kept").to_pylist()
    assert (row["feature:age"], row["feature:country"], row["label"]) == (41.0, "CH", True)


def test_a_record_sent_twice_counts_once(serving: Serving) -> None:
    assert serving.post(prediction(1, model="twice")).json()["accepted"] == 1
    again = serving.post(prediction(1, model="twice"), prediction(2, model="twice")).json()
    assert (again["accepted"], again["duplicates"]) == (1, 1)
    with Store.open(serving.store) as store:
        assert store.predictions("twice").num_rows == 2


def test_a_bad_record_is_named_by_row_and_field_and_costs_only_itself(serving: Serving) -> None:
    answer = serving.post(
        prediction(1, model="partly"),
        prediction(2, model="partly", time="yesterday"),
        prediction(3, model="partly", features={"age": {"years": 41}}),
        {"record": "praise", "model": "partly"},
        prediction(4, model="partly", cost_usd="a lot"),
        prediction(5, model="partly"),
        7,
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["accepted"] == 2
    named = {bad["row"]: (bad["field"], bad["reason"]) for bad in body["rejected"]}
    assert set(named) == {1, 2, 3, 4, 6}
    assert named[1][0] == "time"
    assert named[2][0].startswith("features")
    assert named[4][0] == "cost_usd"
    assert all(reason for _, reason in named.values())
    with Store.open(serving.store) as store:
        assert store.predictions("partly").num_rows == 2


def test_records_that_are_all_bad_are_a_problem_that_names_the_first(serving: Serving) -> None:
    answer = serving.post(prediction(1, model=""), outcome(2, time="2026-03-02T12:00:00"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert "row 0" in problem["detail"]
    assert [bad["row"] for bad in problem["rejected"]] == [0, 1]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "expected a JSON object"),
        (b"{", "expected a JSON object"),
        (b"[]", "expected a JSON object"),
        (b'{"records": 7}', "array"),
        (b'{"recods": []}', "recods"),
        (b"\x00\xff\xfe junk", "expected a JSON object"),
        (b'{"records": [' + b"[" * 100_000, "expected a JSON object"),
        (b'{"records": ["\xff"]}', "row 0"),
        (b'{"records": [NaN]}', "expected a JSON object"),
    ],
)
def test_a_body_that_is_no_list_of_records_is_a_clear_problem(
    serving: Serving, body: bytes, told: str
) -> None:
    answer = serving.post_bytes(body)
    assert answer.status_code in (400, 422), answer.text
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("features", '{"age": 1e999}'),
        ("features", '{"age": NaN}'),
        ("features", '{"age": ' + "9" * 5_000 + "}"),
        ("output", "1e999"),
        ("latency_seconds", "-1"),
        ("cost_usd", "true"),
        ("time", '"2026-03-01T12:00:00"'),
        ("time", '"3026-03-01T12:00:00Z"'),
        ("prediction_id", '""'),
        ("version", '"\\ud800"'),
        ("unheard_of", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_name_or_taken_whole(
    serving: Serving, field: str, value: str
) -> None:
    fields = {
        "record": '"prediction"',
        "model": '"values"',
        "prediction_id": f'"{field}{len(value)}"',
        "time": '"2026-03-01T12:00:00Z"',
        field: value,
    }
    row = ",".join(f'"{name}": {text}' for name, text in fields.items())
    answer = serving.post_bytes(f'{{"records": [{{{row}}}]}}'.encode())
    if answer.status_code == 200:  # a value that is odd but can be kept
        assert answer.json()["accepted"] == 1
        assert field in ("features", "output")
        return
    assert answer.status_code in (400, 422), answer.text
    assert field in answer.text or "expected a JSON object" in answer.text


def test_gzip_is_understood_and_a_bomb_is_not(serving: Serving) -> None:
    import msgspec

    body = msgspec.json.encode({"records": [prediction(1, model="packed")]})
    answer = serving.post_bytes(gzip.compress(body), content_encoding="gzip")
    assert answer.json()["accepted"] == 1
    bomb = gzip.compress(b" " * (200 * MEBIBYTE))
    assert serving.post_bytes(bomb, content_encoding="gzip").status_code == 413
    cut = serving.post_bytes(gzip.compress(body)[:-5], content_encoding="gzip")
    assert (cut.status_code, cut.json()["type"]) == (400, "urn:watchkeeper:problem:broken-gzip")
    unknown = serving.post_bytes(body, content_encoding="br")
    assert unknown.status_code == 415


def test_a_body_above_the_limit_is_refused(serving: Serving) -> None:
    answer = serving.post_bytes(b" " * (9 * MEBIBYTE))
    assert answer.status_code == 413
    assert "send fewer records" in answer.json()["detail"]


def test_another_media_type_is_refused(serving: Serving) -> None:
    answer = serving.post_bytes(b"a=1", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


def test_a_page_elsewhere_cannot_write_by_a_name_of_its_own(serving: Serving) -> None:
    answer = serving.post(prediction(1), host="evil.example")
    assert answer.status_code == 421
    assert "evil.example" in answer.json()["detail"]


def test_health_readiness_and_unknown_paths(serving: Serving) -> None:
    assert serving.http.get("/healthz").json() == {"status": "ok"}
    assert serving.http.get("/readyz").json() == {"status": "ready"}
    missing = serving.http.get("/v1/nothing")
    assert missing.status_code == 404
    assert "POST /v1/records" in missing.json()["detail"]
    assert serving.http.get("/v1/records").status_code == 405


def test_a_full_server_turns_away_with_a_time_to_come_back(serving: Serving) -> None:
    head = (
        f"POST /v1/records HTTP/1.1\r\nHost: 127.0.0.1:{serving.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {8 * MEBIBYTE}\r\n\r\n"
    )
    waiting = []
    try:
        deadline = time.monotonic() + 10
        while (answer := serving.post(prediction(1, model="full"))).status_code != 429:
            # Eight announced bodies of 8 MiB are all that is held at once.
            waiting.append(socket.create_connection(("127.0.0.1", serving.port)))
            waiting[-1].sendall(head.encode() + b"{")
            assert time.monotonic() < deadline
        assert int(answer.headers["Retry-After"]) >= 1
        assert "send again later" in answer.json()["detail"]
    finally:
        for connection in waiting:
            connection.close()
    deadline = time.monotonic() + 10
    while serving.post(prediction(2, model="full")).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_many_at_once_share_commits_and_lose_nothing(serving: Serving) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: serving.post(prediction(n, model="many")).json(), range(200))
        )
    assert all(answer["accepted"] == 1 for answer in answers)
    with Store.open(serving.store) as store:
        assert store.predictions("many").num_rows == 200


def test_kills_under_load_lose_nothing_acknowledged_and_apply_nothing_twice(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    acknowledged: set[str] = set()
    number = 0
    for _ in range(2):
        serving = serve(tmp_path / "store")
        killer = threading.Timer(0.4, serving.process.kill)
        killer.start()
        while True:
            rows = [prediction(n) for n in range(number, number + 20)]
            try:
                answer = serving.post(*rows)
            except httpx.HTTPError:
                break  # some of these may be kept; they are sent again by the next round
            assert answer.status_code == 200
            acknowledged.update(row["prediction_id"] for row in rows)
            number += 20
        killer.join()
    with Store.open(tmp_path / "store") as store:
        kept = store.predictions("m")["prediction_id"].to_pylist()
    assert len(kept) == len(set(kept)), "applied twice"
    assert acknowledged <= set(kept), "acknowledged and lost"


def test_the_sdk_sends_again_what_a_killed_server_did_not_acknowledge(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    first = serve(tmp_path / "store")
    with Client(
        str(first.http.base_url), model="m", batch_size=10, flush_interval_seconds=0.01
    ) as client:
        ids = [client.log_prediction({"a": float(n)}) for n in range(500)]
        first.process.kill()
        first.process.wait()
        ids += [client.log_prediction({"a": float(n)}) for n in range(100)]
        serve(tmp_path / "store", "--port", str(first.port))
        assert client.flush(30)
        stats = client.stats()
    assert (stats.sent, stats.dropped, stats.rejected) == (600, 0, 0)
    with Store.open(tmp_path / "store") as store:
        assert sorted(store.predictions("m")["prediction_id"].to_pylist()) == sorted(ids)
