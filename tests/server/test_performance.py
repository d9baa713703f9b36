"""A server measures predictions as their labels come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from server.conftest import Serving
from server.test_watching import until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def records(kind: str, **columns: list[Any]) -> dict[str, Any]:
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    times = [(NOON + timedelta(minutes=n)).isoformat() for n in range(len(rows))]
    return {
        "records": [
            {"record": kind, "model": "m", "time": time, **row}
            for row, time in zip(rows, times, strict=True)
        ]
    }


def post(serving: Serving, body: dict[str, Any]) -> None:
    answer = serving.http.post("/v1/records", json=body)
    assert answer.status_code == 200, answer.text


def test_labels_are_measured_when_they_come_and_the_pulse_says_so(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    random = np.random.default_rng(1)
    ids = [f"p{n}" for n in range(100)]
    outputs = random.normal(size=100)
    post(serving, records("prediction", prediction_id=ids, output=outputs.tolist()))

    def asked(query: str = "") -> dict[str, Any]:
        answer = serving.http.get(f"/v1/models/m/performance{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    assert asked()["task"] is None
    before = serving.http.get("/v1/pulse").json()["measured"]
    post(serving, records("outcome", prediction_id=ids[:60], label=(outputs[:60] + 2).tolist()))
    until(lambda: serving.http.get("/v1/pulse").json()["measured"] > before)
    until(lambda: asked()["totals"][0]["labelled"] == 60)
    found = asked("?metrics=mae,bias")
    values = {one["name"]: one["value"] for one in found["totals"][0]["metrics"]}
    assert {name: round(value, 9) for name, value in values.items()} == {"mae": 2, "bias": -2}
    assert serving.http.get("/v1/models/m/performance?metrics=mea").status_code == 422
    assert serving.http.get("/v1/models/n/performance").status_code == 404
