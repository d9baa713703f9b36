"""How far the labelled predictions of each model were judged, and the state to go on from."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import concept_states


class KeptConcept(NamedTuple):
    """Up to which journal entry, how often it was kept, and the state as bytes."""

    sequence: int
    revision: int
    payload: bytes


class ConceptLog:
    """The states of the watches over the losses of one project's models."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, model: str) -> KeptConcept:
        """Return where a model's watch stands; nothing yet for a new one."""
        with self._database.reading() as connection:
            return _kept(connection, model)

    def revision(self) -> int:
        """Return a number that grows whenever a state changes."""
        query = sa.select(sa.func.sum(concept_states.c.revision))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar() or 0)

    def put(self, model: str, kept: KeptConcept) -> bool:
        """Keep a state in place of the one of the revision before.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another process went on meanwhile.
        """
        with self._database.writing() as connection:
            if _kept(connection, model).revision != kept.revision - 1:
                connection.rollback()
                return False
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO concept_states (model, sequence, revision, payload)"
                " VALUES (?, ?, ?, ?)",
                (model, *kept),
            )
        return True


def _kept(connection: sa.Connection, model: str) -> KeptConcept:
    c = concept_states.c
    query = sa.select(c.sequence, c.revision, c.payload).where(c.model == model)
    row = connection.execute(query).first()
    return KeptConcept(0, 0, b"") if row is None else KeptConcept(*row)
