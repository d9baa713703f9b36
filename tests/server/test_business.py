"""A server tells business metrics of what was sent to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from server.conftest import Serving


def test_business_metrics_are_asked_over_http(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    records = [
        {
            "record": "feedback",
            "model": "m",
            "feedback_id": f"{kind}-{user}",
            "time": "2026-03-01T12:00:00Z",
            "kind": kind,
            "entity": f"u{user}",
        }
        for user in range(10)
        for kind in (["impression", "click"] if user < 8 else ["impression"])
    ]
    assert serving.http.post("/v1/records", json={"records": records}).status_code == 200
    answer = serving.http.get("/v1/models/m/business")
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["series"]
    # Wilson (1927): 8 of 10.
    assert (one["metric"], one["total"], one["entities"]) == ("click_through", 0.8, 10)
    assert round(one["total_low"], 4) == 0.4902
    assert round(one["total_high"], 4) == 0.9433
    assert serving.http.get("/v1/models/m/business?metrics=clicks").status_code == 422
    assert serving.http.get("/v1/models/n/business").status_code == 404
    days = serving.http.get("/v1/models/m/business/days")
    assert days.json() == {"model": "m", "metrics": []}  # none is declared
