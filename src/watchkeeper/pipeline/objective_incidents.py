"""Incidents of objectives that burn: opened once, worse perhaps, closed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec

from watchkeeper.events import ObjectiveSettings
from watchkeeper.pipeline.good_counts import GoodCounts, frontier
from watchkeeper.pipeline.judging_objectives import Judged, judge, short_span
from watchkeeper.store import ServiceIncident, Severity, Store

QUIET = timedelta(minutes=30)
"""How long no pair of windows has spoken when an incident closes."""

_TOLD_EVERY = timedelta(minutes=1)
_SEVERITIES: tuple[Severity, ...] = ("warning", "critical")


def watch_objectives(
    store: Store, model: str, counts: GoodCounts, *, now: datetime
) -> list[ServiceIncident]:
    """Open, worsen and close the incidents of a model's objectives; return those that changed.

    What was decided is kept with the incident, so whoever looks next goes on from there.
    """
    objectives = store.operating.in_force(model).objectives
    open_ones = {
        one.objective: one
        for one in store.service_incidents.all(model, open_only=True)
        if one.source == "objective"
    }
    end = frontier(store, model, now) if objectives or open_ones else None
    if end is None:
        return []
    at = datetime.fromtimestamp(end, UTC)
    judged = {one.objective.label: one for one in judge(counts, objectives, end)}
    told = [_next(model, one, open_ones.get(name), at) for name, one in judged.items()]
    told += [
        msgspec.structs.replace(
            incident, closed_at=at, message=f"{incident.message} It is an objective no longer."
        )
        for name, incident in open_ones.items()
        if name not in judged
    ]
    return [
        incident
        for incident in told
        if incident is not None and store.service_incidents.record(incident, now=now)
    ]


def _next(
    model: str, judged: Judged, before: ServiceIncident | None, at: datetime
) -> ServiceIncident | None:
    """Return the objective's incident as it becomes, ``None`` if there is nothing to tell."""
    speaking = judged.speaking
    if not speaking:
        if before is None or at - before.last_seen_at < QUIET:
            return None
        return msgspec.structs.replace(before, closed_at=at)
    severity = max((one.pair.severity for one in speaking), key=_SEVERITIES.index)
    if before is None:
        return _opened(model, judged, severity, at)
    is_worse = _SEVERITIES.index(severity) > _SEVERITIES.index(before.severity)
    if not is_worse and at - before.last_seen_at < _TOLD_EVERY:
        return None
    return msgspec.structs.replace(
        before,
        severity=severity if is_worse else before.severity,
        last_seen_at=max(at, before.last_seen_at),
        message=_message(judged),
        figures=_figures(judged),
    )


def _opened(model: str, judged: Judged, severity: Severity, at: datetime) -> ServiceIncident:
    objective, first = judged.objective, judged.speaking[0]
    name = f"{model}\n{objective.label}\n{at.isoformat()}"
    began = judged.counts.began(first.pair.long, target=objective.target, least=first.least)
    return ServiceIncident(
        incident_id=f"objective-{hashlib.sha256(name.encode()).hexdigest()[:16]}",
        model=model,
        source="objective",
        objective=objective.label,
        severity=severity,
        since=at - first.pair.long if began is None else began,
        opened_at=at,
        last_seen_at=at,
        message=_message(judged),
        figures=_figures(judged),
    )


def _figures(judged: Judged) -> dict[str, float]:
    reading = judged.speaking[0]
    left = judged.good.budget_left_ratio(judged.objective.target)
    figures = {
        "burn_long": reading.burn_long,
        "burn_short": reading.burn_short,
        "burn_least": reading.least,
        "long_seconds": reading.pair.long.total_seconds(),
        "short_seconds": reading.pair.short.total_seconds(),
        "good_ratio": reading.long.ratio,
        "target_ratio": judged.objective.target,
        "threshold_seconds": judged.objective.threshold_seconds,
        "budget_left_ratio": left,
    }
    return {name: float(f"{value:.6g}") for name, value in figures.items() if value is not None}


def _message(judged: Judged) -> str:
    reading, objective = judged.speaking[0], judged.objective
    return (
        f"{objective.label} uses up its error budget {reading.burn_long:.3g} times as fast as it"
        f" may ({reading.burn_short:.3g} times in the last {short_span(reading.pair.short)}):"
        f" {reading.long.bad:,} of {reading.long.total:,} predictions of the last"
        f" {short_span(reading.pair.long)} {_fault(objective)}."
    )


def _fault(objective: ObjectiveSettings) -> str:
    if objective.threshold_seconds is None:
        return "failed"
    return f"took longer than {objective.threshold_seconds:g} s"
