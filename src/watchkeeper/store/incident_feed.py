"""Which incidents changed, in the order in which it was noticed."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import incident_changes

SERVICE_VERSION = 0


class IncidentChange(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that opened, changed or closed.

    Attributes
    ----------
    number
        Of its newest change; grows with every change of any incident.
    baseline_version
        0 for an incident of the service, which no baseline judges.
    told_at
        When it was noticed first, by the clock on the wall.
    """

    number: int
    model: str
    baseline_version: int
    incident_id: str
    told_at: datetime


class IncidentFeed:
    """Changes of incidents, for those who follow them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, number: int) -> list[IncidentChange]:
        """Return the incidents that changed after a change, each once, by their newest."""
        c = incident_changes.c
        same = (c.model, c.baseline_version, c.incident_id)
        newest = sa.func.max(c.number).label("newest")
        told_at = sa.func.min(c.time).label("told_at")
        query = sa.select(*same, newest, told_at).group_by(*same).order_by("newest")
        if number:
            # The first change of an incident may lie long before.
            changed = sa.select(*same).where(c.number > number)
            query = query.where(sa.tuple_(*same).in_(changed))
        with self._database.reading() as connection:
            return [
                IncidentChange(
                    number=row.newest,
                    model=row.model,
                    baseline_version=row.baseline_version,
                    incident_id=row.incident_id,
                    told_at=datetime.fromisoformat(row.told_at),
                )
                for row in connection.execute(query)
            ]


def note_change(
    connection: sa.Connection,
    model: str,
    baseline_version: int,
    incident_id: str,
    *,
    now: datetime,
) -> None:
    """Add a change, in the transaction that makes it."""
    connection.execute(
        sa.insert(incident_changes).values(
            model=model,
            baseline_version=baseline_version,
            incident_id=incident_id,
            time=now.astimezone(UTC).isoformat(timespec="microseconds"),
        )
    )
