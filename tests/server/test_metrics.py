"""What Prometheus reads of a real server, parsed by its own client."""

from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, baseline, fill, rows
from server.conftest import Serving
from server.test_intake import outcome, prediction
from server.test_watching import incidents, send, until
from watchkeeper.store import Store, create_project

END = REFERENCE_HOURS


def read(serving: Serving, **headers: str) -> dict[tuple[str, ...], float]:
    """Return samples by name and the values of their labels, in the order of the labels' names."""
    answer = serving.http.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_records_and_requests_are_counted(serve: Callable[..., Serving], tmp_path: Path) -> None:
    serving = serve(tmp_path / "store")
    serving.post(prediction(1), prediction(2, time="yesterday"))
    serving.post(prediction(1), outcome(1))
    assert serving.post(prediction(3, time="yesterday")).status_code == 422
    serving.http.get("/v1/models/some-secret-name")
    serving.http.get("/v1/some-secret-path")
    found = read(serving)
    counts = {
        result: found["watchkeeper_records_total", result]
        for result in ("accepted", "duplicate", "rejected")
    }
    assert counts == {"accepted": 2, "duplicate": 1, "rejected": 2}
    duration = "watchkeeper_http_request_duration_seconds_count"
    assert found[duration, "POST", "/v1/records", "200"] == 2
    assert found[duration, "POST", "/v1/records", "422"] == 1
    assert found[duration, "GET", "/v1/models/{model}", "404"] == 1
    assert found[duration, "GET", "other", "404"] == 1
    assert not any("secret" in part for key in found for part in key)
    assert found["watchkeeper_http_requests_under_way",] == 1
    assert found["watchkeeper_journal_bytes",] > 0
    assert found["process_resident_memory_bytes",] > 1e6


def test_models_show_their_pace_and_what_happens(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END))
        baseline(store)
    serving = serve(tmp_path / "store")
    assert read(serving)["watchkeeper_model_incidents_open", MODEL] == 0
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    until(lambda: len(incidents(serving, "?state=open")) == 1)
    found = read(serving)
    assert found["watchkeeper_model_incidents_open", MODEL] == 1
    assert found["watchkeeper_model_buckets_judged", MODEL] == 49
    assert found["watchkeeper_watch_stands_still", MODEL] == 0
    assert found["watchkeeper_model_evidence_ratio", MODEL] >= 0
    arrived = found["watchkeeper_model_last_arrival_timestamp_seconds", MODEL]
    assert arrived > found["watchkeeper_model_newest_event_timestamp_seconds", MODEL]


def test_one_project_does_not_see_the_models_of_another(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    Store.open(folder).close()
    create_project(folder, "search", actor="ann", now=NOW)
    with Store.open(folder) as store:
        own, other = (
            store.access_keys.create(
                project=project, name="prometheus", scopes=["admin"], actor="ann", now=NOW
            )[1]
            for project in ("default", "search")
        )
    serving = serve(folder, "--require-key")
    assert serving.http.get("/metrics").status_code == 401
    serving.post(prediction(1, model="hidden"), authorization=f"Bearer {other}")
    assert any("hidden" in key for key in read(serving, authorization=f"Bearer {other}"))
    assert not any("hidden" in key for key in read(serving, authorization=f"Bearer {own}"))
    records = ("watchkeeper_records_total", "accepted")
    assert read(serving, authorization=f"Bearer {own}")[records] == 0
