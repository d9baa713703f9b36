"""Outliers are told as they arrive at a real server, however they come, and shown."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
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
from server.test_incidents import get
from server.test_intake import prediction
from server.test_tables import send, stream
from watchkeeper import Client
from watchkeeper.store import Store

LATER = REFERENCE_END + timedelta(hours=1)
ODD = {"x": 60.0, "y": 0.25}
USUAL = {"x": 0.5, "y": 0.25}


@pytest.fixture(scope="module")
def scoring(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server over a model whose baseline was set while it ran."""
    folder = tmp_path_factory.mktemp("scoring") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, REFERENCE_HOURS))
    serving = serve(folder)
    serving.post(_record("too early", ODD))
    with Store.open(folder) as store:
        baseline(store)
    serving.post(_record("json", ODD), _record("usual", USUAL))
    send(serving, stream(_table("arrow", ODD)), MODEL)
    with Client(str(serving.http.base_url), model=MODEL) as client:
        client.log_prediction(ODD, 0.25, prediction_id="sdk", time=LATER)
    return serving


def test_a_row_that_does_not_belong_is_flagged_however_it_comes(scoring: Serving) -> None:
    shown = _shown(scoring, outlier="true")
    assert set(shown) == {"json", "arrow", "sdk"}
    assert len({tuple(map(str, one)) for one in shown.values()}) == 1, "the same score for all"
    score, told = shown["json"]
    assert score > 1.0
    assert told == ["x"]
    assert set(_shown(scoring, outlier="false")) == {"usual"}
    assert _shown(scoring)["too early"] == (None, None)


def test_a_prediction_says_what_makes_it_an_outlier(scoring: Serving) -> None:
    odd = get(scoring, f"/v1/models/{MODEL}/predictions/json")
    assert (odd["outlier_score"] > 1.0, odd["outlier_columns"]) == (True, ["x"])
    usual = get(scoring, f"/v1/models/{MODEL}/predictions/usual")
    assert (usual["outlier_score"] < 1.0, usual["outlier_columns"]) == (True, [])
    early = get(scoring, f"/v1/models/{MODEL}/predictions/too%20early")
    assert (early["outlier_score"], early["outlier_columns"]) == (None, [])


def test_a_model_says_by_what_its_predictions_are_scored(scoring: Serving) -> None:
    found = get(scoring, f"/v1/models/{MODEL}/outliers")
    assert (found["state"], found["baseline_version"], found["incident"]) == ("scored", 1, None)
    assert found["columns"] == ["prediction", "x", "y"]
    assert found["reference_rows"] == REFERENCE_HOURS * ROWS
    assert 0 < found["usual_ratio"] <= 0.001
    scoring.post(prediction(1, model="unwatched"))
    nothing = get(scoring, "/v1/models/unwatched/outliers")
    assert (nothing["state"], nothing["columns"]) == ("none", [])
    assert "Set one anew" in nothing["said"][0]


def test_scores_outlive_a_server_that_is_killed(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path) as store:
        fill(store, rows(0, REFERENCE_HOURS))
        baseline(store)
    serving = serve(tmp_path)
    serving.post(_record("1", ODD), _record("2", USUAL))
    before = _shown(serving)
    serving.end(signal.SIGKILL)
    with Store.open(tmp_path) as store:
        kept = store.predictions(MODEL, start=REFERENCE_END).to_pylist()
    found = {one["prediction_id"]: (one["outlier_score"], one["outlier_columns"]) for one in kept}
    assert found == before
    assert before["1"][1] == ["x"]


def _record(name: str, features: dict[str, float]) -> dict[str, Any]:
    fields = {"model": MODEL, "prediction_id": name, "time": LATER.isoformat()}
    return prediction(0, **fields, features=features)


def _table(name: str, features: dict[str, float]) -> pa.Table:
    columns = {f"feature:{key}": [value] for key, value in features.items()}
    return pa.table({"prediction_id": [name], "time": [LATER], "output": [0.25], **columns})


def _shown(serving: Serving, **asked: str) -> dict[str, tuple[Any, Any]]:
    """Score and columns of what the explorer shows since the reference, by id."""
    start = {"from": REFERENCE_END.isoformat()}
    page = get(serving, f"/v1/models/{MODEL}/predictions", **start, **asked)
    found = [dict(zip(page["columns"], row, strict=True)) for row in page["rows"]]
    return {
        row["prediction_id"]: (row.get("outlier_score"), row.get("outlier_columns"))
        for row in found
    }
