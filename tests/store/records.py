"""Records to put into stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from watchkeeper.events import Outcome, Prediction

MODEL = "delays"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def prediction(number: int | str, *, hours: float = 0.0, **more: Any) -> Prediction:
    return Prediction(
        model=MODEL, prediction_id=str(number), time=NOON + timedelta(hours=hours), **more
    )


def outcome(number: int | str, label: Any, *, hours: float = 0.0) -> Outcome:
    return Outcome(
        model=MODEL, prediction_id=str(number), time=NOON + timedelta(hours=hours), label=label
    )


def prediction_table(ids: list[str], **columns: Any) -> pa.Table:
    times = pa.array([NOON] * len(ids), pa.timestamp("us", "UTC"))
    return pa.table({"prediction_id": ids, "time": times, **columns})
