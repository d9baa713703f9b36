"""``watchkeeper estimates``."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from pipeline.estimating.scored_store import (
    MODEL,
    baseline,
    day_rows,
    fill_reference,
    keep,
    outcomes,
)
from watchkeeper.cli import app
from watchkeeper.store import Store


def test_the_verb_shows_estimates_beside_labels_and_their_score(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with Store.open(path) as store:
        fill_reference(store)
    run = CliRunner()
    nothing = run.invoke(app, ["estimates", path, MODEL])
    assert nothing.exit_code == 3
    assert "Nothing is estimated yet" in nothing.output
    with Store.open(path) as store:
        baseline(store)
        for day in range(6, 12):
            table, labels = day_rows(day)
            keep(store, "prediction", table)
            if day < 10:
                keep(store, "outcome", outcomes(table, labels))
    asked = ["estimates", path, MODEL, "--since", "2026-03-07"]
    shown = run.invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    for text in ("ROC AUC", "2026-03-12", "reference", "Past estimates", "only labels can show it"):
        assert text in " ".join(shown.output.split())
    found = json.loads(run.invoke(app, [*asked, "--metrics", "brier", "--format", "json"]).output)
    assert [one["metric"] for one in found["scores"]] == ["brier"]
    assert found["predictions"][-1] == 240
