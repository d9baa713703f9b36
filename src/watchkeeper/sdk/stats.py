"""What became of the records that were logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStats:
    """A consistent count of a client's records: ``logged = sent + dropped + rejected + queued``.

    Attributes
    ----------
    logged
        Calls of ``log_prediction``, ``log_outcome`` and ``log_feedback``, wrong ones included.
    queued, queued_bytes
        Waiting, or sent and not yet acknowledged; the bytes are approximate.
    sent
        Acknowledged as durable by the store or the server.
    duplicates
        How many of the sent ones it had before, for example from a re-send whose answer was lost.
    dropped, dropped_reasons
        Good records that were given up: a full queue, a closed client, no time left at exit.
    rejected, rejected_reasons
        Records that broke a rule and will never be taken; a reason names the field.
    failed_sends
        Attempts that failed and were, or will be, repeated.
    last_error, last_error_at
        The latest failure of any kind.
    """

    logged: int
    queued: int
    queued_bytes: int
    sent: int
    duplicates: int
    dropped: int
    rejected: int
    failed_sends: int
    dropped_reasons: Mapping[str, int]
    rejected_reasons: Mapping[str, int]
    last_error: str | None
    last_error_at: datetime | None

    @property
    def lost(self) -> int:
        """Records that will never arrive."""
        return self.dropped + self.rejected
