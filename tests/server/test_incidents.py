"""Incidents over HTTP: what happened, decisions about it, and rows to look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, START, baseline, fill, rows
from server.conftest import Serving
from server.test_watching import send, until
from watchkeeper.pipeline import Watch, replay
from watchkeeper.store import NewNotice, ServiceIncident, Store

END = REFERENCE_HOURS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which x moved and stays so, after y was gone for a while."""
    folder = tmp_path_factory.mktemp("incidents") / "store"
    with Store.open(folder) as store:
        fill(
            store,
            rows(0, END),
            rows(END, END + 10),
            rows(END + 10, END + 14).drop_columns(["feature:y"]),
            rows(END + 14, END + 40),
            rows(END + 40, END + 60, shift=1.5),
        )
        store.seal()
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        store.service_incidents.record(
            ServiceIncident(
                incident_id="objective-1",
                model=MODEL,
                source="objective",
                objective="fast",
                severity="critical",
                since=START,
                opened_at=START + timedelta(hours=1),
                last_seen_at=START + timedelta(hours=2),
                message="too slow",
                figures={"burn_short": 20.0},
            ),
            now=NOW,
        )
    return folder


@pytest.fixture(scope="module")
def told(serve: Callable[..., Serving], folder: Path) -> Serving:
    return serve(folder)


def get(serving: Serving, path: str, **parameters: str) -> dict[str, Any]:
    answer = serving.http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def post(serving: Serving, path: str, **body: Any) -> Any:
    csrf = serving.http.get("/v1/access").json()["csrf"]
    return serving.http.post(path, json=body, headers={"x-csrf-token": csrf})


def of_source(serving: Serving, source: str) -> dict[str, Any]:
    found = get(serving, "/v1/incidents")["incidents"]
    [one] = [i for i in found if i["source"] == source]
    return dict(one)


def test_incidents_of_all_sources_are_listed_newest_first(told: Serving) -> None:
    found = get(told, "/v1/incidents")["incidents"]
    assert [i["source"] for i in found] == ["drift", "rule", "objective"]
    drift, rule, objective = found
    assert drift["what"] == ["x"]
    assert (drift["severity"], drift["kind"], drift["is_open"]) == ("warning", "sudden", True)
    assert (rule["severity"], rule["closed_why"], rule["what"]) == ("critical", "returned", ["y"])
    assert (objective["severity"], objective["what"]) == ("critical", ["fast"])
    assert (objective["kind"], objective["is_open"]) == (None, True)
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]+", i["id"]) for i in found)
    assert len({i["id"] for i in found}) == 3


def test_the_list_is_narrowed_by_model_state_time_and_number(told: Serving) -> None:
    def sources(**parameters: str) -> list[str]:
        found = get(told, "/v1/incidents", **parameters)["incidents"]
        return [i["source"] for i in found]

    assert sources(state="open") == ["drift", "objective"]
    assert sources(limit="1") == ["drift"]
    assert sources(model="other") == []
    hour = {h: (START + timedelta(hours=END + h)).isoformat() for h in (0, 12, 30)}
    assert sources(**{"from": hour[12], "to": hour[30]}) == ["rule", "objective"]
    assert sources(to=hour[0]) == ["objective"]
    assert told.http.get("/v1/incidents?limit=0").status_code == 422
    assert told.http.get("/v1/incidents?from=yesterday").status_code == 422


def test_an_incident_in_full_has_its_evidence_and_where_to_look(told: Serving) -> None:
    summary = of_source(told, "drift")
    found = get(told, f"/v1/incidents/{summary['id']}")
    changing = {"message", "kind"}  # an open one is told as it stands now
    assert {n: found[n] for n in summary if n not in changing} == {
        n: v for n, v in summary.items() if n not in changing
    }
    [stream] = found["streams"]
    assert stream["column"] == "x"
    assert stream["effect"]["shift"] == pytest.approx(1.5, abs=0.2)
    evidence = found["evidence"]
    assert len(evidence["starts"]) == len(evidence["values"])
    assert evidence["values"][evidence["opened"]] >= 1.0
    assert evidence["closed"] is None
    assert found["numbers"]["since_bucket"] in {39, 40}
    assert found["from"] < found["since"] < found["opened_at"] <= found["to"]
    assert found["decisions"] == found["notices"] == []


