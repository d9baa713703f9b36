"""What all incidents of quality have in common: their ids, and how an open one is told again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from watchkeeper.store import ServiceIncident, Severity, Store

_SEVERITIES: Sequence[Severity] = ("warning", "critical")


def quality_id(*parts: object) -> str:
    """Return the id of the incident that some values make what it is."""
    name = "\n".join(map(str, parts))
    return f"quality-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def open_incident(store: Store, model: str, objective: str) -> ServiceIncident | None:
    """Return a model's open incident of quality about something, ``None`` if there is none."""
    for one in store.service_incidents.all(model, open_only=True):
        if (one.source, one.objective) == ("quality", objective):
            return one
    return None


def told_again(before: ServiceIncident, told: ServiceIncident) -> ServiceIncident | None:
    """Return an open incident with what is known of it now, ``None`` if that is nothing new.

    It stays as severe as it ever was.
    """
    if before.figures == told.figures:
        return None
    return msgspec.structs.replace(
        before,
        severity=max((before.severity, told.severity), key=_SEVERITIES.index),
        last_seen_at=max(told.last_seen_at, before.last_seen_at),
        message=told.message,
        figures=told.figures,
    )
