"""Which records the store has already: exact, whatever their number and however they come.

A record's key is a hash of 128 bits. Keys of recent journal entries lie in ``recent_keys``, one
blob for each entry, and in memory; older ones in ``settled_keys``, a sorted tree. Random keys put
into a tree one commit at a time would cost a page each; settled some hundred thousand at once, in
their order, many share a page.
"""

from __future__ import annotations

from collections import deque
from hashlib import blake2b

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from watchkeeper.store.database import Database

KEY_BYTES = 16

# Cut up inside SQLite: other threads go on meanwhile, which they could not while Python did it.
_SETTLE = """
    WITH RECURSIVE place(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM place WHERE i + 1 < ?2)
    INSERT OR IGNORE INTO settled_keys (key)
    SELECT substr(?1, i * ?3 + 1, ?3) FROM place
"""
_AT_ONCE = 1_000
_SETTLE_AT_ONCE = 25_000
_WORTH_SETTLING = 250_000


def key_of(kind: str, model: str, identity: str, extra: str = "") -> bytes:
    """Return the key of a record; ``extra`` tells corrections of one outcome apart."""
    text = f"{kind}\x1f{model}\x1f{identity}\x1f{extra}".encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=KEY_BYTES).digest()


def has_key(connection: sa.Connection, key: bytes) -> bool:
    """Return whether a record of this key was ever kept."""
    if _settled_among(connection, [key]):
        return True
    # SQLite finds the bytes anywhere; they count only where a key begins.
    blobs = connection.exec_driver_sql(
        "SELECT keys FROM recent_keys WHERE instr(keys, ?) > 0", (key,)
    )
    return any(key in _split(row[0]) for row in blobs)


class KnownKeys:
    """One process's view of the keys, brought up to date in every transaction that claims some."""

    def __init__(self) -> None:
        self._recent: set[bytes] = set()
        self._entries: deque[tuple[int, bytes]] = deque()
        self._seen = 0
        self._has_settled = False

    def refresh(self, connection: sa.Connection) -> None:
        """Learn what others committed, and forget what was settled.

        To be called in the transaction that then claims, before it writes.
        """
        rows = connection.exec_driver_sql(
            "SELECT sequence, keys FROM recent_keys WHERE sequence > ? ORDER BY sequence",
            (self._seen,),
        )
        for sequence, keys in rows:
            self._entries.append((sequence, keys))
            self._recent.update(_split(keys))
            self._seen = sequence
        some = connection.exec_driver_sql("SELECT 1 FROM settled_keys LIMIT 1").scalar()
        self._has_settled = some is not None
        oldest = connection.exec_driver_sql("SELECT min(sequence) FROM recent_keys").scalar()
        while self._entries and (oldest is None or self._entries[0][0] < oldest):
            self._recent.difference_update(_split(self._entries.popleft()[1]))

    def claim(
        self, connection: sa.Connection, keys: list[bytes], taken: set[bytes]
    ) -> NDArray[np.bool_]:
        """Return which keys are new; of equal ones the first is.

        Parameters
        ----------
        taken
            Keys claimed so far in this transaction; the new ones are added.
        """
        unsure = [key for key in keys if key not in self._recent and key not in taken]
        known = _settled_among(connection, unsure) if self._has_settled else set()
        fresh = set(unsure) - known
        if len(fresh) == len(keys):
            taken |= fresh
            return np.ones(len(keys), dtype=np.bool_)
        new = np.zeros(len(keys), dtype=np.bool_)
        for row, key in enumerate(keys):
            if key in fresh:
                fresh.remove(key)
                taken.add(key)
                new[row] = True
        return new


def settle(database: Database, *, least: int = _WORTH_SETTLING) -> int:
    """Move the keys of all recent entries into the tree, and return how many; 0 if too few.

    Only one process may do it at a time. Appending goes on meanwhile: the tree takes a part of
    the sorted keys per transaction, and until the last one a key may lie in both places.
    """
    with database.reading() as connection:
        size = connection.exec_driver_sql("SELECT sum(length(keys)) FROM recent_keys").scalar()
        if (size or 0) < max(least, 1) * KEY_BYTES:
            return 0
        rows = list(connection.exec_driver_sql("SELECT sequence, keys FROM recent_keys"))
    keys = sorted(_split(b"".join(row[1] for row in rows)))
    for start in range(0, len(keys), _SETTLE_AT_ONCE):
        part = keys[start : start + _SETTLE_AT_ONCE]
        with database.writing() as connection:
            connection.exec_driver_sql(_SETTLE, (b"".join(part), len(part), KEY_BYTES))
    with database.writing() as connection:
        connection.exec_driver_sql(
            "DELETE FROM recent_keys WHERE sequence <= ?", (max(row[0] for row in rows),)
        )
    return len(keys)


def _settled_among(connection: sa.Connection, keys: list[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        part = tuple(ordered[start : start + _AT_ONCE])
        marks = ",".join("?" * len(part))
        rows = connection.exec_driver_sql(
            f"SELECT key FROM settled_keys WHERE key IN ({marks})",  # noqa: S608 - question marks
            part,
        )
        found.update(row[0] for row in rows)
    return found


def _split(keys: bytes) -> list[bytes]:
    return [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]
