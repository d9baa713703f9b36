"""A store with a model that is watched: hourly buckets, a shift at the end, hostile names."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from server.conftest import Serving
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

MODEL: Final = "delays"
HOSTILE: Final = "<img src=x, onerror=window.hurt=1>"
HOSTILE_ID: Final = '"><script>window.hurt=1</script>/../?#%2F'
HOURS: Final = 260
REFERENCE_HOURS: Final = 200
SHIFTED_FROM: Final = 240
_ROWS: Final = 30
# Whole hours, so that the last bucket is complete when the next one begins.
BEGIN: Final = (datetime.now(UTC) - timedelta(hours=HOURS)).replace(
    minute=0, second=0, microsecond=0
)


def fill(folder: Path, *, last_hour: int = HOURS) -> None:
    """Make the store; a server that is started over it then judges what came after the baseline."""
    with Store.open(folder) as store:
        store.append_table(MODEL, "prediction", rows(0, SHIFTED_FROM))
        if last_hour > SHIFTED_FROM:
            store.append_table(MODEL, "prediction", rows(SHIFTED_FROM, last_hour, shift=1.5))
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False),
            until=BEGIN + timedelta(hours=REFERENCE_HOURS),
            budget="1 per 720 buckets",
            note="before deployment",
            actor="ann",
            now=BEGIN,
        )


def incident_of(serving: Serving) -> str:
    """Return the id of its open incident, once the server has judged so far."""
    limit = time.monotonic() + 30
    while True:
        found = serving.http.get("/v1/incidents?state=open").json()["incidents"]
        if found:
            return str(found[0]["id"])
        assert time.monotonic() < limit
        time.sleep(0.1)


def rows(first_hour: int, last_hour: int, *, shift: float = 0.0) -> pa.Table:
    """Predictions of some hours; ``shift`` moves the feature ``x``."""
    random = np.random.default_rng([first_hour, last_hour])
    hours = np.repeat(np.arange(first_hour, last_hour), _ROWS)
    count = len(hours)
    seconds = hours * 3600 + np.tile(np.arange(_ROWS) * 119, last_hour - first_hour)
    ids = [f"p{first_hour}-{i}" for i in range(count)]
    if first_hour == 0:
        ids[0] = HOSTILE_ID
    columns: dict[str, Any] = {
        "prediction_id": ids,
        "time": pa.array(
            [BEGIN + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", "UTC")
        ),
        "version": ["v1" if i % 2 else "v2" for i in range(count)],
        "entity": [f"customer-{i % 7}" for i in range(count)],
        "feature:x": random.normal(size=count) + shift,
        f"feature:{HOSTILE}": random.choice([HOSTILE, "EWR", "JFK"], size=count),
        "output": random.normal(size=count),
        "latency_seconds": random.gamma(2.0, 0.02, size=count),
        "cost_usd": np.full(count, 0.0002),
        "error": [HOSTILE if i % 97 == 5 else None for i in range(count)],
        "tag:region": random.choice(["east", HOSTILE], size=count),
    }
    return pa.table(columns)
