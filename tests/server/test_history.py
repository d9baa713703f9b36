"""A running server tells how its models are, and what their columns did."""

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.watched_store import (
    MODEL,
    REFERENCE_END,
    REFERENCE_HOURS,
    ROWS,
    baseline,
    fill,
    rows,
)
from server.conftest import Serving
from watchkeeper.pipeline import Watch
from watchkeeper.store import Store

END = REFERENCE_HOURS
PATH = f"/v1/models/{MODEL}"


@pytest.fixture(scope="module")
def watched(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    folder = tmp_path_factory.mktemp("watched") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, END), rows(END, END + 20), rows(END + 20, END + 30, shift=3.0))
        fill(store, rows(END + 30, END + 31))
        baseline(store)
    serving = serve(folder)
    limit = time.monotonic() + 20
    while len(serving.http.get(f"{PATH}/history").json()["numbers"]) < 30:
        assert time.monotonic() < limit
        time.sleep(0.1)
    return serving


def test_models_are_told_at_a_glance_and_in_detail(watched: Serving) -> None:
    [found] = watched.http.get("/v1/models").json()["models"]
    assert (found["model"], found["state"], found["open_incidents"]) == (MODEL, "incident", 1)
    assert found["predictions"] == (END + 31) * ROWS
    assert len(found["evidence"]) == 30
    detail = watched.http.get(PATH).json()
    assert {column["name"] for column in detail["columns"]} >= {"x", "y", "prediction"}
    assert detail["baseline"]["note"] == "before deployment"
    assert {name: detail[name] for name in found if name != "service"} == {
        name: value for name, value in found.items() if name != "service"
    }


def test_the_history_of_columns_is_told_in_columns(watched: Serving) -> None:
    found = watched.http.get(f"{PATH}/history", params={"columns": "x,y"}).json()
    assert found["numbers"] == list(range(30))
    assert found["starts"][0] == "2024-01-09T08:00:00Z"
    assert [column["name"] for column in found["columns"]] == ["x", "y"]
    assert min(found["columns"][0]["drift"][20:]) > 4
    window = {"from": "2024-01-09T10:00:00+01:00", "to": "2024-01-09T12:00:00Z"}
    assert watched.http.get(f"{PATH}/history", params=window).json()["numbers"] == [1, 2, 3]


def test_the_heat_map_has_a_byte_for_each_column_and_bucket(watched: Serving) -> None:
    found = watched.http.get(f"{PATH}/heatmap").json()
    cells = base64.b64decode(found["drift"])
    assert len(cells) == len(found["columns"]) * 30
    place = [column["name"] for column in found["columns"]].index("x")
    assert min(cells[30 * place + 20 : 30 * place + 30]) > 100
    assert len(watched.http.get(f"{PATH}/heatmap?most=1").json()["columns"]) == 1


def test_the_distribution_is_told_beside_what_was_expected(watched: Serving) -> None:
    window = {"from": (REFERENCE_END + timedelta(hours=20)).isoformat(), "column": "x"}
    found = watched.http.get(f"{PATH}/distribution", params=window).json()
    assert found["rows"] == 10 * ROWS
    assert found["mean"]["observed"] > 2.5 > 0.5 > found["mean"]["expected"]
    assert found["distances"]["psi"] > 1
    assert len(found["bins"]) == len(found["expected"]) == len(found["reference"])


def test_a_history_of_no_column_still_has_its_evidence(watched: Serving) -> None:
    told = watched.http.get(f"{PATH}/history?columns=").json()
    assert told["columns"] == []
    assert len(told["evidence"]) == len(told["starts"]) > 0


@pytest.mark.parametrize(
    "window", ["from=0001-01-01T00:00:00Z", "to=9999-12-31T23:59:59Z", "to=0001-01-01T00:00:00Z"]
)
def test_any_time_may_be_asked_for(watched: Serving, window: str) -> None:
    for view in ("history", "heatmap", "distribution?column=x"):
        mark = "&" if "?" in view else "?"
        assert watched.http.get(f"{PATH}/{view}{mark}{window}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/v1/models/delay", 404, "Did you mean 'delays'"),
        ("/v1/models/delay/history", 404, "no model 'delay'"),
        (f"{PATH}/history?columns=z", 422, "no column 'z'"),
        (f"{PATH}/history?column=x", 422, "column"),
        (f"{PATH}/history?from=yesterday", 422, "from"),
        (f"{PATH}/history?from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z", 422, "before to"),
        (f"{PATH}/history?from=0001-01-01T00:00:00%2B05:00", 422, "from: expected a time"),
        (f"{PATH}/history?to=9999-12-31T23:59:59-05:00", 422, "to: expected a time"),
        (f"{PATH}/heatmap?most=0", 422, "most"),
        (f"{PATH}/distribution", 422, "column"),
        (f"{PATH}/distribution?column=x&segment=kind=web", 422, "no segment 'kind=web'"),
    ],
)
def test_what_there_is_not_is_named(watched: Serving, path: str, status: int, said: str) -> None:
    answer = watched.http.get(path)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_late_rows_appear_while_the_server_runs(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END), rows(END, END + 11))
        baseline(store)
        Watch(store, MODEL).advance(now=REFERENCE_END)
        fill(store, rows(END + 3, END + 4, name="late"))
    serving = serve(tmp_path / "store")
    limit = time.monotonic() + 60
    while serving.http.get(f"{PATH}/history").json()["late_rows"][3] != ROWS:
        assert time.monotonic() < limit
        time.sleep(0.1)
    assert serving.http.get("/v1/pulse").json()["judged"] == 2
