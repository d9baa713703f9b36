"""Predictions are looked into over HTTP: by id, by what they are like, and in full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, START, baseline, fill, rows
from server.conftest import Serving
from server.test_incidents import get
from server.test_intake import outcome, prediction
from watchkeeper.pipeline import Watch
from watchkeeper.store import Store

END = REFERENCE_HOURS


@pytest.fixture(scope="module")
def explored(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    folder = tmp_path_factory.mktemp("explored") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, END), rows(END, END + 20), rows(END + 20, END + 30, shift=2.0))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        outcomes = {
            "prediction_id": [f"p-{END + 20}-7"],
            "time": [START + timedelta(days=20)],
            "label": [0.25],
        }
        store.append_table(MODEL, "outcome", pa.table(outcomes))
        store.seal()
    return serve(folder)


def test_a_prediction_is_shown_with_all_that_became_of_it(explored: Serving) -> None:
    name = f"p-{END + 20}-7"
    found = get(explored, f"/v1/models/{MODEL}/predictions/{name}")
    assert (found["model"], found["prediction_id"]) == (MODEL, name)
    assert sorted(found["features"]) == ["x", "y"]
    assert isinstance(found["output"], float)
    [label] = found["outcomes"]
    assert (label["label"], label["received_at"]) == (0.25, None)
    assert found["feedback"] == []
    audit = found["audit"]
    assert audit["sealed_file"].startswith(f"events/model={MODEL}/kind=prediction/")
    assert len(audit["file_sha256"]) == 64
    assert audit["sealed_at"] is not None
    assert audit["received_at"] is None
    bucket = audit["bucket"]
    assert (bucket["number"], bucket["was_late"]) == (20, False)
    assert bucket["start"] <= found["time"] < bucket["end"]
    listed = get(explored, "/v1/incidents")["incidents"]
    assert audit["incidents"] == [i["id"] for i in listed]
    earlier = get(explored, f"/v1/models/{MODEL}/predictions/p-{END}-7")
    assert earlier["audit"]["incidents"] == []


def test_what_was_just_sent_is_found_with_when_it_came(explored: Serving) -> None:
    answer = explored.post(
        prediction(
            "a/b c?d",
            model="fresh",
            output={"yes": 0.25, "no": 0.75},
            features={"age": 41, "country": "CH"},
            tags={"team": "blue"},
            entity="anna",
        ),
        outcome("a/b c?d", model="fresh"),
    )
    assert answer.json()["accepted"] == 2
    [found] = get(explored, "/v1/predictions", id="a/b c?d")["predictions"]
    assert (found["model"], found["output"]) == ("fresh", {"no": 0.75, "yes": 0.25})
    full = get(explored, "/v1/models/fresh/predictions/a%2Fb%20c%3Fd")
    assert full["features"] == {"age": 41.0, "country": "CH"}
    assert full["tags"] == {"team": "blue"}
    assert full["entity"] == "anna"
    assert len(full["outcomes"]) == 1
    audit = full["audit"]
    assert audit["received_at"] is not None
    assert (audit["sealed_file"], audit["bucket"], audit["incidents"]) == (None, None, [])


def test_a_value_of_another_type_is_shown_as_it_came(explored: Serving) -> None:
    explored.post(prediction("1", model="mixed", features={"age": 41}, output=1.5))
    explored.post(prediction("2", model="mixed", features={"age": "old"}, output="high"))
    found = get(explored, "/v1/models/mixed/predictions/2")
    assert (found["features"], found["output"]) == ({"age": "old"}, "high")


def test_predictions_are_paged_newest_first(explored: Serving) -> None:
    path = f"/v1/models/{MODEL}/predictions"
    found: list[str] = []
    before: dict[str, str] = {}
    for _ in range(100):
        page = get(explored, path, limit="301", **before)
        found += [row[page["columns"].index("prediction_id")] for row in page["rows"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert len(found) == len(set(found)) == 30 * (END + 30)
    assert found[0] == f"p-{END + 20}-299"


def test_predictions_are_narrowed(explored: Serving) -> None:
    for n in range(6):
        explored.post(
            prediction(
                f"n{n}",
                model="narrow",
                time=f"2026-03-01T0{n}:00:00Z",
                entity=f"e{n % 2}",
                version="2",
                error="Timeout" if n == 3 else None,
            )
        )

    def ids(**parameters: Any) -> list[str]:
        page = get(explored, "/v1/models/narrow/predictions", **parameters)
        return [row[page["columns"].index("prediction_id")] for row in page["rows"]]

    assert ids(entity="e1") == ["n5", "n3", "n1"]
    assert ids(error="true") == ["n3"]
    assert ids(error="false", version="2", limit="2") == ["n5", "n4"]
    assert ids(version="1") == ids(variant="b") == []
    span = {"from": "2026-03-01T01:00:00Z", "to": "2026-03-01T03:00:00Z"}
    assert ids(**span) == ["n2", "n1"]


def test_what_is_not_there_is_404_and_what_is_wrong_422(explored: Serving) -> None:
    for path, kind in (
        (f"/v1/models/{MODEL}/predictions/nothing", "no-such-prediction"),
        ("/v1/models/delay/predictions/1", "no-such-model"),
        ("/v1/models/delay/predictions", "no-such-model"),
    ):
        answer = explored.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"].endswith(kind)
    assert "Did you mean 'delays'" in explored.http.get("/v1/models/delay/predictions").text
    assert get(explored, "/v1/predictions", id="nothing") == {"predictions": []}
    assert explored.http.get("/v1/predictions").status_code == 422
    for wrong in (
        "before=1",
        "before=a.b.c",
        "before=1.2.-3",
        "before=999999999999999999.1.1",
        "before=1.1.1%00",
        "limit=501",
        "error=perhaps",
    ):
        answer = explored.http.get(f"/v1/models/{MODEL}/predictions?{wrong}")
        assert answer.status_code == 422, wrong
        assert wrong.partition("=")[0] in answer.json()["detail"]


@pytest.mark.parametrize("odd", ["%00", "%FF", "%F0%9F%98%80", "'%22--", "..", "%ED%A0%80", "%25"])
def test_odd_texts_find_nothing_and_break_nothing(explored: Serving, odd: str) -> None:
    for path in (
        f"/v1/predictions?id={odd}",
        f"/v1/models/{MODEL}/predictions?entity={odd}",
        f"/v1/models/{MODEL}/predictions?version={odd}&variant={odd}",
        f"/v1/audit?action={odd}",
    ):
        answer = explored.http.get(path)
        assert answer.status_code == 200, answer.text
        assert [] in answer.json().values()
    for path in (
        f"/v1/models/{MODEL}/predictions/{odd}x",
        f"/v1/models/{odd}x/predictions",
        f"/v1/incidents/{odd}x",
        f"/v1/incidents/{MODEL}.1.{odd}x/rows",
    ):
        assert explored.http.get(path).status_code == 404, path


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_are_times(explored: Serving, moment: str) -> None:
    for name in ("from", "to"):
        for path in (f"/v1/models/{MODEL}/predictions", "/v1/incidents"):
            answer = explored.http.get(path, params={name: moment})
            assert answer.status_code == 200, answer.text


def test_the_audit_log_is_paged_and_verified(explored: Serving) -> None:
    whole = get(explored, "/v1/audit", limit="1000")
    assert whole["verified"] is True
    assert whole["next"] is None
    numbers = [entry["number"] for entry in whole["entries"]]
    assert numbers == list(range(len(numbers), 0, -1))
    page = get(explored, "/v1/audit", limit="1")
    assert page["next"] == numbers[0]
    rest = get(explored, "/v1/audit", before=str(page["next"]))
    assert [e["number"] for e in rest["entries"]] == numbers[1:]
    opened = get(explored, "/v1/audit", action="incident")["entries"]
    assert [e["action"] for e in opened] == ["incident.open"]
    assert get(explored, "/v1/audit", action="inciden")["entries"] == []
    assert explored.http.get("/v1/audit?before=0").status_code == 422


def test_a_log_that_was_tampered_with_is_told(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    with Store.open(folder) as store:
        store.audit.append("ann", "key.create", {"key": "1"}, now=NOW)
    connection = sqlite3.connect(folder / "state.sqlite")
    with connection:
        connection.execute("UPDATE audit_entries SET actor = 'bob'")
    connection.close()
    assert get(serve(folder), "/v1/audit")["verified"] is False
