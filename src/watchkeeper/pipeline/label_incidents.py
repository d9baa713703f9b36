"""The incident of labels that no longer come as they used to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.metrics import AGES
from watchkeeper.pipeline.label_deliveries import labelled_until
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.quality import QualityPlan, labelled_days, measured_plan
from watchkeeper.pipeline.quality.saying import span_text
from watchkeeper.pipeline.quality_incident import open_incident, quality_id, told_again
from watchkeeper.store import DAY, ServiceIncident, Store
from watchkeeper.watch import LABELS_SHARE, CoverageFall, coverage_falls, usual_coverage

LABELS: Final = "labels"

_LOOKS_BACK_DAYS = 180
_GONE = 0.1


def watch_labels(store: Store, model: str, *, now: datetime) -> list[ServiceIncident]:
    """Open, update and close the incident of a model's labels; return it if it changed.

    What is decided follows from the cells alone, so whoever looks next comes to the same. While
    labels wait to be measured nothing is.
    """
    before = open_incident(store, model, LABELS)
    plan = measured_plan(store, model)
    if plan is None:
        return []
    at = labelled_until(store, model, now)
    fall = _newest_fall(store, model, plan, at)
    incident = _next(model, fall, before, at)
    if incident is None or not store.service_incidents.record(incident, now=now):
        return []
    return [incident]


def _newest_fall(store: Store, model: str, plan: QualityPlan, at: int) -> CoverageFall | None:
    if plan.reference is None or plan.is_ranked:
        return None
    version, start, end = plan.reference
    first, last = -(-start // DAY) * DAY, end // DAY * DAY
    usual = usual_coverage(labelled_days(store, model, start=first, end=last), now=at)
    since = max(-(-end // DAY) * DAY, (at // DAY - _LOOKS_BACK_DAYS) * DAY)
    if not usual or since >= at:
        return None
    days = labelled_days(store, model, start=since, end=at)
    mean_days = open_baseline(store, model, version).false_alarm_days / LABELS_SHARE
    falls = coverage_falls(usual, days, mean_days=mean_days, now=at)
    return falls[-1] if falls else None


def _next(
    model: str, fall: CoverageFall | None, before: ServiceIncident | None, at: int
) -> ServiceIncident | None:
    """Return the incident as it becomes, ``None`` if there is nothing to tell."""
    if fall is None or fall.closed_at is not None:
        if before is None:
            return None
        closed = at if fall is None or fall.closed_at is None else fall.closed_at
        return msgspec.structs.replace(before, closed_at=max(_time(closed), before.opened_at))
    told = _told(model, fall, at)
    return told if before is None else told_again(before, told)


def _told(model: str, fall: CoverageFall, at: int) -> ServiceIncident:
    return ServiceIncident(
        incident_id=quality_id(model, LABELS, fall.opened_at),
        model=model,
        source="quality",
        objective=LABELS,
        severity="critical" if fall.ratio < _GONE * fall.usual.ratio else "warning",
        since=_time(fall.since),
        opened_at=_time(fall.opened_at),
        last_seen_at=_time(max(at, fall.opened_at)),
        message=_message(fall),
        figures=_figures(fall),
    )


def _message(fall: CoverageFall) -> str:
    age = span_text(AGES[fall.usual.place])
    return (
        f"Labels that used to come within {age} for {_percent(fall.usual.ratio)} of predictions"
        f" have come for {_percent(fall.ratio)} of the {fall.rows:,} since"
        f" {_time(fall.since):%Y-%m-%d} that are as old. What is said of the quality of these"
        " predictions rests on fewer labels."
    )


def _figures(fall: CoverageFall) -> dict[str, float]:
    return {
        "age_seconds": float(AGES[fall.usual.place]),
        "usual_ratio": float(f"{fall.usual.ratio:.6g}"),
        "labelled_ratio": float(f"{fall.ratio:.6g}"),
        "predictions": float(fall.rows),
    }


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}" if ratio >= 0.01 or ratio == 0.0 else f"{ratio:.1%}"


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
