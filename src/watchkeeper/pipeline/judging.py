"""Bucket after bucket judged, and what is kept of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.readings import Readings, to_bytes
from watchkeeper.profiles import BucketProfile, merge
from watchkeeper.store import SPACING, Checkpoint, ClosedBucket, SavedIncident
from watchkeeper.watch import (
    Baseline,
    Incident,
    State,
    adopt,
    as_adopted,
    score,
    state_from_bytes,
    state_to_bytes,
    step,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An incident as it stood at the end of a bucket in which it opened, grew or closed.

    Attributes
    ----------
    what
        ``"withdrawn"`` if the bucket was judged again with rows that came late, and the incident
        was not found any more.
    at
        End of that bucket, ``None`` for rows without times.
    """

    what: Literal["opened", "grew", "closed", "withdrawn"]
    bucket: int
    at: datetime | None
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What judging goes on from: the state, and the open incidents as they were last told."""

    state: State
    told: Mapping[str, Incident]

    def checkpoint(self) -> Checkpoint:
        """Return it as bytes, to come back to."""
        saved = _Saved(state=state_to_bytes(self.state), told=list(self.told.values()))
        return Checkpoint(next_index=self.state.index, state=msgspec.msgpack.encode(saved))

    @classmethod
    def at(cls, checkpoint: Checkpoint) -> Memory:
        """Return what `checkpoint` saved."""
        saved = msgspec.msgpack.decode(checkpoint.state, type=_Saved)
        told = {incident.incident_id: incident for incident in saved.told}
        return cls(state=state_from_bytes(saved.state), told=told)

    @property
    def is_due(self) -> bool:
        """Whether a checkpoint belongs here."""
        return self.state.index % SPACING == 0


class _Saved(msgspec.Struct, frozen=True, kw_only=True):
    state: bytes
    told: list[Incident]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBucket:
    """A bucket's judgement, its reading, and the incidents that it changed."""

    closed: ClosedBucket
    readings: bytes
    changes: tuple[Change, ...]


class Judge:
    """Judges the buckets of a watch.

    Parameters
    ----------
    setup, baseline
        As saved; ``baseline`` is that of the set-up.
    """

    def __init__(self, setup: WatchSetup, baseline: Baseline) -> None:
        self._setup, self._baseline = setup, baseline
        self._readings = Readings(baseline)

    def judge(
        self,
        memory: Memory,
        profile: BucketProfile,
        *,
        sequence: int,
        late: BucketProfile | None = None,
        adopted: Collection[str] = (),
    ) -> tuple[Memory, JudgedBucket]:
        """Judge the next bucket.

        Parameters
        ----------
        sequence
            Last journal entry of which it has the rows.
        late
            Rows that came after; they are shown, and not judged.
        adopted
            Incidents that become the new normal before it.
        """
        before, number = memory.state, memory.state.index
        complete = covers_its_time(self._setup, profile)
        result = step(self._baseline, before, profile, complete=complete, adopted=adopted)
        changes = tuple(change_of(i, number, profile.end) for i in result.changed)
        told = dict(memory.told) | {i.incident_id: i for i in result.changed}
        if late is None:
            readings = to_bytes(self._readings.of(result.score, result.state))
        else:
            readings = self.shown(before, profile, late, adopted=adopted)
        judged = JudgedBucket(
            closed=_closed(profile, number, sequence, result.state),
            readings=readings,
            changes=changes,
        )
        opened = {name: incident for name, incident in told.items() if incident.is_open}
        return Memory(state=result.state, told=opened), judged

    def shown(
        self,
        state: State,
        profile: BucketProfile,
        late: BucketProfile,
        *,
        adopted: Collection[str] = (),
    ) -> bytes:
        """Return the reading of a bucket with its late rows, as seen from the state before it."""
        whole = merge(profile, late)
        complete = covers_its_time(self._setup, whole)
        state, _ = adopt(self._baseline, state, whole, adopted)
        scored = score(as_adopted(self._baseline, state), state, whole, complete=complete)
        return to_bytes(self._readings.of(scored, state))


def covers_its_time(setup: WatchSetup, profile: BucketProfile) -> bool:
    """Return whether a bucket begins after the baseline, not within it."""
    return profile.start is None or profile.start >= setup.begins


def change_of(incident: Incident, bucket: int, at: datetime | None) -> Change:
    """Return what a bucket did to an incident."""
    opened: Literal["opened", "grew"] = "opened" if incident.opened_bucket == bucket else "grew"
    return Change(
        what=opened if incident.is_open else "closed", bucket=bucket, at=at, incident=incident
    )


def saved_incident(incident: Incident) -> SavedIncident:
    """Return an incident as it is stored: canonical JSON."""
    return SavedIncident(
        incident_id=incident.incident_id,
        opened_bucket=incident.opened_bucket,
        closed_bucket=incident.closed_bucket,
        payload=msgspec.json.encode(incident),
    )


def _closed(profile: BucketProfile, number: int, sequence: int, state: State) -> ClosedBucket:
    return ClosedBucket(
        number=number,
        start=None if profile.start is None else profile.start.isoformat(),
        end=None if profile.end is None else profile.end.isoformat(),
        rows=profile.rows,
        closed_at_sequence=sequence,
        evidence=float(f"{state.ratio:.6g}"),
    )
