"""``watchkeeper business``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.events import Feedback
from watchkeeper.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_verb_shows_ratios_with_intervals(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        store.append(
            [
                Feedback(
                    model="m", feedback_id=f"{user}-{kind}", time=NOON, kind=kind, entity=str(user)
                )
                for user in range(10)
                for kind in (["play", "finish"] if user < 8 else ["play"])
            ]
        )
    run = CliRunner()
    shown = run.invoke(app, ["business", str(tmp_path / "store"), "m"])
    assert shown.exit_code == 0, shown.output
    assert "listen_through" in shown.output
    assert "0.4902" in shown.output
    asked = ["business", str(tmp_path / "store"), "m", "--metrics", "revenue", "--format", "json"]
    assert json.loads(run.invoke(app, asked).output)["series"][0]["total"] == 0.0
    nothing = run.invoke(app, ["business", str(tmp_path / "store"), "m", "--metrics", "retention"])
    assert nothing.exit_code == 3
    assert "cannot be said" in nothing.output
