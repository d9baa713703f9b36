"""Incidents of objectives, cost budgets and quality: opened once, closed, audited."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.incident_feed import SERVICE_VERSION, note_change
from watchkeeper.store.tables import service_incidents

ServiceSource: TypeAlias = Literal["objective", "cost", "quality"]
Severity: TypeAlias = Literal["warning", "critical"]


class ServiceIncident(msgspec.Struct, frozen=True, kw_only=True):
    """One breach of one objective or budget, or one loss of quality, as last told.

    Attributes
    ----------
    incident_id
        Unique in the store, safe in a URL.
    objective
        Name of the objective; ``budget`` for the month's cost; what of the quality is worse.
    severity
        The worst it has been.
    since
        When what it tells of began, as far as can be said.
    opened_at, closed_at
        In the time of the events.
    last_seen_at
        When it last held.
    message
        One sentence for a person.
    figures
        What it was decided by, named with their units.
    kind
        How a loss of quality came about; ``None`` for other incidents.
    resembles
        An earlier span of time that was like it.
    adopted
        Whether it closed because it was taken for normal.
    """

    incident_id: str
    model: str
    source: ServiceSource
    objective: str
    severity: Severity
    since: datetime
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    message: str
    figures: dict[str, float] = {}
    kind: Literal["sudden", "gradual", "incremental", "recurring"] | None = None
    resembles: str | None = None
    adopted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it has not closed yet."""
        return self.closed_at is None


class ServiceIncidents:
    """The incidents of one project that are not of its columns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, incident: ServiceIncident, *, now: datetime) -> bool:
        """Keep an incident as it is now told; audited when it opens, gets worse or closes.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another incident of this objective is open, or this
            one was closed already: then another process told it.
        """
        c = service_incidents.c
        with self._database.writing() as connection:
            query = sa.select(c.incident_id, c.severity).where(
                c.model == incident.model,
                c.source == incident.source,
                c.objective == incident.objective,
                c.closed_at.is_(None),
            )
            before = connection.execute(query).first()
            known = connection.execute(
                sa.select(c.incident_id).where(c.incident_id == incident.incident_id)
            ).first()
            is_new = before is None and known is None
            if not is_new and (before is None or before.incident_id != incident.incident_id):
                return False
            _write(connection, incident)
            action = _action(incident, None if before is None else before.severity)
            if action is not None:
                details = {
                    "model": incident.model,
                    "incident": incident.incident_id,
                    "objective": incident.objective,
                    "severity": incident.severity,
                }
                append_entry(connection, "watch", action, details, now=now)
                key = incident.model, SERVICE_VERSION, incident.incident_id
                note_change(connection, *key, now=now)
        return True

    def get(self, incident_id: str) -> ServiceIncident | None:
        """Return an incident, ``None`` if there is none of this id."""
        query = sa.select(service_incidents.c.payload)
        found = self._decoded(query.where(service_incidents.c.incident_id == incident_id))
        return found[0] if found else None

    def all(
        self, model: str | None = None, *, open_only: bool = False, limit: int | None = None
    ) -> list[ServiceIncident]:
        """Return incidents, newest first, of one model or of all."""
        c = service_incidents.c
        query = sa.select(c.payload).order_by(c.opened_at.desc(), c.incident_id)
        if model is not None:
            query = query.where(c.model == model)
        if open_only:
            query = query.where(c.closed_at.is_(None))
        return self._decoded(query if limit is None else query.limit(limit))

    def _decoded(self, query: sa.Select[tuple[bytes]]) -> list[ServiceIncident]:
        with self._database.reading() as connection:
            rows = connection.execute(query)
            return [msgspec.json.decode(row.payload, type=ServiceIncident) for row in rows]


def _write(connection: sa.Connection, incident: ServiceIncident) -> None:
    same = service_incidents.c.incident_id == incident.incident_id
    connection.execute(sa.delete(service_incidents).where(same))
    closed_at = incident.closed_at
    connection.execute(
        sa.insert(service_incidents).values(
            incident_id=incident.incident_id,
            model=incident.model,
            source=incident.source,
            objective=incident.objective,
            severity=incident.severity,
            opened_at=incident.opened_at.isoformat(),
            closed_at=None if closed_at is None else closed_at.isoformat(),
            payload=msgspec.json.encode(incident, order="sorted"),
        )
    )


def _action(incident: ServiceIncident, severity_before: str | None) -> str | None:
    if not incident.is_open:
        return "incident.close"
    if severity_before is None:
        return "incident.open"
    return None if severity_before == incident.severity else "incident.update"
