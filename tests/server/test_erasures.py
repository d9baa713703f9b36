"""An entity is erased over HTTP while the server takes records."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.conftest import Serving
from server.test_access import key
from watchkeeper.store import Store

TIME = datetime(2026, 3, 1, 12, tzinfo=UTC).isoformat()
ADA = "ada.lovelace.the.countess"


def record(identity: str, entity: str) -> dict[str, Any]:
    return {
        "record": "prediction",
        "model": "m",
        "prediction_id": identity,
        "time": TIME,
        "entity": entity,
    }


@pytest.fixture
def serving(serve: Callable[..., Serving], tmp_path: Path) -> Serving:
    Store.open(tmp_path / "store").close()
    return serve(tmp_path / "store", "--require-key")


def test_an_entity_is_gone_while_records_come_in(serving: Serving) -> None:
    writer, admin = key(serving.store, "write"), key(serving.store, "admin")
    for n in range(5):
        answer = serving.post(record(f"a{n}", ADA), record(f"b{n}", "bob"), **writer)
        assert answer.json()["accepted"] == 2
    ends, sent = threading.Event(), []

    def load() -> None:
        while not ends.is_set():
            records = [record(f"w{len(sent)}-{n}", "bob") for n in range(100)]
            sent.append(serving.post(*records, **writer).json()["accepted"])

    thread = threading.Thread(target=load)
    thread.start()
    body = {"entity": ADA, "dry_run": True}
    seen = serving.http.post("/v1/erasures", json=body, headers=admin).json()
    assert [one["predictions"] for one in seen["models"]] == [5]
    done = serving.http.post("/v1/erasures", json={"entity": ADA}, headers=admin).json()
    ends.set()
    thread.join()
    assert done["models"] == seen["models"]
    assert (done["number"], done["rows_left"], seen["number"]) == (1, 0, None)
    listed = serving.http.get("/v1/erasures", headers=admin).json()["erasures"]
    assert listed == [done]
    assert ADA not in str(listed)
    assert "(key " in done["actor"]
    serving.end()
    content = b"".join(p.read_bytes() for p in serving.store.rglob("*") if p.is_file())
    assert ADA.encode() not in content
    with Store.open(serving.store) as store:
        assert store.predictions("m").num_rows == 5 + sum(sent)


def test_only_an_administrator_may_and_only_in_its_project(serving: Serving) -> None:
    writer, reader = key(serving.store, "write"), key(serving.store, "read")
    serving.post(record("a", ADA), **writer)
    for headers in (writer, reader):
        answer = serving.http.post("/v1/erasures", json={"entity": ADA}, headers=headers)
        assert answer.status_code == 403
        assert serving.http.get("/v1/erasures", headers=headers).status_code == 403
    admin = key(serving.store, "admin")
    for body in ({"entity": ""}, {}, {"entity": ADA, "who": 1}):
        assert serving.http.post("/v1/erasures", json=body, headers=admin).status_code == 422
    with Store.open(serving.store) as store:
        assert store.predictions("m").num_rows == 1
