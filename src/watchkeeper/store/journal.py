"""Intake: what waits is committed together, in one durable transaction, then acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.errors import BusyError, StoreError, WatchkeeperError
from watchkeeper.store.arrivals import note_arrivals
from watchkeeper.store.database import Database
from watchkeeper.store.keys import KnownKeys
from watchkeeper.store.privacy_rules import PrivacyRules
from watchkeeper.store.submission import Submission

_MOST_ROWS_AT_ONCE = 50_000


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that records are on disk.

    Attributes
    ----------
    sequence
        Number of the last journal entry written; 0 if all were duplicates.
    accepted, duplicates
        Records that were new, and records that the store had already.
    """

    sequence: int
    accepted: int
    duplicates: int


@dataclass(slots=True, kw_only=True)
class _Ticket:
    """A caller who waits; ``turn`` is set when it is answered or has to lead."""

    submissions: Sequence[Submission]
    turn: threading.Event = field(default_factory=threading.Event)
    answered: bool = False
    receipts: list[Receipt] = field(default_factory=list)
    error: Exception | None = None


class Journal:
    """Commits what threads submit; those who come while a commit runs share the next one.

    Processes take turns by the database's own lock.
    """

    def __init__(self, database: Database, privacy: PrivacyRules) -> None:
        self._database = database
        self._privacy = privacy
        self._keys = KnownKeys()
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._is_led = False

    def commit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Return once all are durable, with a receipt for each.

        Raises
        ------
        BusyError, StoreError
            Nothing of it was written.
        """
        ticket = _Ticket(submissions=submissions)
        with self._lock:
            self._waiting.append(ticket)
            leads, self._is_led = not self._is_led, True
        if not leads:
            ticket.turn.wait()
        if not ticket.answered:
            self._lead()
        if isinstance(ticket.error, WatchkeeperError):
            # Each thread raises an exception of its own: tracebacks grow on shared ones.
            raise type(ticket.error)(*ticket.error.args) from ticket.error
        if ticket.error is not None:
            raise StoreError(f"the journal could not be written: {ticket.error}") from ticket.error
        return ticket.receipts

    def size_bytes(self) -> int:
        """Return how much waits to be sealed."""
        with self._database.reading() as connection:
            size = connection.exec_driver_sql("SELECT sum(length(blob)) FROM journal").scalar()
        return int(size or 0)

    def _lead(self) -> None:
        """Commit what waits, oldest first, then pass the lead to the first of those who came."""
        with self._lock:
            batch = self._take()
        try:
            self._write(batch)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
            for ticket in batch:
                ticket.answered = True
                ticket.turn.set()
            if following is not None:
                following.turn.set()

    def _take(self) -> list[_Ticket]:
        batch: list[_Ticket] = []
        rows = 0
        for ticket in self._waiting:
            rows += sum(len(submission.keys) for submission in ticket.submissions)
            if batch and rows > _MOST_ROWS_AT_ONCE:
                break
            batch.append(ticket)
        del self._waiting[: len(batch)]
        return batch

    def _write(self, batch: list[_Ticket]) -> None:
        now = datetime.now(tz=UTC)
        received_at = now.isoformat()
        try:
            with self._database.writing() as connection:
                self._keys.refresh(connection)
                self._privacy.refresh(connection)
                taken: set[bytes] = set()
                receipts = [
                    [self._insert(connection, s, taken, received_at) for s in ticket.submissions]
                    for ticket in batch
                ]
                note_arrivals(connection, _newest(batch, receipts), now=now)
        except Exception as error:  # noqa: BLE001 - everyone who waits must learn of it
            for ticket in batch:
                ticket.error = error
        except BaseException:
            for ticket in batch:
                ticket.error = BusyError("the write was interrupted; try again")
            raise
        else:
            for ticket, given in zip(batch, receipts, strict=True):
                ticket.receipts = given

    def _insert(
        self,
        connection: sa.Connection,
        submission: Submission,
        taken: set[bytes],
        received_at: str,
    ) -> Receipt:
        privacy = self._privacy.of(submission.model)
        if submission.privacy is not privacy:  # put in force since it was prepared
            submission = submission.under(privacy)
        new = self._keys.claim(connection, submission.keys, taken)
        accepted = int(new.sum())
        duplicates = len(new) - accepted
        if not accepted:
            return Receipt(sequence=0, accepted=0, duplicates=duplicates)
        kept = submission if duplicates == 0 else submission.only(new)
        result = connection.exec_driver_sql(
            "INSERT INTO journal"
            " (model, kind, codec, rows, blob, first_time, last_time, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                kept.model,
                kept.kind,
                kept.codec,
                accepted,
                kept.blob,
                kept.first_time,
                kept.last_time,
                received_at,
            ),
        )
        sequence = int(result.lastrowid or 0)
        connection.exec_driver_sql(
            "INSERT INTO recent_keys (sequence, keys) VALUES (?, ?)",
            (sequence, b"".join(kept.keys)),
        )
        return Receipt(sequence=sequence, accepted=accepted, duplicates=duplicates)


def _newest(batch: list[_Ticket], receipts: list[list[Receipt]]) -> dict[str, int]:
    """Return the latest event time of each model's predictions, of those that were new."""
    found: dict[str, int] = {}
    for ticket, given in zip(batch, receipts, strict=True):
        for submission, receipt in zip(ticket.submissions, given, strict=True):
            if submission.kind == "prediction" and receipt.accepted:
                model = submission.model
                found[model] = max(found.get(model, 0), submission.last_time)
    return found
