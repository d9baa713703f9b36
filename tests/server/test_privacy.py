"""Nothing private reaches the disk, an answer or a log, whatever way it came."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from nursery import run
from server.conftest import Serving
from server.test_tables import send, stream
from watchkeeper import Client
from watchkeeper.events import Prediction
from watchkeeper.store import Store

EMAIL = "ada@lovelace.example"
TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = """
model: m
privacy:
  hash: [entity, email]
  drop: [error, name]
  mask: {phone: {keep_last: 2}}
"""
PRIVATE = {"email": EMAIL, "name": "Countess-of-L", "phone": "0041791234567"}
SECRETS = [*PRIVATE.values(), "paid-rent"]


def json_record(identity: str, **more: Any) -> dict[str, Any]:
    return {
        "record": "prediction", "model": "m", "prediction_id": identity, "time": TIME.isoformat(),
        "features": {**PRIVATE, "x": 1}, "entity": EMAIL, "error": "paid-rent", **more,
    }  # fmt: skip


def arrow_table(identity: str) -> pa.Table:
    columns: dict[str, Any] = {
        "prediction_id": identity, "time": TIME, "entity": EMAIL, "error": "paid-rent",
        **{f"feature:{name}": value for name, value in PRIVATE.items()},
    }  # fmt: skip
    return pa.table({name: [value] for name, value in columns.items()})


def applied(tmp_path: Path, store: Path, text: str = SETTINGS) -> None:
    config = tmp_path / "watchkeeper.yaml"
    config.write_text(text)
    assert run("apply", store, "--config", config).returncode == 0


def leaks(folder: Path) -> list[str]:
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [secret for secret in SECRETS if secret.encode() in content]


def test_no_way_in_goes_around_what_is_in_force(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder, work = tmp_path / "store", tmp_path / "work"
    work.mkdir()
    serving = serve(folder)
    applied(work, folder)  # while it runs
    assert serving.post(json_record("json")).json()["accepted"] == 1
    assert serving.post(*(json_record(f"many-{n}") for n in range(50))).json()["accepted"] == 50
    assert send(serving, stream(arrow_table("arrow")), "m").json()["accepted"] == 1
    with Client(str(serving.http.base_url), model="m") as client:
        client.log_prediction(features=PRIVATE, entity=EMAIL, error="paid-rent", output=1.0)
    with Client(folder, model="m") as client:
        client.log_prediction(features=PRIVATE, entity=EMAIL, error="paid-rent", output=1.0)
    csv = work / "m.csv"
    row = f"{TIME.isoformat()},{EMAIL},paid-rent,{EMAIL},Countess-of-L,0041791234567"
    csv.write_text(f"time,entity,error,email,name,phone\n{row}\n{row.replace('2026', 'none')}\n")
    done = run("import", csv, "--store", folder, "--model", "m", cwd=work)
    assert done.returncode == 1, done.stderr  # a row was set aside
    rejects = (work / "m.rejects.jsonl").read_text()

    long = "paid-rent" * 200_000
    said = serving.post(json_record("bad", error=long), json_record("good")).text
    bad = arrow_table("bad").set_column(3, "error", pa.array([long]))
    said += send(serving, stream(bad), "m").text
    wrong = {**json_record("odd"), "entity": [EMAIL], "features": {"email": {"is": EMAIL}}}
    said += serving.post(wrong).text
    assert "1,800,000" in said
    serving.end()
    log = serving.process.stderr.read() if serving.process.stderr else ""

    assert leaks(folder) == []
    for told in (said, rejects, done.stdout + done.stderr, log):
        assert [secret for secret in SECRETS if secret in told] == []
    with Store.open(folder) as store:
        table = store.predictions("m")
        assert table.num_rows == 56
        hashed = {store.stored_entity("m", EMAIL)}
        assert set(table.column("entity").to_pylist()) == hashed
        assert set(table.column("feature:email").to_pylist()) == hashed
        assert set(table.column("feature:phone").to_pylist()) == {"***67"}


def test_a_hashed_entity_is_found_by_its_id(serve: Callable[..., Serving], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    serving = serve(folder)
    serving.post(json_record("open"), json_record("other", entity="bob"))
    applied(tmp_path, folder)
    serving.post(json_record("hashed"), json_record("another", entity="bob"))
    asked = serving.http.get("/v1/models/m/predictions", params={"entity": EMAIL}).json()
    found = asked["columns"].index("prediction_id")
    assert sorted(row[found] for row in asked["rows"]) == ["hashed", "open"]


def test_a_file_of_which_no_row_can_be_used_is_told_without_its_values(tmp_path: Path) -> None:
    config, csv = tmp_path / "watchkeeper.yaml", tmp_path / "m.csv"
    config.write_text(SETTINGS)
    csv.write_text(f"time,entity\n{EMAIL},{EMAIL}\n")
    done = run("import", csv, "--config", config, "--dry-run", cwd=tmp_path)
    assert done.returncode == 2
    assert "what stood there is not shown" in done.stderr
    assert EMAIL not in done.stderr + done.stdout + (tmp_path / "m.rejects.jsonl").read_text()


def test_a_running_server_takes_a_revision_up_at_once(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    serving = serve(folder)
    for at, (text, is_open) in enumerate([("model: m\n", True), (SETTINGS, False)]):
        applied(tmp_path, folder, text)
        begun = time.monotonic()
        assert serving.post(json_record(str(at))).json()["accepted"] == 1
        assert time.monotonic() - begun < 5
        with Store.open(folder) as store:
            entities = dict(
                zip(
                    *(
                        store.predictions("m").column(n).to_pylist()
                        for n in ("prediction_id", "entity")
                    ),
                    strict=True,
                )
            )
        assert (entities[str(at)] == EMAIL) == is_open


@pytest.mark.parametrize("way", ["json", "arrow"])
def test_a_lost_key_is_told_and_nothing_is_taken(
    serve: Callable[..., Serving], tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "store"
    applied(tmp_path, folder)
    (folder / "privacy.key").unlink()
    serving = serve(folder)
    if way == "json":
        answer = serving.post(json_record("1"))
    else:
        answer = send(serving, stream(arrow_table("1")), "m")
    assert answer.status_code == 503
    assert "privacy.key is missing" in answer.text
    assert serving.post({**json_record("1"), "model": "open"}).status_code == 200


def test_a_server_removes_what_is_too_old(serve: Callable[..., Serving], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with Store.open(folder) as store:
        now = datetime.now(UTC)
        for days in (1, 40):
            time_then = now - timedelta(days=days)
            store.append([Prediction(model="m", prediction_id=str(days), time=time_then)])
        store.seal()
    applied(tmp_path, folder, "model: m\nretention: {events: 30d}\n")
    serving = serve(folder)
    until = time.monotonic() + 20
    while len(list(folder.rglob("*.parquet"))) > 1 and time.monotonic() < until:
        time.sleep(0.1)
    with Store.open(folder) as store:
        assert store.predictions("m").column("prediction_id").to_pylist() == ["1"]
        assert store.audit.entries()[-1].action == "events.expire"
    assert serving.post(json_record("new")).status_code == 200
