"""What is drawn of a business metric that is worse than it usually is."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watchkeeper.pipeline.alerting.picture_frame import days_around, framed
from watchkeeper.pipeline.business.incidents import PREFIX
from watchkeeper.pipeline.business.metric_watch import recipe_of, watched_metrics
from watchkeeper.store import ServiceIncident, Store

if TYPE_CHECKING:
    from watchkeeper.actions.picture import Picture


def picture_of_business(store: Store, incident: ServiceIncident) -> Picture | None:
    """Return its days, ``None`` where they are not kept or the metric is watched no longer."""
    from watchkeeper.actions.picture import Course, Level

    name = incident.objective.removeprefix(PREFIX)
    known = {metric.name: metric for metric in watched_metrics(store, incident.model)}
    if name not in known:
        return None
    begin, end = (int(time.timestamp()) for time in days_around(incident))
    kept = store.business.days(
        incident.model, recipe_of(known[name]), int(incident.figures["wait_days"])
    )
    days = [day for day in kept if begin <= day.start < end]
    if not days or days[0].start >= incident.opened_at.timestamp():
        return None
    expected = incident.figures["expected"]
    course = Course(
        name=f"{name} of each day",
        observed=[day.above / day.below if day.below else math.nan for day in days],
        levels=[Level(name=f"was expected: {expected:.4g}", value=expected)],
    )
    return framed(incident, [datetime.fromtimestamp(day.start, UTC) for day in days], course)
