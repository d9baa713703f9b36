"""A store filled with the past of the demo's models, and what normal is for each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.demo.service import Service
from watchkeeper.demo.year import NEW_YORK, Year
from watchkeeper.events import CostSettings, ObjectiveSettings, OperatingSettings
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.store import Store
from watchkeeper.watch import Bucketing

ACTOR: Final = "watchkeeper serve --demo"
_BUDGET: Final = "1 per 30d"
_MONTH_BUDGET_USD: Final[dict[str, float]] = {
    "arrival-delay": 80.0,
    "air-time": 80.0,
    "cancellation": 55.0,  # will not do
}
# The timetable changes by plan, hour and weekday repeat the time, and the service has objectives
# of its own: what is watched is what a model's quality hangs on.
_WATCHED: Final[dict[str, tuple[str, ...]]] = {
    "arrival-delay": ("queue_minutes", "precip", "visib", "prediction", "error"),
    "air-time": ("prediction", "error"),
    "cancellation": ("precip", "visib", "prediction", "error"),
}
_SEGMENTED: Final = {"arrival-delay": "origin"}


def put_in_force(store: Store, model: str, *, now: datetime) -> None:
    """Set what a model's service is held against, and what it may cost."""
    settings = OperatingSettings(
        objectives=(
            ObjectiveSettings(kind="availability", target=0.995),
            ObjectiveSettings(kind="latency", target=0.95, threshold_seconds=0.1),
        ),
        costs=CostSettings(month_budget_usd=_MONTH_BUDGET_USD[model]),
    )
    store.operating.put(model, settings, actor=ACTOR, now=now)


def fill(
    store: Store, year: Year, model: str, service: Service, *, since: datetime, until: datetime
) -> None:
    """Put the predictions and outcomes of a time into a store, its end excluded."""
    first, last = year.before(since), year.before(until)
    rows = predictions(year, model, service).slice(first, last - first)
    store.append_table(model, "prediction", rows)
    landed = (year.landed >= _microseconds(since)) & (year.landed < _microseconds(until))
    store.append_table(model, "outcome", outcomes(year, model).take(np.flatnonzero(landed)))


def set_normal(store: Store, year: Year, model: str, *, now: datetime) -> None:
    """Say that April and May are normal, hour by hour."""
    plan = Plan(
        bucketing=Bucketing.parse("1h"),
        columns=_WATCHED[model],
        segment_by=_SEGMENTED.get(model),
        season=True,
        timezone=str(NEW_YORK),
    )
    set_baseline(
        store,
        model,
        plan,
        until=year.normal_until,
        budget=_BUDGET,
        note="April and May",
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


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _times(microseconds: NDArray[np.int64]) -> pa.Array:
    return pa.array(microseconds, pa.timestamp("us", "UTC"))
