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
    head
        Hash of the last good entry. Kept elsewhere, it proves later that nothing up to here
        was rewritten.
    """

    entries: int
    first_bad: int | None
    reason: str
    head: str

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

    def newest(
        self, *, limit: int, before: int | None = None, action: str | None = None
    ) -> list[AuditEntry]:
        """Return the newest entries, newest first.

        Parameters
        ----------
        before
            Only those with a smaller number.
        action
            Only this one, or those of its group: ``incident`` for ``incident.open`` and the like.
        """
        c = audit_entries.c
        query = sa.select(audit_entries).order_by(c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(c.number < before)
        if action is not None:
            group = c.action.startswith(f"{action}.", autoescape=True)
            query = query.where((c.action == action) | group)
        with self._database.reading() as connection:
            return [AuditEntry(**row._mapping) for row in connection.execute(query)]

    def length(self) -> int:
        """Return how many entries there are."""
        with self._database.reading() as connection:
            last = connection.execute(sa.select(audit_head.c.entries)).scalar()
        return int(last or 0)

    def verify(self, *, head: str | None = None) -> AuditReport:
        """Check every hash, the chain, and that the end is the one that was written last.

        A change, removal or insertion anywhere is found, and the removal of the newest entries,
        unless the row that counts them was rewritten to match. Nothing inside one database can
        tell a whole chain that was rebuilt from the true one: compare with a `head` kept elsewhere.

        Parameters
        ----------
        head
            The hash of an entry, as an earlier report gave it; it must still be in the chain.
        """
        with self._database.reading() as connection:
            entries = _entries(connection)
            last = connection.execute(sa.select(audit_head)).first()
        previous = _START
        for number, entry in enumerate(entries, start=1):
            reason = _fault(entry, number, previous)
            if reason:
                return _report(entries, number, reason, previous)
            previous = entry.hash
        if last is None and entries:
            reason = f"{len(entries)} entries are there, but not the row that counts them"
            return _report(entries, len(entries) + 1, reason, previous)
        written = 0 if last is None else int(last.entries)
        if written > len(entries):
            reason = f"{written} entries were written, {len(entries)} are there: the end is gone"
            return _report(entries, len(entries) + 1, reason, previous)
        if written < len(entries):
            reason = f"{written} entries were written, {len(entries)} are there: some were added"
            return _report(entries, written + 1, reason, previous)
        if last is not None and last.hash != previous:
            reason = f"entry {written} is not the one that was written last"
            return _report(entries, written, reason, previous)
        if head is not None and head not in {_START, *(entry.hash for entry in entries)}:
            return _report(entries, 1, f"no entry has the hash {head}: it is another log", previous)
        return _report(entries, None, "", previous)


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


def _report(
    entries: list[AuditEntry], first_bad: int | None, reason: str, head: str
) -> AuditReport:
    return AuditReport(entries=len(entries), first_bad=first_bad, reason=reason, head=head)


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
