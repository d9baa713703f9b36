"""A store with a year of a simulated model in small, and watches over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline import Plan, SetBaseline, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

MODEL = "delays"
START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 6, 1, tzinfo=UTC)
REFERENCE_HOURS = 200
REFERENCE_END = START + timedelta(hours=REFERENCE_HOURS)
ROWS = 30


def rows(
    first_hour: int, last_hour: int, *, shift: float = 0.0, seed: int = 0, name: str = "p"
) -> pa.Table:
    """Predictions of some hours, 30 in each; ``shift`` moves the feature ``x``."""
    random = np.random.default_rng([seed, first_hour, last_hour])
    hours = np.repeat(np.arange(first_hour, last_hour), ROWS)
    seconds = hours * 3600 + np.tile(np.arange(ROWS) * 120, last_hour - first_hour)
    columns: dict[str, Any] = {
        "prediction_id": [f"{name}-{first_hour}-{i}" for i in range(len(hours))],
        "time": pa.array(
            [START + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", "UTC")
        ),
        "feature:x": random.normal(size=len(hours)) + shift,
        "feature:y": random.normal(size=len(hours)),
        "output": random.normal(size=len(hours)),
    }
    return pa.table(columns)


def fill(store: Store, *parts: pa.Table) -> None:
    for part in parts:
        store.append_table(MODEL, "prediction", part)


def story() -> list[pa.Table]:
    """The reference, quiet hours, 30 hours of a shift, and quiet hours again."""
    end = REFERENCE_HOURS
    return [
        rows(0, end),
        rows(end, end + 40),
        rows(end + 40, end + 70, shift=1.5),
        rows(end + 70, end + 100),
    ]


def baseline(
    store: Store,
    *,
    bucket: str = "1h",
    until: datetime = REFERENCE_END,
    columns: tuple[str, ...] | None = None,
    **more: Any,
) -> SetBaseline:
    return set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse(bucket), columns=columns, season=False),
        until=until,
        budget="1 per 720 buckets",
        note="before deployment",
        actor="ann",
        now=NOW,
        **more,
    )


def told_store(folder: Path, *, bucket: str = "1h") -> Store:
    """Return a store with the whole story and a baseline, not watched yet."""
    store = Store.open(folder)
    fill(store, *story())
    baseline(store, bucket=bucket)
    return store
