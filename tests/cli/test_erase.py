"""``erase`` says what goes, and what went."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app
from watchkeeper.errors import SettingsError, StoreError
from watchkeeper.events import Prediction
from watchkeeper.store import Store, create_project

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(*words: object) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def fill(folder: Path) -> None:
    with Store.open(folder) as store:
        for name in ("ada", "bob"):
            store.append([Prediction(model="m", prediction_id=name, time=NOON, entity=name)])


def test_what_goes_is_told_before_and_after(tmp_path: Path) -> None:
    fill(tmp_path)
    words = ("erase", tmp_path, "--entity", "ada")
    told = run(*words, "--dry-run").stdout
    assert told.startswith(
        "Would erase of model m: 1 predictions, 0 outcomes, 0 feedback records\n"
    )
    told = run(*words).stdout
    assert told.startswith("Erased of model m: 1 predictions, 0 outcomes, 0 feedback records\n")
    assert "A second look at every file and the journal found 0 records;" in told
    assert "Noted as erasure 1, subject " in told
    assert "  - backups made before" in told
    told = run(*words, "--format", "json").stdout
    assert json.loads(told)["models"] == []
    assert json.loads(told)["number"] == 2
    assert "Nothing is kept of this entity." in run(*words, "--dry-run").stdout


def test_only_the_project_that_is_named_is_looked_at(tmp_path: Path) -> None:
    fill(tmp_path)
    create_project(tmp_path, "search", actor="me", now=NOON)
    fill(tmp_path / "projects" / "search")
    assert "of model m" in run("erase", tmp_path, "--entity", "ada", "--project", "search").stdout
    with Store.open(tmp_path) as store:
        assert store.predictions("m").num_rows == 2
    with Store.open(tmp_path / "projects" / "search") as store:
        assert store.predictions("m").column("entity").to_pylist() == ["bob"]
    with pytest.raises(SettingsError, match="no project 'serch'"):
        run("erase", tmp_path, "--entity", "ada", "--project", "serch")
    with pytest.raises(StoreError, match="there is no store"):
        run("erase", tmp_path / "none", "--entity", "ada")
