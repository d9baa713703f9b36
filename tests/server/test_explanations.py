"""Contributions of features come over HTTP and by the client, and are shown per prediction."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.test_watching_explanations import BEGIN, MODEL, REFERENCE_HOURS, predictions
from server.conftest import Serving
from server.test_incidents import get
from server.test_tables import send, stream
from watchkeeper import Client
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXPLANATION = {"age": 0.25, "plan": -0.75, "(base)": 0.5}


def test_json_arrow_and_the_client_keep_the_same_contributions(serving: Serving) -> None:
    record = {
        "record": "prediction",
        "model": "by-json",
        "prediction_id": "1",
        "time": TIME.isoformat(),
        "features": {"age": 41.0},
        "explanation": EXPLANATION,
    }
    assert serving.post(record).json()["accepted"] == 1
    columns = {"prediction_id": ["1"], "time": [TIME], "feature:age": [41.0]}
    table = pa.table({**columns, **{f"explanation:{n}": [v] for n, v in EXPLANATION.items()}})
    assert send(serving, stream(table), "by-arrow").json()["accepted"] == 1
    with Client(str(serving.http.base_url), model="by-client") as client:
        client.log_prediction(
            {"age": 41.0},
            prediction_id="1",
            explanation={n: np.float32(v) for n, v in EXPLANATION.items()} | {"gone": np.nan},
        )
        assert client.flush()
    for model in ("by-json", "by-arrow", "by-client"):
        found = get(serving, f"/v1/models/{model}/predictions/1")
        # Largest amounts first.
        assert list(found["explanation"].items()) == [
            ("plan", -0.75),
            ("(base)", 0.5),
            ("age", 0.25),
        ]
        page = get(serving, f"/v1/models/{model}/predictions")
        assert "feature:age" in page["columns"]
        assert not any(name.startswith("explanation:") for name in page["columns"])


def test_a_contribution_that_is_no_number_costs_only_its_own_record(serving: Serving) -> None:
    record = {
        "record": "prediction",
        "model": "wrong",
        "prediction_id": "1",
        "time": TIME.isoformat(),
    }
    bad = {**record, "prediction_id": "2", "explanation": {"age": "high"}}
    answer = serving.post(record, bad).json()
    [rejected] = answer["rejected"]
    assert (answer["accepted"], rejected["row"]) == (1, 1)
    assert rejected["field"].startswith("explanation")
    columns = {"prediction_id": ["3"], "time": [TIME], "explanation:age": ["high"]}
    refused = send(serving, stream(pa.table(columns)), "wrong")
    assert refused.status_code == 422
    assert "explanation:age" in refused.json()["detail"]


def test_a_client_told_of_no_mapping_counts_it_and_goes_on(serving: Serving) -> None:
    with Client(str(serving.http.base_url), model="array") as client:
        client.log_prediction({"age": 41.0}, explanation=[0.25])  # type: ignore[arg-type]
        client.log_prediction({"age": 41.0}, explanation={"age": "high"})  # type: ignore[dict-item]
        client.flush()
        reasons = " ".join(client.stats().rejected_reasons)
    assert "explanation: expected a mapping" in reasons
    assert "explanation.age: expected a number or null" in reasons


def test_a_server_watches_contributions_and_shows_them_as_columns(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    hours = REFERENCE_HOURS
    with Store.open(tmp_path / "store") as store:
        store.append_table(MODEL, "prediction", predictions(0, hours))
        store.append_table(MODEL, "prediction", predictions(hours, hours + 30, "model"))
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False),
            until=BEGIN + timedelta(hours=hours),
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=BEGIN,
        )
    watching = serve(tmp_path / "store")
    limit = time.monotonic() + 30
    while not (told := get(watching, "/v1/incidents")["incidents"]):
        assert time.monotonic() < limit
        time.sleep(0.1)
    incident = told[-1]
    assert "the contribution of air_time to the output rose" in incident["message"]
    affected = get(watching, f"/v1/incidents/{incident['id']}/rows", limit="3")
    assert {"explanation:air_time", "feature:air_time"} <= set(affected["columns"])
    span = {"from": BEGIN.isoformat(), "to": (BEGIN + timedelta(hours=hours + 30)).isoformat()}
    heat = get(watching, f"/v1/models/{MODEL}/heatmap", **span)
    assert "explanation:air_time" in [column["name"] for column in heat["columns"]]
    shape = get(watching, f"/v1/models/{MODEL}/distribution", column="explanation:air_time", **span)
    assert shape["mean"]["observed"] > shape["mean"]["expected"]
    detail = get(watching, f"/v1/models/{MODEL}")
    weights = {column["name"]: column["weight"] for column in detail["columns"]}
    assert 0.0 < weights["explanation:air_time"] < weights["air_time"] == 1.0
    told = get(watching, f"/v1/models/{MODEL}/explanations", **span)
    assert [one["feature"] for one in told["features"]] == ["air_time", "origin"]
    assert told["features"][0]["now"] > told["features"][0]["reference"]
