"""How a watched business metric stands beside its baseline, for people."""

from __future__ import annotations

from datetime import UTC, datetime

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.answer import BusinessState, BusinessWatch
from watchkeeper.pipeline.business.incidents import PREFIX
from watchkeeper.pipeline.business.metric_watch import MetricWatch, metric_watch, watched_metrics
from watchkeeper.pipeline.business.wording import changed_text, fallen_text
from watchkeeper.pipeline.opened import newest_baseline
from watchkeeper.pipeline.quality_incident import open_incident
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch import LEAST_DAYS, LEAST_ENTITIES


def standing_of(store: Store, model: str, metric: BusinessMetric) -> BusinessWatch | None:
    """Return how a metric stands, ``None`` if it is not watched."""
    metrics = watched_metrics(store, model)
    if metric not in metrics:
        return None
    baseline = newest_baseline(store, model)
    if baseline is None:
        none = f"{metric.name} is watched from the day on that the model has a baseline."
        return BusinessWatch(state="not watched", said=none)
    seen = metric_watch(store, model, metric, baseline, metrics=len(metrics))
    if seen is None:
        none = f"{metric.name} is not judged yet: no day of the baseline's reference is measured."
        return BusinessWatch(state="not watched", said=none)
    state, said = _told(seen)
    incident = open_incident(store, model, PREFIX + metric.name)
    key = None
    if incident is not None:
        key = str(IncidentKey(model=model, version=0, incident_id=incident.incident_id))
    return BusinessWatch(
        state=state,
        said=said,
        usual=None if seen.usual is None else seen.usual.value,
        reference_days=seen.reference_days,
        wait_days=seen.wait_days,
        judged_until=None if seen.until is None else datetime.fromtimestamp(seen.until, UTC),
        incident=key,
    )


def _told(seen: MetricWatch) -> tuple[BusinessState, str | None]:
    if seen.usual is None:
        return "not watched", (
            f"{seen.metric.name} is not watched: the baseline's reference has"
            f" {seen.reference_days} days with {LEAST_ENTITIES} entities or more, {LEAST_DAYS} are"
            " needed to tell a week's course from a change."
        )
    if seen.worse and seen.worse[-1].closed_at is None:
        return "worse", fallen_text(seen.metric, seen.worse[-1])
    if seen.better and seen.better[-1].closed_at is None:
        return "better", f"{changed_text(seen.metric, seen.better[-1])}; better, so no incident."
    return "usual", None
