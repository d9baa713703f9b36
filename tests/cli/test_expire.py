"""``expire`` removes what is too old, of all projects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.events import OperatingSettings, Prediction, RetentionSettings
from watchkeeper.store import Store, create_project

NOW = datetime.now(UTC)


def run(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def fill(folder: Path) -> None:
    with Store.open(folder) as store:
        for days in (1, 20):
            time = NOW - timedelta(days=days)
            store.append([Prediction(model="m", prediction_id=str(days), time=time)])


def test_what_is_too_old_goes_from_every_project(tmp_path: Path) -> None:
    fill(tmp_path)
    create_project(tmp_path, "search", actor="me", now=NOW)
    search = tmp_path / "projects" / "search"
    fill(search)
    assert run("expire", tmp_path).count("no retention is in force") == 2
    with Store.open(search) as store:
        kept = OperatingSettings(retention=RetentionSettings(events="10d", profiles="20d"))
        store.operating.put("m", kept, actor="me", now=NOW)
    told = run("expire", tmp_path, "--dry-run")
    assert (
        "model m: would remove 1 predictions, 0 outcomes and 0 feedback records of before" in told
    )
    told = run("expire", tmp_path)
    assert "model m: removed 1 predictions, 0 outcomes and 0 feedback records of before" in told
    assert "(1 files, 0 more written again)" in told
    assert "model m: nothing is older" in run("expire", tmp_path)
    with Store.open(search) as store:
        assert store.predictions("m").column("prediction_id").to_pylist() == ["1"]
    with Store.open(tmp_path) as store:
        assert store.predictions("m").num_rows == 2
