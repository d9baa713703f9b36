"""A model whose predictions are scored: what its reference is like, and what is odd beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.events import Prediction
from watchkeeper.store import NewScorer, Store
from watchkeeper.watch.outliers import OutlierColumn, fit_outliers, scorer_to_bytes

MODEL = "m"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
USUAL: dict[str, Any] = {"x": 0.25, "y": "a"}
ODD: dict[str, Any] = {"x": 40.0, "y": "a"}
COLUMNS = (
    OutlierColumn(name="x", stored="feature:x", misfit="misfit:x", kind="number", is_number=True),
    OutlierColumn(name="y", stored="feature:y", misfit="misfit:y", kind="text", is_number=False),
)


def one(name: str, features: dict[str, Any], *, hours: float = 0.0, **more: Any) -> Prediction:
    time = NOON + timedelta(hours=hours)
    return Prediction(model=MODEL, prediction_id=name, time=time, features=features, **more)


def reference(rows: int = 2_000) -> list[Prediction]:
    """Predictions of the weeks before, alike and unlike each other as usual."""
    random = np.random.default_rng(7)
    return [
        one(
            f"reference-{i}",
            {"x": float(random.normal()), "y": "ab"[int(random.random() < 0.3)]},
            hours=-rows / 10 + i / 10,
        )
        for i in range(rows)
    ]


def scorer_of(rows: pa.Table) -> NewScorer:
    """What a baseline over these rows brings."""
    scorer = fit_outliers(rows, COLUMNS)
    assert scorer is not None
    return NewScorer(facts=b"", payload=scorer_to_bytes(scorer))


def begin_scoring(store: Store, brought: NewScorer | None) -> int:
    """Save a baseline that brings a scorer."""
    return store.watch_log.save_baseline(
        MODEL, b"", note="", actor="me", now=NOON, outliers=brought
    )


def scores(store: Store) -> dict[str, tuple[float | None, list[str] | None]]:
    """Score and columns of every prediction since the reference, by id."""
    found = store.predictions(MODEL, start=NOON).to_pylist()
    return {
        row["prediction_id"]: (row.get("outlier_score"), row.get("outlier_columns"))
        for row in found
    }
