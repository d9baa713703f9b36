"""What an explanation asks of a business metric: the days of those whom predictions were for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business import PREFIX, entity_days
from watchkeeper.pipeline.explaining.question import Question
from watchkeeper.pipeline.explaining.sides import Sides
from watchkeeper.store import ServiceIncident, Store

Floats = NDArray[np.float64]


def metric_of(store: Store, incident: ServiceIncident) -> BusinessMetric | None:
    """Return the business metric that an incident is about, ``None`` if it is about none."""
    if not incident.objective.startswith(PREFIX):
        return None
    name = incident.objective.removeprefix(PREFIX)
    declared = store.operating.in_force(incident.model).business
    return next((metric for metric in declared if metric.name == name), None)


def business_question(
    store: Store, incident: ServiceIncident, metric: BusinessMetric, sides: Sides
) -> Question:
    """Return a metric's value of each entity and day, at the first prediction for it on that day.

    Other rows are left out, and so are days that were not judged yet: each entity and day counts
    once, whatever its denominator, with what its first prediction saw.
    """
    wait = timedelta(days=incident.figures.get("wait_days", 0.0))
    spans = (
        (sides.reference.start, sides.reference.end),
        (sides.current.start, min(sides.current.end, incident.last_seen_at)),
    )
    return Question(
        kind="business",
        about=metric.name,
        quantity=f"{metric.name} of an entity and day",
        values=_values(store, incident.model, metric, sides.table, spans, wait),
        is_ratio=False,
        is_down=metric.better == "higher",
    )


def _values(
    store: Store,
    model: str,
    metric: BusinessMetric,
    table: pa.Table,
    spans: Sequence[tuple[datetime, datetime]],
    wait: timedelta,
) -> Floats:
    """Return the value of each row, NaN where there is none."""
    known: dict[tuple[str, int], float] = {}
    for start, end in spans:
        known |= entity_days(store, model, metric, start=start, end=end, wait=wait)
    values = np.full(table.num_rows, np.nan)
    if "entity" not in table.column_names:
        return values
    days = table["time"].cast(pa.int64()).to_numpy() // 86_400_000_000
    entities = table["entity"].cast(pa.string()).to_pylist()
    for place, key in enumerate(zip(entities, days.tolist(), strict=True)):
        value = known.pop(key, None)
        if value is not None:
            values[place] = value
    return values
