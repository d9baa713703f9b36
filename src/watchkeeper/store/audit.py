"""The audit log: every change of a decision, chained so that tampering shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import audit_entries, audit_head

_START = "0" * 64


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: who did what, when, with which details.

    ``hash`` is the SHA-256 of the other fields as canonical JSON, ``previous`` the hash of the
    entry before (64 zeros for the first).
    """

    number: int
    time: str
    actor: str
    action: str
    payload: str
    previous: str
    hash: str


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the chain holds.

    Attributes
    ----------
    entries
        Entries found.
    first_bad
        Number of the first entry that does not fit; ``None`` if all do.
    reason
        What is wrong, empty if nothing is.
    """

    entries: int
    first_bad: int | None
    reason: str

    @property
    def holds(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.reason == ""


class AuditLog:
    """Append-only list of decisions in the state database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self, actor: str, action: str, payload: Mapping[str, object], *, now: datetime
    ) -> AuditEntry:
        """Add one entry in a transaction of its own."""
        with self._database.writing() as connection:
            return append_entry(connection, actor, action, payload, now=now)

    def entries(self) -> list[AuditEntry]:
        """Return all entries, oldest first."""
        with self._database.reading() as connection:
            return _entries(connection)

    def verify(self) -> AuditReport:
        """Check every hash, the chain, and that the end is the one that was written last.

        A change, removal or insertion anywhere is found, the removal of the newest entries too,
        unless the head's row was rewritten to match. Someone who may write the whole
        database can rebuild the whole chain: keep the head's hash somewhere else to rule that out.
        """
        with self._database.reading() as connection:
            entries = _entries(connection)
            head = connection.execute(sa.select(audit_head)).first()
        previous = _START
        for number, entry in enumerate(entries, start=1):
            reason = _fault(entry, number, previous)
            if reason:
                return AuditReport(entries=len(entries), first_bad=number, reason=reason)
            previous = entry.hash
        count = 0 if head is None else int(head.entries)
        if count != len(entries) or (head is not None and head.hash != previous):
            return AuditReport(
                entries=len(entries),
                first_bad=len(entries) + 1,
                reason=f"{count} entries were written, {len(entries)} are there: the end is gone",
            )
        return AuditReport(entries=len(entries), first_bad=None, reason="")


def append_entry(
    connection: sa.Connection,
    actor: str,
    action: str,
    payload: Mapping[str, object],
    *,
    now: datetime,
) -> AuditEntry:
    """Add one entry in the caller's transaction: decision and entry stand or fall together."""
    head = connection.execute(sa.select(audit_head)).first()
    number = 1 if head is None else int(head.entries) + 1
    previous = _START if head is None else str(head.hash)
    text = msgspec.json.encode(payload, order="sorted").decode()
    entry = AuditEntry(
        number=number,
        time=now.isoformat(),
        actor=actor,
        action=action,
        payload=text,
        previous=previous,
        hash=_hash(number, now.isoformat(), actor, action, text, previous),
    )
    connection.execute(sa.insert(audit_entries).values(**msgspec.structs.asdict(entry)))
    if head is None:
        connection.execute(sa.insert(audit_head).values(one=1, entries=1, hash=entry.hash))
    else:
        connection.execute(sa.update(audit_head).values(entries=number, hash=entry.hash))
    return entry


def _entries(connection: sa.Connection) -> list[AuditEntry]:
    rows = connection.execute(sa.select(audit_entries).order_by(audit_entries.c.number))
    return [AuditEntry(**row._mapping) for row in rows]


def _fault(entry: AuditEntry, number: int, previous: str) -> str:
    if entry.number != number:
        return f"entry {number} is missing"
    if entry.previous != previous:
        return f"entry {number} does not follow the one before it"
    expected = _hash(
        entry.number, entry.time, entry.actor, entry.action, entry.payload, entry.previous
    )
    return "" if entry.hash == expected else f"entry {number} was changed after it was written"


def _hash(number: int, time: str, actor: str, action: str, payload: str, previous: str) -> str:
    text = msgspec.json.encode([number, time, actor, action, payload, previous])
    return hashlib.sha256(text).hexdigest()