def test_an_incident_of_the_service_tells_its_figures(told: Serving) -> None:
    found = get(told, f"/v1/incidents/{of_source(told, 'objective')['id']}")
    assert found["figures"] == {"burn_short": 20.0}
    assert (found["evidence"], found["numbers"], found["streams"]) == (None, None, [])
    assert get(told, f"/v1/incidents/{found['id']}/rows")["rows"] == []


def test_what_was_sent_about_an_incident_is_told(told: Serving, folder: Path) -> None:
    key = of_source(told, "rule")["id"]
    with Store.open(folder) as store:
        notice = NewNotice(
            incident_key=key,
            event="open",
            channel="ops",
            model=MODEL,
            due_at=NOW,
            payload=b"{}",
        )
        store.notices.add([notice], now=NOW)
    [sent] = get(told, f"/v1/incidents/{key}")["notices"]
    assert (sent["channel"], sent["event"], sent["attempts"]) == ("ops", "open", 0)


def test_the_rows_to_look_at_are_those_that_moved_most(told: Serving) -> None:
    key = of_source(told, "drift")["id"]
    found = get(told, f"/v1/incidents/{key}/rows", limit="20")
    assert "of 600 predictions" in found["picked"] or "of 630 predictions" in found["picked"]
    x, time = found["columns"].index("feature:x"), found["columns"].index("time")
    assert len(found["rows"]) == 20
    assert min(row[x] for row in found["rows"]) > 1.5
    onset = START + timedelta(hours=END + 39)
    assert all(datetime.fromisoformat(row[time]) >= onset for row in found["rows"])


def test_the_rows_of_a_column_that_was_gone_are_those_without_it(told: Serving) -> None:
    key = of_source(told, "rule")["id"]
    found = get(told, f"/v1/incidents/{key}/rows", limit="500")
    assert len(found["rows"]) == 4 * 30
    first = START + timedelta(hours=END + 10)
    assert found["rows"][0][found["columns"].index("time")] == first.isoformat().replace(
        "+00:00", "Z"
    )


def test_an_unknown_incident_is_404_and_the_nearest_is_named(told: Serving) -> None:
    key = of_source(told, "drift")["id"]
    for path in (f"/v1/incidents/{key}x", f"/v1/incidents/{key[:-1]}", "/v1/incidents/nothing"):
        for query in ("", "/rows"):
            answer = told.http.get(path + query)
            assert answer.status_code == 404, answer.text
            assert answer.json()["type"].endswith("no-such-incident")
    assert f"Did you mean '{key}'" in told.http.get(f"/v1/incidents/{key[:-1]}").json()["detail"]
    assert post(told, "/v1/incidents/nothing/decisions", kind="acknowledge").status_code == 404


def test_what_cannot_be_decided_is_said_with_what_to_do(told: Serving) -> None:
    drift, rule, objective = (of_source(told, s)["id"] for s in ("drift", "rule", "objective"))

    def refused(key: str, **body: Any) -> str:
        answer = post(told, f"/v1/incidents/{key}/decisions", **body)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["detail"])

    assert "expected why" in refused(drift, kind="adopt", reason="  ")
    assert "expected why" in refused(drift, kind="mute")
    assert "watchkeeper baseline" in refused(rule, kind="adopt", reason="gone for good")
    assert "watchkeeper apply" in refused(objective, kind="adopt", reason="slow now")
    assert "not muted" in refused(drift, kind="unmute")
    past = {"until": "2020-01-01T00:00:00Z"}
    assert "a time to come" in refused(drift, kind="mute", reason="r", **past)
    assert "only a mute has an end" in refused(drift, kind="acknowledge", **past)
    assert "kind" in refused(drift, kind="delete")
    assert "2,000 characters" in refused(drift, kind="acknowledge", reason="x" * 2001)
    assert of_source(told, "drift")["acknowledged"] is None


def test_an_incident_is_acknowledged_muted_and_unmuted(told: Serving) -> None:
    key = of_source(told, "rule")["id"]
    path = f"/v1/incidents/{key}/decisions"
    acknowledged = post(told, path, kind="acknowledge", reason="I look").json()
    assert acknowledged["acknowledged"]["reason"] == "I look"
    assert acknowledged["acknowledged"]["actor"] == "local"
    muted = post(told, path, kind="mute", reason="noise", until="2100-01-01T00:00:00Z")
    assert muted.status_code == 422  # within ten years
    muted = post(told, path, kind="mute", reason="noise").json()
    assert muted["muted"] == {
        "actor": "local",
        "time": muted["muted"]["time"],
        "reason": "noise",
        "until": None,
    }
    assert post(told, path, kind="unmute").json()["muted"] is None
    made = get(told, f"/v1/incidents/{key}")["decisions"]
    assert [d["kind"] for d in made] == ["acknowledge", "mute", "unmute"]
    logged = get(told, "/v1/audit", action="incident", limit="3")["entries"]
    assert [e["action"] for e in logged] == [
        "incident.unmute",
        "incident.mute",
        "incident.acknowledge",
    ]


