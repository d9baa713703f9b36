"""The incidents of business metrics that are worse than they usually are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.pipeline.business.metric_watch import MetricWatch, metric_watch, watched_metrics
from watchkeeper.pipeline.business.wording import fallen_text
from watchkeeper.pipeline.opened import OpenBaseline
from watchkeeper.pipeline.quality_incident import Shown, quality_id, tell_all
from watchkeeper.store import ServiceIncident, Store
from watchkeeper.watch import DayShift

PREFIX: Final = "business metric "
"""What the objective of such an incident begins with; the metric's name follows."""

_CRITICAL = 0.2


def watch_business(
    store: Store, model: str, baseline: OpenBaseline, *, now: datetime
) -> list[ServiceIncident]:
    """Open, update and close the incidents of a model's business metrics; return what changed.

    What is decided follows from the days that are kept alone, so whoever looks next comes to the
    same, however many days came since the last look.
    """
    metrics = watched_metrics(store, model)
    over = _over(store, model, {PREFIX + metric.name for metric in metrics}, baseline)
    changed = [one for one in over if store.service_incidents.record(one, now=now)]
    for metric in metrics:
        seen = metric_watch(store, model, metric, baseline, metrics=len(metrics))
        shown = []
        if seen is not None:
            shown = [Shown.of(_told(model, baseline, seen, shift)) for shift in seen.worse]
        changed += tell_all(store, model, PREFIX + metric.name, shown, now=now)
    return changed


def _over(
    store: Store, model: str, objectives: Collection[str], baseline: OpenBaseline
) -> Iterator[ServiceIncident]:
    """Yield open incidents, closed, that are watched no longer, or by an older baseline."""
    for one in store.service_incidents.all(model, open_only=True):
        if not one.objective.startswith(PREFIX):
            continue
        is_older = one.figures.get("baseline_version") != baseline.version
        if is_older or one.objective not in objectives:
            at = max(baseline.setup.begins, one.last_seen_at) if is_older else one.last_seen_at
            # By the newer baseline what is now is normal.
            yield msgspec.structs.replace(one, closed_at=at, last_seen_at=at, adopted=is_older)


def _told(
    model: str, baseline: OpenBaseline, seen: MetricWatch, shift: DayShift
) -> ServiceIncident:
    objective = PREFIX + seen.metric.name
    change = shift.value / shift.expected - 1.0 if shift.expected else 0.0
    last = shift.closed_at or max(seen.until or 0, shift.opened_at)
    return ServiceIncident(
        incident_id=quality_id(model, objective, baseline.version, shift.opened_at),
        model=model,
        source="quality",
        objective=objective,
        severity="critical" if shift.worst >= _CRITICAL else "warning",
        since=_time(shift.since),
        opened_at=_time(shift.opened_at),
        last_seen_at=_time(last),
        closed_at=None if shift.closed_at is None else _time(shift.closed_at),
        message=fallen_text(seen.metric, shift),
        figures={
            "value": float(f"{shift.value:.6g}"),
            "expected": float(f"{shift.expected:.6g}"),
            "change_ratio": float(f"{change:.6g}"),
            "missing_per_day": float(f"{shift.missing:.6g}"),
            "days": float(shift.days),
            "entities_per_day": float(shift.entities),
            "wait_days": float(seen.wait_days),
            "baseline_version": float(baseline.version),
        },
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
