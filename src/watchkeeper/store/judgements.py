"""What a watch gives to keep: its baseline, judged buckets, incidents, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from watchkeeper.store.checkpoints import Checkpoint
from watchkeeper.store.kept_buckets import KeptBucket


class SavedBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a model's baseline; ``payload`` is what the watch gave to keep."""

    model: str
    version: int
    created_at: str
    note: str
    payload: bytes


class SavedProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a watch stands: its state after bucket ``next_index - 1``."""

    baseline_version: int
    next_index: int
    state: bytes


class ClosedBucket(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket that was judged, with the rows that had arrived by then.

    ``closed_at_sequence`` is the last journal entry that it saw; ``evidence`` a multiple of the
    threshold.
    """

    number: int
    start: str | None
    end: str | None
    rows: int
    closed_at_sequence: int
    evidence: float


class SavedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as last told, as canonical JSON."""

    incident_id: str
    opened_bucket: int
    closed_bucket: int | None
    payload: bytes


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch found in buckets that follow each other, to be kept all or nothing.

    Attributes
    ----------
    buckets, kept
        The buckets in order, and what is kept beside them.
    checkpoints
        States to which the watch can go back.
    changed
        Incidents that opened, grew or closed, as they were told.
    state
        Of the watch after the last bucket.
    """

    buckets: Sequence[ClosedBucket]
    kept: Sequence[KeptBucket] = ()
    checkpoints: Sequence[Checkpoint] = ()
    changed: Sequence[SavedIncident] = ()
    state: bytes


class TrackedIncident(SavedIncident, frozen=True, kw_only=True):
    """An incident and the watch that told it.

    ``replaced_at`` is when the next version of the baseline took its place, ``None`` before.
    """

    model: str
    baseline_version: int
    replaced_at: str | None