def test_decisions_need_the_scope_admin(
    serve: Callable[..., Serving], told: Serving, folder: Path
) -> None:
    with Store.open(folder) as store:
        keys = {
            scope: store.access_keys.create(
                project="default", name=scope, scopes=[scope], actor="ann", now=NOW
            )[1]
            for scope in ("read", "write", "admin")
        }
    keyed = serve(folder, "--require-key")
    path = f"/v1/incidents/{of_source(told, 'drift')['id']}/decisions"
    status = {
        scope: keyed.http.post(
            path, json={"kind": "acknowledge"}, headers={"authorization": f"Bearer {text}"}
        ).status_code
        for scope, text in keys.items()
    }
    assert status == {"read": 403, "write": 403, "admin": 200}
    acknowledged = of_source(told, "drift")["acknowledged"]
    assert acknowledged["actor"].startswith("admin (key ")


def test_an_adopted_incident_closes_at_the_next_bucket_and_replays(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END), rows(END, END + 40), rows(END + 40, END + 60, shift=1.5))
        baseline(store)
    serving = serve(tmp_path / "store")
    until(lambda: len(get(serving, "/v1/incidents", state="open")["incidents"]) == 1)
    key = of_source(serving, "drift")["id"]
    until(lambda: get(serving, f"/v1/incidents/{key}")["to"] is not None)
    adopted = post(serving, f"/v1/incidents/{key}/decisions", kind="adopt", reason="new tariff")
    assert adopted.json()["adopted"]["reason"] == "new tariff"
    assert adopted.json()["is_open"]
    again = post(serving, f"/v1/incidents/{key}/decisions", kind="adopt", reason="twice")
    assert again.json()["adopted"]["reason"] == "new tariff"
    send(serving, rows(END + 60, END + 80, shift=1.5))
    until(lambda: get(serving, "/v1/incidents", state="open")["incidents"] == [])
    closed = of_source(serving, "drift")
    assert closed["closed_why"] == "adopted"
    assert "adopted as normal" in closed["message"]
    assert [d["kind"] for d in get(serving, f"/v1/incidents/{key}")["decisions"]] == ["adopt"]
    refused = post(serving, f"/v1/incidents/{key}/decisions", kind="mute", reason="r")
    assert refused.status_code == 200
    with Store.open(tmp_path / "store") as store:
        assert replay(store, MODEL).differing == ()


def test_a_newer_baseline_ends_what_was_open_by_the_older_one(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END), rows(END, END + 10, shift=3.0))
        baseline(store)
        Watch(store, MODEL).advance(now=NOW)
        baseline(store, until=START + timedelta(hours=END + 9))
        assert replay(store, MODEL, version=1).differing == ()
    serving = serve(tmp_path / "store")
    found = of_source(serving, "drift")
    assert (found["is_open"], found["closed_why"]) == (False, "adopted")
    refused = post(
        serving, f"/v1/incidents/{found['id']}/decisions", kind="adopt", reason="as it is"
    )
    assert "has ended" in refused.json()["detail"]


def test_an_incident_is_explained_from_what_is_stored(told: Serving) -> None:
    drift = of_source(told, "drift")
    found = get(told, f"/v1/incidents/{drift['id']}/explanation")
    assert found["incident"] == drift["id"]
    [finding] = found["findings"]
    assert finding["about"] == "x"
    assert finding["change"]["low"] > 1.0
    assert found["said"] == ["No prediction of either time has a label yet."]


def test_what_is_not_stored_any_more_cannot_be_explained(told: Serving) -> None:
    service = of_source(told, "objective")
    answer = told.http.get(f"/v1/incidents/{service['id']}/explanation")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("no-explanation")
    assert "no predictions of model" in answer.json()["detail"]
    assert told.http.get("/v1/incidents/a.1.b/explanation").status_code == 404
