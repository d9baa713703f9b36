"""States of a watch as they were at earlier buckets, ever sparser into the past."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import checkpoints

SPACING = 24
"""Buckets from one checkpoint to the next."""
_REACH = 40


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A watch's state before it judged bucket ``next_index``."""

    next_index: int
    state: bytes


class Checkpoints:
    """Where a watch can go back to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def indexes(self, model: str, version: int) -> list[int]:
        """Return the buckets before which a state is kept, ascending."""
        with self._database.reading() as connection:
            return _indexes(connection, model, version)

    def nearest(self, model: str, version: int, number: int) -> Checkpoint | None:
        """Return the last one at or before a bucket, else the oldest; ``None`` without any."""
        c = checkpoints.c
        before = c.next_index <= number
        query = (
            sa.select(c.next_index, c.state)
            .where(c.model == model, c.baseline_version == version)
            .order_by(before.desc(), sa.case((before, -c.next_index), else_=c.next_index))
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Checkpoint(**row._mapping)


def keep_checkpoints(
    connection: sa.Connection, model: str, version: int, new: Sequence[Checkpoint]
) -> None:
    """Keep new ones, and no more of the old ones than are worth it, nor any of other baselines."""
    if not new:
        return
    c = checkpoints.c
    own = {"model": model, "baseline_version": version}
    replaced = c.next_index.in_([one.next_index for one in new])
    connection.execute(
        sa.delete(checkpoints).where(
            c.model == model, sa.or_(c.baseline_version != version, replaced)
        )
    )
    connection.execute(sa.insert(checkpoints), [own | msgspec.structs.asdict(one) for one in new])
    known = _indexes(connection, model, version)
    dropped = set(known) - worth_keeping(known)
    if dropped:
        connection.execute(
            sa.delete(checkpoints).where(c.model == model, c.next_index.in_(sorted(dropped)))
        )


def worth_keeping(indexes: Collection[int]) -> set[int]:
    """Return which to keep: the newest four, then every second, fourth and eighth of older ones.

    That is a dozen for 40 spacings back, 960 buckets; a state may be large.
    """
    newest = max(indexes, default=0) // SPACING
    kept = set()
    for index in indexes:
        place = index // SPACING
        age = newest - place
        sparse = 1 if age < 4 else 2 if age < 8 else 4 if age < 16 else 8
        if age < _REACH and place % sparse == 0:
            kept.add(index)
    return kept


def _indexes(connection: sa.Connection, model: str, version: int) -> list[int]:
    c = checkpoints.c
    query = sa.select(c.next_index).where(c.model == model, c.baseline_version == version)
    return [int(index) for index in connection.execute(query.order_by(c.next_index)).scalars()]
