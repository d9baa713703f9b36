"""What an explanation asks of a business metric: the days of those whom predictions were for."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business import PREFIX, entity_days
from watchkeeper.pipeline.business.metric_watch import metric_watch
from watchkeeper.pipeline.explaining.question import Question
from watchkeeper.pipeline.explaining.sides import Sides
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.store import DAY, ServiceIncident, Store

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

    Other rows are left out, and so are days that were not judged: each entity and day counts once,
    whatever its denominator, with what its first prediction saw. The season is taken out: a
    value is multiplied by what is usual over what its day let expect.
    """
    return Question(
        kind="business",
        about=metric.name,
        quantity=f"{metric.name} of an entity and day, its season taken out",
        values=_values(store, incident, metric, sides),
        is_ratio=False,
        is_down=metric.better == "higher",
    )


def _values(
    store: Store, incident: ServiceIncident, metric: BusinessMetric, sides: Sides
) -> Floats:
    """Return the value of each row, NaN where there is none."""
    table = sides.table
    values = np.full(table.num_rows, np.nan)
    if "entity" not in table.column_names:
        return values
    factors = _seasons(store, incident, metric)
    wait = timedelta(days=incident.figures["wait_days"])
    known: dict[tuple[str, int], float] = {}
    for side in (sides.reference, sides.current):
        end = min(side.end, incident.last_seen_at)
        known |= entity_days(store, incident.model, metric, start=side.start, end=end, wait=wait)
    days = table["time"].cast(pa.int64()).to_numpy() // 86_400_000_000
    entities = table["entity"].cast(pa.string()).to_pylist()
    for place, key in enumerate(zip(entities, days.tolist(), strict=True)):
        value = known.pop(key, None)
        if value is not None:
            values[place] = value * factors.get(key[1], np.nan)
    return values


def _seasons(store: Store, incident: ServiceIncident, metric: BusinessMetric) -> dict[int, float]:
    """Return what is usual over what a day let expect, by the day since 1970."""
    version = int(incident.figures["baseline_version"])
    baseline = open_baseline(store, incident.model, version)
    seen = metric_watch(store, incident.model, metric, baseline, metrics=1)
    if seen is None or seen.usual is None:
        return {}
    usual = seen.usual
    return {
        one.day.start // DAY: usual.value / one.expected if one.expected > 0.0 else 1.0
        for one in usual.judged(seen.days)
    }
