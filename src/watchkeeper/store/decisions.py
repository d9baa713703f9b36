"""What people decided about incidents: kept beside the audit log, in one transaction with it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
import sqlalchemy as sa

from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.incident_key import IncidentKey
from watchkeeper.store.tables import closed_buckets, decisions

DecisionKind: TypeAlias = Literal["acknowledge", "mute", "unmute", "adopt"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: who decided what about which incident, when and why.

    Attributes
    ----------
    number
        Grows with every decision of the project.
    until
        End of a mute, not included; ``None`` for no end, and for other kinds.
    at_bucket
        The next bucket to be judged when it was made: an adoption takes effect before it.
    """

    number: int
    model: str
    baseline_version: int
    incident_id: str
    kind: DecisionKind
    reason: str
    actor: str
    time: str
    until: str | None
    at_bucket: int

    @property
    def key(self) -> IncidentKey:
        """The incident."""
        return IncidentKey(
            model=self.model, version=self.baseline_version, incident_id=self.incident_id
        )


class DecisionLog:
    """The decisions of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        key: IncidentKey,
        kind: DecisionKind,
        *,
        reason: str,
        actor: str,
        now: datetime,
        until: datetime | None = None,
    ) -> Decision:
        """Keep a decision, audited, and return it.

        An adoption of an incident that is adopted already is not kept again: the first is returned.
        """
        with self._database.writing() as connection:
            if kind == "adopt":
                earlier = _first_adoption(connection, key)
                if earlier is not None:
                    return earlier
            values = {
                "model": key.model,
                "baseline_version": key.version,
                "incident_id": key.incident_id,
                "kind": kind,
                "reason": reason,
                "actor": actor,
                "time": now.isoformat(),
                "until": None if until is None else until.isoformat(),
                "at_bucket": next_bucket(connection, key.model, key.version),
            }
            result = connection.execute(sa.insert(decisions).values(**values))
            assert result.inserted_primary_key is not None
            number = int(result.inserted_primary_key[0])
            details = {"incident": str(key), "reason": reason, "until": values["until"]}
            append_entry(connection, actor, f"incident.{kind}", details, now=now)
            return msgspec.convert(values | {"number": number}, Decision)

    def of(self, key: IncidentKey) -> list[Decision]:
        """Return the decisions about an incident, oldest first."""
        return self._found(_is_about(key))

    def all(self, model: str | None = None) -> list[Decision]:
        """Return the decisions about a model's incidents, or about all, oldest first."""
        return self._found(sa.true() if model is None else decisions.c.model == model)

    def adoptions(self, model: str, version: int) -> list[Decision]:
        """Return what was adopted of the incidents of one baseline, oldest first."""
        c = decisions.c
        return self._found(
            (c.model == model) & (c.baseline_version == version) & (c.kind == "adopt")
        )

    def _found(self, condition: sa.ColumnElement[bool]) -> list[Decision]:
        query = sa.select(decisions).where(condition).order_by(decisions.c.number)
        with self._database.reading() as connection:
            return [Decision(**r._mapping) for r in connection.execute(query)]


def next_bucket(connection: sa.Connection, model: str, version: int) -> int:
    """Return the number of the bucket after the last one judged by a baseline."""
    c = closed_buckets.c
    query = sa.select(sa.func.max(c.number)).where(c.model == model, c.baseline_version == version)
    last = connection.execute(query).scalar()
    return 0 if last is None else int(last) + 1


def last_adoption(connection: sa.Connection, model: str, version: int) -> int:
    """Return the number of the newest adoption of a baseline's incidents, 0 without any."""
    c = decisions.c
    query = sa.select(sa.func.max(c.number)).where(
        c.model == model, c.baseline_version == version, c.kind == "adopt"
    )
    return int(connection.execute(query).scalar() or 0)


def _is_about(key: IncidentKey) -> sa.ColumnElement[bool]:
    c = decisions.c
    return (
        (c.model == key.model)
        & (c.baseline_version == key.version)
        & (c.incident_id == key.incident_id)
    )


def _first_adoption(connection: sa.Connection, key: IncidentKey) -> Decision | None:
    query = sa.select(decisions).where(_is_about(key), decisions.c.kind == "adopt")
    row = connection.execute(query.order_by(decisions.c.number).limit(1)).first()
    return None if row is None else Decision(**row._mapping)
