"""``watchkeeper explanations``."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from pipeline.test_watching_explanations import MODEL, watched
from watchkeeper.cli import app
from watchkeeper.store import Store


def test_the_verb_tells_what_features_contribute_now_and_in_the_reference(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with Store.open(path) as store:
        watched(store, "model")
    run = CliRunner()
    shown = run.invoke(app, ["explanations", path, MODEL, "--since", "2026-03-07"])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith(("air", "ori"))] == [
        "air_time",
        "origin",
    ]
    assert "6,000 of 6,000 predictions" in shown.output
    asked = ["explanations", path, MODEL, "--until", "2026-03-01", "--format", "json"]
    none = run.invoke(app, asked)
    assert none.exit_code == 3
    assert json.loads(none.output)["said"] == [
        "No prediction of this time says what its features contributed."
    ]
