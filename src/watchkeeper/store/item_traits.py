"""What the items of ranked lists are made of: genres, topics, as their owner gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.tables import item_traits


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTraits:
    """The traits of a model's items.

    Parameters
    ----------
    table
        ``item``, a text, and ``traits``, a list of texts; an item stands once.
    revision
        Grows whenever they are set anew.
    """

    table: pa.Table
    revision: int


class ItemTraits:
    """The traits of items, by model, of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, model: str, table: pa.Table, *, actor: str, now: datetime) -> None:
        """Put traits in place of those that were, audited.

        Parameters
        ----------
        table
            As in `KeptTraits`.
        """
        c = item_traits.c
        with self._database.writing() as connection:
            query = sa.select(c.revision).where(c.model == model)
            revision = int(connection.execute(query).scalar() or 0) + 1
            connection.execute(sa.delete(item_traits).where(c.model == model))
            connection.execute(
                sa.insert(item_traits).values(
                    model=model, revision=revision, payload=_packed(table)
                )
            )
            details = {"model": model, "items": table.num_rows}
            append_entry(connection, actor, "items.put", details, now=now)

    def get(self, model: str) -> KeptTraits | None:
        """Return the traits in force."""
        c = item_traits.c
        with self._database.reading() as connection:
            query = sa.select(c.payload, c.revision).where(c.model == model)
            row = connection.execute(query).first()
        if row is None:
            return None
        return KeptTraits(table=_unpacked(row.payload), revision=int(row.revision))

    def revisions(self) -> dict[str, int]:
        """Return the revision in force, by model."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(item_traits.c.model, item_traits.c.revision))
            return {row.model: int(row.revision) for row in rows}


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _unpacked(payload: bytes) -> pa.Table:
    with pa.ipc.open_stream(payload) as reader:
        return reader.read_all()
