"""The bounded queue between the host's threads and the delivery thread, and its book-keeping."""

from __future__ import annotations

import _thread
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from watchkeeper.sdk.stats import ClientStats

EntryKind: TypeAlias = Literal["prediction", "outcome", "feedback"]

_MOST_REASONS: Final = 20
_LONGEST_REASON: Final = 300
_new: Final = tuple.__new__


class Entry(NamedTuple):
    """A call that was logged and not yet turned into a record; ``conversion.build`` does that."""

    kind: EntryKind
    fields: tuple[Any, ...]
    size_bytes: int


class Outbox:
    """A queue bounded in records and bytes, in which every entry is accounted for.

    An entry stays in the count of queued ones until it is settled, also while it is being sent.
    When full, the newest entry is dropped and counted. The lock is re-entrant, so that a signal or
    a finaliser that logs in the middle of a call cannot deadlock, and is held for a few byte codes
    only.

    Parameters
    ----------
    most_records, most_bytes
        Bounds of what is kept, both included.
    wake_at
        Number of waiting entries at which the delivery thread is woken.
    """

    def __init__(self, *, most_records: int, most_bytes: int, wake_at: int) -> None:
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._wake_at = wake_at
        self._closed: str | None = None
        self.reset()

    def reset(self) -> None:
        """Start anew, empty, with fresh locks: a forked child inherits them in any state."""
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._bell = _thread.allocate_lock()
        self._bell.acquire()
        self._entries: deque[Entry] = deque()
        self._logged = self._queued = self._queued_bytes = self._settled_total = 0
        self._sent = self._duplicates = self._failed_sends = 0
        self._dropped: dict[str, int] = {}
        self._rejected: dict[str, int] = {}
        self._last_error: str | None = None
        self._last_error_at: datetime | None = None

    def put(self, kind: EntryKind, fields: tuple[Any, ...], size_bytes: int) -> None:
        """Queue a call, or drop and count it."""
        entry = _new(Entry, (kind, fields, size_bytes))  # ``Entry(...)``, in half the time
        with self._lock:
            self._logged += 1
            if self._closed is not None:
                self._count(self._dropped, self._closed)
            elif self._queued >= self._most_records:
                self._count(self._dropped, f"queue full ({self._most_records} records)")
            elif self._queued_bytes + size_bytes > self._most_bytes:
                self._count(self._dropped, f"queue full ({self._most_bytes} bytes)")
            else:
                self._queued += 1
                self._queued_bytes += size_bytes
                self._entries.append(entry)
        if len(self._entries) >= self._wake_at:
            self.ring()

    def refuse(self, reason: str) -> None:
        """Count a call that cannot become a record."""
        with self._lock:
            self._logged += 1
            self._count(self._rejected, reason)

    def take(self, most: int) -> list[Entry]:
        """Return the oldest waiting entries; they stay queued until settled."""
        with self._lock:
            return [self._entries.popleft() for _ in range(min(most, len(self._entries)))]

    def settle(
        self, entries: Sequence[Entry], *, duplicates: int = 0, rejected: Sequence[str] = ()
    ) -> None:
        """Book taken entries as sent, but for one rejected per reason given."""
        with self._lock:
            if self._queued < len(entries):  # given up by ``abandon`` meanwhile
                return
            self._queued -= len(entries)
            self._queued_bytes -= sum(entry.size_bytes for entry in entries)
            self._settled_total += len(entries)
            self._sent += len(entries) - len(rejected)
            self._duplicates += duplicates
            for reason in rejected:
                self._count(self._rejected, reason)
            self._settled.notify_all()

    def failed(self, error: str) -> None:
        """Count an attempt that failed and will be repeated."""
        with self._lock:
            self._failed_sends += 1
            self._note(error)

    def close(self, reason: str) -> None:
        """Drop, from now on, what is put, for this reason; what is queued stays."""
        with self._lock:
            if self._closed is None:
                self._closed = reason
        self.ring()

    def abandon(self, reason: str) -> None:
        """Drop all that is queued. What is under way may still arrive; it is booked as dropped."""
        with self._lock:
            self._entries.clear()
            if self._queued:
                self._count(self._dropped, reason, self._queued)
            self._settled_total += self._queued
            self._queued = self._queued_bytes = 0
            self._settled.notify_all()

    def ring(self) -> None:
        """Wake the delivery thread. Never blocks; safe in a signal handler."""
        if self._bell.locked():
            with suppress(RuntimeError):  # another thread rang first
                self._bell.release()

    def wait_for_ring(self, timeout_seconds: float) -> None:
        """Sleep until rung or the time is over."""
        self._bell.acquire(timeout=timeout_seconds)

    def wait_until_settled(self, timeout_seconds: float) -> bool:
        """Sleep until all that is queued now is settled; tell whether it is."""
        wait_seconds = max(0.0, min(timeout_seconds, threading.TIMEOUT_MAX))
        with self._lock:
            goal = self._settled_total + self._queued
            return self._settled.wait_for(lambda: self._settled_total >= goal, wait_seconds)

    def stats(self) -> ClientStats:
        """Return all counts as of one moment."""
        with self._lock:
            return ClientStats(
                logged=self._logged,
                queued=self._queued,
                queued_bytes=self._queued_bytes,
                sent=self._sent,
                duplicates=self._duplicates,
                dropped=sum(self._dropped.values()),
                rejected=sum(self._rejected.values()),
                failed_sends=self._failed_sends,
                dropped_reasons=dict(self._dropped),
                rejected_reasons=dict(self._rejected),
                last_error=self._last_error,
                last_error_at=self._last_error_at,
            )

    def _count(self, reasons: dict[str, int], reason: str, number: int = 1) -> None:
        reason = reason[:_LONGEST_REASON]
        if reason not in reasons and len(reasons) >= _MOST_REASONS:
            reason = "other reasons"
        reasons[reason] = reasons.get(reason, 0) + number
        if reasons is self._rejected or self._last_error is None:  # a full queue is a consequence
            self._note(reason)

    def _note(self, error: str) -> None:
        self._last_error = error[:_LONGEST_REASON]
        self._last_error_at = datetime.now(UTC)
