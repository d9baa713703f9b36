"""A server estimates predictions before their labels come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.estimating.scored_store import (
    MODEL,
    baseline,
    day_rows,
    fill_reference,
    keep,
    outcomes,
)
from server.conftest import Serving
from server.test_watching import until
from watchkeeper.store import Store


def test_predictions_are_estimated_as_they_come_and_scored_as_their_labels_do(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    path = tmp_path / "store"
    with Store.open(path) as store:
        fill_reference(store)
        baseline(store)
        for day in (6, 7, 8, 9):
            keep(store, "prediction", day_rows(day)[0])
    serving = serve(path)

    def asked(query: str = "") -> dict[str, Any]:
        address = f"/v1/models/{MODEL}/estimates?from=2026-03-07T00:00:00Z{query}"
        answer = serving.http.get(address)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    until(lambda: asked()["predictions"][:3] == [240, 240, 240])
    found = asked("&metrics=accuracy")
    assert None not in found["series"][0]["value"][:3]
    assert found["scores"] == []
    before = serving.http.get("/v1/pulse").json()["measured"]
    with Store.open(path) as store:
        for day in (6, 7, 8):
            keep(store, "outcome", outcomes(*day_rows(day)))
    until(lambda: serving.http.get("/v1/pulse").json()["measured"] > before)
    until(lambda: len(asked("&metrics=accuracy")["scores"]) == 1)
    assert serving.http.get(f"/v1/models/{MODEL}/estimates?metrics=acc").status_code == 422
    assert serving.http.get("/v1/models/n/estimates").status_code == 404
