"""``apply`` puts operating settings in force, and says what changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.watched_store import MODEL, REFERENCE_END, fill, story
from watchkeeper.cli import app
from watchkeeper.errors import SettingsError, StoreError
from watchkeeper.events import OperatingSettings, Prediction, RetentionSettings
from watchkeeper.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(*words: object) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text("model: delays\nprivacy: {hash: [email]}\nretention: {events: 90d}\n")
    return path


def test_what_changes_is_told_put_in_force_and_audited(tmp_path: Path, config: Path) -> None:
    folder = tmp_path / "store"
    told = run("apply", folder, "--config", config).stdout
    assert told == (
        "Model delays: in force now:\n  privacy.hash: now email\n  retention.events: now 90d\n"
        "What is stored already stays as it is.\n"
    )
    assert "nothing changes" in run("apply", folder, "--config", config).stdout
    config.write_text("model: delays\nretention: {events: 30d}\n")
    told = run("apply", folder, "--config", config).stdout
    assert "  privacy.hash: no longer email\n  retention.events: 90d becomes 30d\n" in told
    with Store.open(folder) as store:
        assert store.operating.in_force("delays") == OperatingSettings(
            retention=RetentionSettings(events="30d")
        )
        entries = [json.loads(entry.payload) for entry in store.audit.entries()]
        assert [e["scope"] for e in entries] == ["privacy-key", "model:delays", "model:delays"]
        assert store.audit.verify().holds


def test_a_dry_run_changes_nothing(tmp_path: Path, config: Path) -> None:
    folder = tmp_path / "store"
    with pytest.raises(StoreError, match="there is no store"):
        run("apply", folder, "--config", config, "--dry-run")
    Store.open(folder).close()
    told = run("apply", folder, "--config", config, "--dry-run").stdout
    assert "would change:\n  privacy.hash: now email" in told
    with Store.open(folder) as store:
        assert store.operating.models() == {}
        assert store.audit.entries() == []
    assert not (folder / "privacy.key").exists()


def test_the_model_must_be_named(tmp_path: Path, config: Path) -> None:
    config.write_text("retention: {events: 30d}\n")
    with pytest.raises(SettingsError, match="name the model with --model"):
        run("apply", tmp_path / "store", "--config", config)
    told = run("apply", tmp_path / "store", "--config", config, "--model", "churn").stdout
    assert told.startswith("Model churn: in force now:")


def test_a_baseline_says_that_the_file_differs_from_what_is_in_force(tmp_path: Path) -> None:
    folder, config = tmp_path / "store", tmp_path / "watchkeeper.yaml"
    with Store.open(folder) as store:
        fill(store, *story()[:3])
    text = f"model: {MODEL}\nbaseline: {{until: '{REFERENCE_END.isoformat()}'}}\nbucket: 1h\n"
    config.write_text(f"{text}retention: {{events: 90d}}\n")
    words = ("baseline", folder, "--config", config)
    told = run(*words).stdout
    assert "that are not in force: retention.events: now 90d" in told
    assert f"next: watchkeeper apply {folder} --config {config}" in told
    run("apply", folder, "--config", config)
    assert "not in force" not in run(*words).stdout


def test_what_is_unlikely_to_be_meant_is_told(tmp_path: Path, config: Path) -> None:
    folder = tmp_path / "store"
    with Store.open(folder) as store:
        features = {"email": "a@b.example", "birth": 1815.0}
        known: dict[str, Any] = {"model": "delays", "features": features, "tags": {"plan": "pro"}}
        store.append([Prediction(prediction_id="1", time=NOON, **known)])
        store.seal()
    config.write_text(
        "model: delays\nprivacy: {hash: [emial, email, birth, plan, entity, output]}\n"
    )
    for words in (["--dry-run"], []):
        told = run("apply", folder, "--config", config, *words).stdout
        notes = [line for line in told.splitlines() if "note: " in line]
        assert len(notes) == 2
        assert "no prediction had a column 'emial' of late. Did you mean 'email'?" in notes[0]
        assert "'birth' was stored as number so far" in notes[1]
