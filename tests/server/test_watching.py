"""A server judges the buckets of its models while it runs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, baseline, fill, rows
from server.conftest import Serving
from watchkeeper.store import Store, create_project

END = REFERENCE_HOURS
ARROW = "application/vnd.apache.arrow.stream"


def send(serving: Serving, table: pa.Table, **headers: str) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = serving.http.post(
        f"/v1/models/{MODEL}/predictions",
        content=sink.getvalue().to_pybytes(),
        headers={"content-type": ARROW, **headers},
    )
    assert answer.status_code == 200, answer.text


def incidents(serving: Serving, query: str = "", **headers: str) -> list[dict[str, Any]]:
    """Return all incidents but those of quality, which are judged at no set moment."""
    answer = serving.http.get(f"/v1/incidents{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["incidents"]
    return [one for one in found if one["source"] != "quality"]


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_an_incident_opens_and_closes_while_records_come_in(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END))
        baseline(store)
    serving = serve(tmp_path / "store")
    assert incidents(serving) == []
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    until(lambda: len(incidents(serving, "?state=open")) == 1)
    [found] = incidents(serving, f"?model={MODEL}")
    assert (found["model"], found["is_open"]) == (MODEL, True)
    assert found["what"] == ["x"]
    send(serving, rows(END + 50, END + 90))
    until(lambda: incidents(serving, "?state=open") == [])
    assert incidents(serving, "?model=other") == []
    assert [one["is_open"] for one in incidents(serving)] == [False]


def test_a_killed_server_goes_on_and_a_new_baseline_is_taken_up(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END))
    serving = serve(tmp_path / "store")
    with Store.open(tmp_path / "store") as store:
        baseline(store)  # while it runs
    send(serving, rows(END, END + 40))

    def judged() -> int:
        with Store.open(tmp_path / "store") as store:
            return len(store.watch_log.buckets(MODEL, 1))

    until(lambda: judged() == 39)
    serving.process.kill()
    serving.process.wait()
    again = serve(tmp_path / "store")
    send(again, rows(END + 40, END + 50, shift=1.5))
    until(lambda: len(incidents(again, "?state=open")) == 1)
    assert judged() == 49


def test_each_project_is_watched_by_itself_and_sees_its_own(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    Store.open(folder).close()
    create_project(folder, "search", actor="ann", now=NOW)
    with Store.open(folder / "projects" / "search") as store:
        fill(store, rows(0, END), rows(END, END + 10, shift=3.0))
        baseline(store)
    with Store.open(folder) as store:
        keys = {
            project: store.access_keys.create(
                project=project, name="t", scopes=["read"], actor="ann", now=NOW
            )[1]
            for project in ("default", "search")
        }
    serving = serve(folder, "--require-key")
    own = {"authorization": f"Bearer {keys['search']}"}
    until(lambda: len(incidents(serving, **own)) == 1)
    assert incidents(serving, authorization=f"Bearer {keys['default']}") == []


def test_a_wrong_question_is_answered_with_the_right_one(serving: Serving) -> None:
    wrong = serving.http.get("/v1/incidents?stat=open")
    assert wrong.status_code == 422
    assert "Did you mean 'state'" in wrong.json()["detail"]
    assert serving.http.get("/v1/incidents?state=closed").status_code == 422


def test_a_model_that_cannot_be_watched_is_logged_once_and_the_others_go_on(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    with Store.open(tmp_path / "store") as store:
        fill(store, rows(0, END), rows(END, END + 10, shift=3.0))
        baseline(store)
        store.watch_log.save_baseline("broken", b"junk", note="", actor="ann", now=NOW)
    serving = serve(tmp_path / "store")
    until(lambda: len(incidents(serving, f"?model={MODEL}")) == 1)
    time.sleep(2.5)  # several rounds
    serving.process.terminate()
    _, said = serving.process.communicate()
    assert said.count("default/broken: the watch stands still") == 1
