"""From a model of scikit-learn to an incident: explained beside each prediction, and watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

from watchkeeper import Client, Explainer
from watchkeeper.pipeline import Plan, Watch, list_incidents, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

NAMES = ("load", "heat")
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
REFERENCE_HOURS, HOURS, ROWS = 100, 150, 20


def inputs(hours: int, *, together: bool = False) -> np.ndarray:
    """Two inputs of mean 0 and deviation 1 either way; later they rise together."""
    load, heat = np.random.default_rng(hours).normal(size=(2, hours * ROWS))
    return np.column_stack([load, 0.9 * load + np.sqrt(1 - 0.9**2) * heat if together else heat])


def served(folder: Path) -> None:
    """Predictions by a model that learned when load and heat came independently."""
    known = inputs(REFERENCE_HOURS)
    model = GradientBoostingRegressor(n_estimators=60, random_state=0)
    model.fit(known, known[:, 0] * known[:, 1])
    explainer = Explainer.of(model, background=known, columns=NAMES)
    later = inputs(HOURS - REFERENCE_HOURS, together=True)
    rows = np.concatenate([known, later])
    outputs = model.predict(rows)
    with Client(folder, model="strain", queue_size=len(rows)) as client:
        for place, (row, output) in enumerate(zip(rows.tolist(), outputs, strict=True)):
            features = dict(zip(NAMES, row, strict=True))
            time = BEGIN + timedelta(hours=1) * place / ROWS
            client.log_prediction(features, output, time=time, explanation=explainer(features))


def test_inputs_that_begin_to_rise_together_are_told_by_what_they_contribute(
    tmp_path: Path,
) -> None:
    served(tmp_path / "store")
    now = BEGIN + timedelta(hours=HOURS + 1)
    with Store.open(tmp_path / "store") as store:
        set_baseline(
            store,
            "strain",
            Plan(bucketing=Bucketing.parse("1h"), season=False),
            until=BEGIN + timedelta(hours=REFERENCE_HOURS),
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=now,
        )
        Watch(store, "strain").advance(now=now)
        told = list_incidents(store, now=now, model="strain", end=now)
    first = told[-1]
    assert {"explanation:load", "explanation:heat"} & set(first.what)
    assert {"load", "heat"}.isdisjoint(first.what)
    assert "no input moved by itself" in first.message
