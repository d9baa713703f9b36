"""A store with a binary model whose labels of the reference are known, and what comes after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.pipeline import Plan, QualityWatch, set_baseline
from watchkeeper.store import DAY, HOUR, EstimateCell, Store
from watchkeeper.watch import Bucketing

MODEL = "churn"
START = datetime(2026, 3, 1, tzinfo=UTC)
REFERENCE_DAYS = 6
REFERENCE_END = START + timedelta(days=REFERENCE_DAYS)
PER_DAY = 240
NOW = START + timedelta(days=40)
FOR_EVER = 2**40
_STAMP = pa.timestamp("us", "UTC")


def day_rows(
    day: int, *, shift: float = 0.0, turned: bool = False, rows: int = PER_DAY, seed: int = 0
) -> tuple[pa.Table, NDArray[np.bool_]]:
    """Predictions of a day, spread evenly, with their labels.

    The model sees ``x`` and ``plan`` and knows how the label depends on them; ``shift`` moves
    ``x``, and ``turned`` turns the relation round.
    """
    random = np.random.default_rng([seed, day])
    x = random.normal(size=rows) + shift
    plan = random.choice(["basic", "plus", "pro"], size=rows)
    odds = 1.5 * x + np.where(plan == "pro", 1.0, 0.0) - 0.3
    score = 1.0 / (1.0 + np.exp(-odds))
    labels = random.random(rows) < (1.0 - score if turned else score)
    seconds = np.arange(rows) * (DAY // rows)
    times = [START + timedelta(days=day, seconds=int(s)) for s in seconds]
    table = pa.table(
        {
            "prediction_id": [f"{seed}-{day}-{n}" for n in range(rows)],
            "time": pa.array(times, _STAMP),
            "version": ["v1"] * rows,
            "feature:x": x,
            "feature:plan": plan,
            "output": score,
        }
    )
    return table, labels


def outcomes(table: pa.Table, labels: NDArray[np.bool_], *, hours: float = 30) -> pa.Table:
    """Labels that come some hours after their predictions."""
    times = [t + timedelta(hours=hours) for t in table.column("time").to_pylist()]
    ids = table.column("prediction_id")
    return pa.table({"prediction_id": ids, "time": pa.array(times, _STAMP), "label": labels})


def keep(store: Store, kind: Any, table: pa.Table) -> None:
    store.append_table(MODEL, kind, table)


def fill_reference(store: Store, *, has_labels: bool = True, hours: float = 30) -> None:
    for day in range(REFERENCE_DAYS):
        table, labels = day_rows(day)
        keep(store, "prediction", table)
        if has_labels:
            keep(store, "outcome", outcomes(table, labels, hours=hours))


def baseline(store: Store) -> None:
    set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse("1h"), season=False),
        until=REFERENCE_END,
        budget="1 per 720 buckets",
        note="before deployment",
        actor="ann",
        now=NOW,
    )


def estimated(store: Store) -> dict[int, list[EstimateCell]]:
    """Return all estimates after everything was taken up."""
    QualityWatch(store).advance(now=NOW, at_once=True)
    return {
        level: store.estimates.cells(MODEL, level, start=0, end=FOR_EVER) for level in (HOUR, DAY)
    }
