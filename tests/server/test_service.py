"""A real server adds up what its models' service does while records come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from server.conftest import Serving
from server.test_intake import prediction
from server.test_metrics import read
from server.test_watching import until
from watchkeeper.events import CostSettings, ObjectiveSettings, OperatingSettings
from watchkeeper.store import Store

MODEL = "m"


def now(**off: float) -> str:
    return (datetime.now(UTC) - timedelta(**off)).isoformat()


def service(serving: Serving, query: str = "") -> dict[str, Any]:
    answer = serving.http.get(f"/v1/models/{MODEL}/service{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def predictions(serving: Serving) -> int:
    return sum(total["predictions"] for total in service(serving)["totals"])


def test_what_comes_in_is_seen_within_seconds_and_once_after_a_kill(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    batch = [
        prediction(
            i, time=now(minutes=i % 3), version=str(i % 2), latency_seconds=0.1 * i, cost_usd=0.5
        )
        for i in range(1, 41)
    ]
    serving.post(*batch)
    until(lambda: serving.http.get("/v1/pulse").json()["metered"] == 1, 5)
    assert predictions(serving) == 40
    serving.post(prediction(99, time=now(), error="boom"))
    serving.process.kill()
    serving.process.wait()
    again = serve(tmp_path / "store")
    until(lambda: predictions(again) == 41)
    again.post(prediction(1), prediction(100, time=now()))  # the first is there already
    until(lambda: predictions(again) == 42)
    [total] = service(again, "?by=none&points=10")["totals"]
    assert (total["errors"], total["cost_usd"]) == (1, 20.0)
    groups = {t["group"]: t["predictions"] for t in service(again, "?by=version")["totals"]}
    assert groups == {"0": 20, "1": 20, "(none)": 2}


def test_a_wrong_question_about_the_service_is_answered_with_the_right_one(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    serving.post(prediction(1, time=now()))
    missing = serving.http.get("/v1/models/n/service")
    assert missing.status_code == 404
    assert "Valid choices: m" in missing.json()["detail"]
    for query in ("?by=country", "?points=0", "?from=yesterday", f"?from={2030}&to={2020}"):
        assert serving.http.get(f"/v1/models/{MODEL}/service{query}").status_code == 422
    same = "2026-01-01T00:00:00Z"
    empty = serving.http.get(f"/v1/models/{MODEL}/service?from={same}&to={same}")
    assert (empty.status_code, "from must lie before to" in empty.text) == (422, True)


def test_objectives_and_costs_in_force_are_judged_shown_and_measured(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    settings = OperatingSettings(
        objectives=(
            ObjectiveSettings(kind="availability", target=0.99),
            ObjectiveSettings(kind="latency", target=0.9, threshold_seconds=0.5),
        ),
        costs=CostSettings(month_budget_usd=30.0),
    )
    with Store.open(tmp_path / "store") as store:  # while it runs
        store.operating.put(MODEL, settings, actor="ann", now=datetime.now(UTC))
    serving.post(
        *(
            prediction(
                i,
                time=now(seconds=i % 50),
                latency_seconds=0.2,
                cost_usd=0.5,
                error="x" if i % 2 else None,
            )
            for i in range(100)
        )
    )
    until(lambda: service_incidents(tmp_path / "store") == {"availability", "budget"})
    available, latency = serving.http.get(f"/v1/models/{MODEL}/objectives").json()["objectives"]
    assert (available["state"], available["good_ratio"]) == ("burning", 0.5)
    assert (latency["state"], latency["budget_left_ratio"]) == ("ok", 1.0)
    costs = serving.http.get(f"/v1/models/{MODEL}/costs?by=version").json()
    assert (costs["month"]["spent_usd"], costs["month"]["state"]) == (50.0, "spent")
    assert costs["groups"][0]["cost_per_prediction_usd"] == 0.5
    found = read(serving)
    assert found["watchkeeper_model_incidents_open", MODEL] == 2
    assert found["watchkeeper_model_predictions_total", MODEL] == 100
    assert found["watchkeeper_model_error_ratio", MODEL] == 0.5
    assert abs(found["watchkeeper_model_latency_seconds", MODEL, "0.95"] - 0.2) <= 0.002
    assert abs(found["watchkeeper_model_burn_rate", MODEL, "availability", "1h"] - 50) < 1e-6
    assert found["watchkeeper_model_error_budget_left_ratio", MODEL, "latency"] == 1
    assert found["watchkeeper_model_month_cost_usd", MODEL] == 50
    assert found["watchkeeper_model_month_budget_usd", MODEL] == 30


def service_incidents(folder: Path) -> set[str]:
    with Store.open(folder) as store:
        return {one.objective for one in store.service_incidents.all(MODEL, open_only=True)}
