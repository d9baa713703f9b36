"""Settings that are in force in a store, each revision kept and audited."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.tables import settings


class SavedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A revision of a scope's settings; ``payload`` is what was given to keep.

    Attributes
    ----------
    scope
        What they are for: ``model:<name>``, or ``alerts``.
    number
        Grows with every revision of any scope.
    """

    scope: str
    number: int
    created_at: str
    actor: str
    payload: bytes


class SettingsLog:
    """The settings of one project; the newest revision of a scope is in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, scope: str, payload: bytes, *, actor: str, now: datetime) -> SavedSettings:
        """Put a revision in force, audited, and return it; the same payload again changes nothing.

        Parameters
        ----------
        payload
            Canonical JSON; it goes into the audit log too, so it must hold no secret.
        """
        with self._database.writing() as connection:
            newest = _newest(connection, scope)
            if newest is not None and newest.payload == payload:
                return newest
            values = {
                "scope": scope,
                "created_at": now.isoformat(),
                "actor": actor,
                "payload": payload,
            }
            result = connection.execute(sa.insert(settings).values(**values))
            details = {"scope": scope, "settings": msgspec.json.decode(payload)}
            append_entry(connection, actor, "settings.put", details, now=now)
            assert result.inserted_primary_key is not None
            return SavedSettings(
                scope=scope,
                number=int(result.inserted_primary_key[0]),
                created_at=now.isoformat(),
                actor=actor,
                payload=payload,
            )

    def get(self, scope: str) -> SavedSettings | None:
        """Return what is in force for a scope."""
        with self._database.reading() as connection:
            return _newest(connection, scope)

    def revisions(self, scope: str) -> list[SavedSettings]:
        """Return what is and was in force for a scope, oldest first."""
        query = sa.select(settings).where(settings.c.scope == scope).order_by(settings.c.number)
        with self._database.reading() as connection:
            return [SavedSettings(**row._mapping) for row in connection.execute(query)]

    def all(self) -> list[SavedSettings]:
        """Return what is in force, by scope."""
        newest = sa.select(sa.func.max(settings.c.number)).group_by(settings.c.scope)
        query = sa.select(settings).where(settings.c.number.in_(newest)).order_by(settings.c.scope)
        with self._database.reading() as connection:
            return [SavedSettings(**row._mapping) for row in connection.execute(query)]

    def revision(self) -> int:
        """Return the number of the newest revision of all, 0 without any: cheap to ask often."""
        with self._database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(settings.c.number))).scalar()
        return int(newest or 0)


def _newest(connection: sa.Connection, scope: str) -> SavedSettings | None:
    query = sa.select(settings).where(settings.c.scope == scope)
    row = connection.execute(query.order_by(settings.c.number.desc()).limit(1)).first()
    return None if row is None else SavedSettings(**row._mapping)
