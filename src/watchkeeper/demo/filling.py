"""A store filled with the past of the demo's models, and what normal is for each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.demo.service import Service
from watchkeeper.demo.year import NEW_YORK, Year
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

ACTOR: Final = "watchkeeper serve --demo"
_BUDGET: Final = "1 per 30d"
# The timetable changes by plan, hour and weekday repeat the time, and the service has objectives
# of its own: what is watched is what a model's quality hangs on.
_WATCHED: Final[dict[str, tuple[str, ...]]] = {
    "arrival-delay": ("queue_minutes", "wind_speed", "precip", "visib", "prediction", "error"),
    "air-time": ("wind_speed", "prediction", "error"),
    "cancellation": ("precip", "visib", "prediction", "error"),
}


def fill(store: Store, year: Year, model: str, service: Service, *, until: datetime) -> None:
    """Put a model's predictions before ``until`` into a store, with the outcomes known by then."""
    first = year.before(until)
    store.append_table(model, "prediction", predictions(year, model, service).slice(0, first))
    landed = np.flatnonzero(year.landed < int(until.timestamp() * 1_000_000))
    store.append_table(model, "outcome", outcomes(year, model).take(landed))


def set_normal(store: Store, year: Year, model: str, *, now: datetime) -> None:
    """Say that what the model was trained on is normal, hour by hour."""
    plan = Plan(
        bucketing=Bucketing.parse("1h"),
        columns=_WATCHED[model],
        season=True,
        timezone=str(NEW_YORK),
    )
    set_baseline(
        store,
        model,
        plan,
        until=year.trained_until,
        budget=_BUDGET,
        note="January to March, on which the model was trained",
        actor=ACTOR,
        now=now,
    )


def predictions(year: Year, model: str, service: Service) -> pa.Table:
    """Return the predictions of all flights, in order of their time, as a store keeps them."""
    return pa.table(
        {
            "prediction_id": year.ids,
            "time": _times(year.scheduled),
            "version": service.version,
            "variant": service.variant,
            **{f"feature:{name}": values for name, values in year.features.items()},
            "output": year.predicted[model],
            "latency_seconds": service.latency_seconds,
            "cost_usd": service.cost_usd,
            "error": service.error,
        }
    )


def outcomes(year: Year, model: str) -> pa.Table:
    """Return the outcomes of all flights, in order of the predictions."""
    return pa.table(
        {"prediction_id": year.ids, "time": _times(year.landed), "label": year.labels[model]}
    )


def _times(microseconds: NDArray[np.int64]) -> pa.Array:
    return pa.array(microseconds, pa.timestamp("us", "UTC"))
