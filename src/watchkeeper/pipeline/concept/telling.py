"""Incidents of concept drift: opened when the loss rises, closed when it is back or adopted."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from watchkeeper.pipeline.concept.state import ConceptState, Fall, WatchedBy
from watchkeeper.pipeline.concept.wording import resembles_text, return_text, rise_text
from watchkeeper.store import IncidentKey, ServiceIncident, Severity, Store
from watchkeeper.watch.concept import RiskEvent

OBJECTIVE = "concept drift"
"""Name of these incidents among those of quality."""

_CRITICAL = 2.0


def tell(
    store: Store, model: str, state: ConceptState, events: list[RiskEvent], unit: str | None
) -> list[ServiceIncident]:
    """Return the incidents that events make, and note in the state what was told."""
    assert state.by is not None
    told: list[ServiceIncident] = []
    for event in events:
        if event.what == "fell":
            state.falls.append(
                Fall(
                    at=event.at,
                    since=event.since,
                    before=event.before,
                    now=event.now,
                    rows=event.rows,
                )
            )
            continue
        before = _latest(store, told, state.incident_id)
        if event.what == "returned":
            if before is not None:
                told.append(_returned(before, event, state.by, unit))
            state.incident_id = None
            continue
        incident = _risen(model, state.by, event, before, unit)
        state.alarms += event.what == "rose"
        state.incident_id = incident.incident_id
        told.append(incident)
    return told


def adopted(store: Store, state: ConceptState, *, at: datetime) -> ServiceIncident | None:
    """Return the open incident as closed if a person took it for normal."""
    incident = _latest(store, [], state.incident_id)
    if incident is None:
        return None
    key = IncidentKey(model=incident.model, version=0, incident_id=incident.incident_id)
    if not any(one.kind == "adopt" for one in store.decisions.of(key)):
        return None
    return msgspec.structs.replace(incident, closed_at=at, last_seen_at=at, adopted=True)


def superseded(store: Store, model: str, *, at: datetime) -> list[ServiceIncident]:
    """Return the open incidents of a watch that begins again, closed."""
    return [
        msgspec.structs.replace(
            one, closed_at=max(at, one.opened_at), message=f"{one.message} It is watched anew."
        )
        for one in store.service_incidents.all(model, open_only=True)
        if one.source == "quality" and one.objective == OBJECTIVE
    ]


def _latest(
    store: Store, told: list[ServiceIncident], incident_id: str | None
) -> ServiceIncident | None:
    if incident_id is None:
        return None
    own = [one for one in told if one.incident_id == incident_id]
    return own[-1] if own else store.service_incidents.get(incident_id)


def _risen(
    model: str,
    by: WatchedBy,
    event: RiskEvent,
    before: ServiceIncident | None,
    unit: str | None,
) -> ServiceIncident:
    loss = by.plan.loss
    severity: Severity = "critical" if event.now >= _CRITICAL * event.before else "warning"
    is_worse = before is not None and event.what == "rose"
    told = ServiceIncident(
        incident_id=_identity(model, by, event) if before is None else before.incident_id,
        model=model,
        source="quality",
        objective=OBJECTIVE,
        severity="critical" if is_worse else severity,
        since=event.since,
        opened_at=event.at,
        last_seen_at=event.at,
        message=rise_text(event, loss, unit=unit, timezone=by.timezone),
        figures=_figures(event),
        kind=event.kind,
        resembles=resembles_text(event, timezone=by.timezone),
    )
    if before is None:
        return told
    return msgspec.structs.replace(
        told,
        severity="critical" if "critical" in (before.severity, told.severity) else "warning",
        since=before.since,
        opened_at=before.opened_at,
    )


def _returned(
    incident: ServiceIncident, event: RiskEvent, by: WatchedBy, unit: str | None
) -> ServiceIncident:
    return msgspec.structs.replace(
        incident,
        closed_at=event.at,
        last_seen_at=event.at,
        message=return_text(incident.message, event, by.plan.loss, unit=unit),
    )


def _identity(model: str, by: WatchedBy, event: RiskEvent) -> str:
    name = msgspec.json.encode([model, by, event.row, event.at], order="sorted")
    return f"concept-{hashlib.sha256(name).hexdigest()[:16]}"


def _figures(event: RiskEvent) -> dict[str, float]:
    figures = {"loss_before": event.before, "loss_now": event.now, "labels": float(event.rows)}
    return {name: float(f"{value:.6g}") for name, value in figures.items()}
