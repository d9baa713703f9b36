"""What all incidents of quality have in common: their ids, and how what data show becomes them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from watchkeeper.store import ServiceIncident, Severity, Store

_SEVERITIES: Sequence[Severity] = ("warning", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A time in which something was worse, as the data show it now.

    Attributes
    ----------
    since, opened_at, closed_at
        When it began, became known, and was over; ``None`` for one that lasts.
    tell
        Returns its incident as it is now told, closed if it is over.
    """

    incident_id: str
    since: datetime
    opened_at: datetime
    closed_at: datetime | None
    tell: Callable[[], ServiceIncident]

    @classmethod
    def of(cls, told: ServiceIncident) -> Shown:
        """Return what an incident that is told already shows."""
        return cls(
            incident_id=told.incident_id,
            since=told.since,
            opened_at=told.opened_at,
            closed_at=told.closed_at,
            tell=lambda: told,
        )

    def overlaps(self, told: ServiceIncident) -> bool:
        """Return whether it is of the same time as what was told."""
        is_before = self.closed_at is not None and self.closed_at <= told.since
        return not is_before and self.since <= told.last_seen_at


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


def tell_all(
    store: Store, model: str, objective: str, shown: Sequence[Shown], *, now: datetime
) -> list[ServiceIncident]:
    """Open, update and close a model's incidents about something; return those that changed.

    What began and ended since the last look is told too, opened and closed at the times of the
    data. What was told stays told: if data that came late show it no more, it ends when it was last
    seen, and what they show of the time before is not added.

    Parameters
    ----------
    shown
        All that the data show, in the order of time. The last may last.
    """
    told = _told_since(store, model, objective, shown)
    return [one for one in told if store.service_incidents.record(one, now=now)]


def _told_since(
    store: Store, model: str, objective: str, shown: Sequence[Shown]
) -> Iterator[ServiceIncident]:
    known = [
        one
        for one in store.service_incidents.all(model)
        if (one.source, one.objective) == ("quality", objective)
    ]
    before = next((one for one in known if one.is_open), None)
    decided = max((one.closed_at for one in known if one.closed_at is not None), default=None)
    if before is not None:
        after = _going_on(before, shown)
        yield from [] if after is None else [after]
        if after is None or after.closed_at is None:
            return
        decided = max(after.closed_at, decided or after.closed_at)
    for one in shown:
        if decided is None or one.opened_at > decided:
            incident = one.tell()
            yield msgspec.structs.replace(incident, closed_at=None)
            if not incident.is_open:
                yield incident


def _going_on(before: ServiceIncident, shown: Sequence[Shown]) -> ServiceIncident | None:
    """Return an open incident as it is by now, ``None`` if there is nothing new."""
    same = [one for one in shown if one.incident_id == before.incident_id]
    now = next(iter([*same, *(one for one in shown if one.overlaps(before))]), None)
    if now is None:
        return _ended(before, before.last_seen_at)
    told = now.tell()
    if told.is_open and before.figures == told.figures:
        return None
    after = msgspec.structs.replace(
        before,
        severity=max((before.severity, told.severity), key=_SEVERITIES.index),
        last_seen_at=max(told.last_seen_at, before.last_seen_at),
        message=told.message,
        figures=told.figures,
    )
    return after if told.closed_at is None else _ended(after, told.closed_at)


def _ended(incident: ServiceIncident, at: datetime) -> ServiceIncident:
    closed_at = max(at, incident.opened_at)
    return msgspec.structs.replace(incident, closed_at=closed_at, last_seen_at=closed_at)
