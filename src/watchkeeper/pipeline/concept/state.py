"""What is kept of the watch over one model's loss."""

from __future__ import annotations

from datetime import datetime

import msgspec

from watchkeeper.pipeline.quality.task import TaskPlan
from watchkeeper.watch.concept import RiskPlan, RiskWatch


class WatchedBy(msgspec.Struct, frozen=True, kw_only=True):
    """By what a model's loss is watched; if that changes, the watch begins again.

    Attributes
    ----------
    version
        Of the baseline.
    begins
        First moment after its reference.
    threshold
        Of a binary model's errors.
    cost_matrix
        Empty unless costs are watched.
    """

    version: int
    begins: datetime
    task: TaskPlan
    plan: RiskPlan
    threshold: float
    cost_matrix: tuple[tuple[float, ...], ...] = ()
    timezone: str = "UTC"


class Fall(msgspec.Struct, frozen=True, kw_only=True):
    """The loss fell below what was normal: when, from and to what, by how many labels."""

    at: datetime
    since: datetime
    before: float
    now: float
    rows: int


class ConceptState(msgspec.Struct, kw_only=True):
    """The watch, and what was told.

    Attributes
    ----------
    by
        ``None`` as long as it cannot be watched.
    why_not
        A sentence that says why it cannot.
    incident_id
        Of the rise that lasts.
    alarms
        Rises told so far.
    """

    by: WatchedBy | None = None
    watch: RiskWatch | None = None
    why_not: str | None = None
    incident_id: str | None = None
    alarms: int = 0
    falls: list[Fall] = []

    def to_bytes(self) -> bytes:
        """Return it for the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, payload: bytes) -> ConceptState:
        """Read what `to_bytes` wrote; nothing is an empty state."""
        return msgspec.msgpack.decode(payload, type=cls) if payload else cls()
