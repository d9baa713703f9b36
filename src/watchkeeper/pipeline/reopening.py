"""Judged buckets looked at again with the rows that came late."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from watchkeeper.pipeline.adoptions import adoptions_of
from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.judging import Change, Judge, JudgedBucket, Memory, saved_incident
from watchkeeper.pipeline.kept_profile import kept, pack, unpack
from watchkeeper.pipeline.lateness import LateBucket
from watchkeeper.pipeline.stored_buckets import profiles_between
from watchkeeper.profiles import BucketProfile, Profiler, merge
from watchkeeper.store import Checkpoint, ClosedBucket, KeptBucket, SavedIncident, Store
from watchkeeper.watch import Baseline, Incident, State

_MOST_REOPENINGS = 3
_WITHDRAWN = "most rows of its buckets came late, and judged with them they show nothing unusual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A new judgement of the last buckets, in place of the one before.

    Attributes
    ----------
    buckets, checkpoints
        From the first reopened bucket on.
    kept
        The same, and earlier ones with late rows.
    changed, withdrawn
        Incidents that are told otherwise now, and those that are not found any more.
    changes
        What of that is news.
    """

    state: State
    buckets: tuple[ClosedBucket, ...]
    checkpoints: tuple[Checkpoint, ...]
    kept: tuple[KeptBucket, ...]
    changed: tuple[SavedIncident, ...]
    withdrawn: tuple[SavedIncident, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walked:
    """One bucket judged again: memory before and after, and what to keep."""

    before: Memory
    after: Memory
    judged: JudgedBucket
    kept: KeptBucket


class LookBack:
    """One look at the judged buckets for which rows came late.

    The states of the watch at those buckets come from the nearest checkpoints, and from judging
    the stored profiles after them again.

    Parameters
    ----------
    late
        As `late_buckets` found them; at least one.
    sequence
        Last journal entry that was looked at.
    state
        Of the watch now, for buckets of a time before any checkpoint.

    Attributes
    ----------
    reopened
        Buckets to judge with other rows than before: judged with less than half of those known
        now, not too often yet, and not older than the oldest checkpoint.
    """

    def __init__(
        self,
        store: Store,
        setup: WatchSetup,
        baseline: Baseline,
        profiler: Profiler,
        *,
        version: int,
        late: Mapping[int, LateBucket],
        sequence: int,
        state: State,
    ) -> None:
        self._store, self._setup, self._baseline = store, setup, baseline
        self._profiler, self._version = profiler, version
        self._late, self._sequence, self._state = late, sequence, state
        self._judge = Judge(setup, baseline)
        oldest = min(store.checkpoints.indexes(setup.model, version), default=None)
        self._recent = [n for n in sorted(late) if oldest is not None and n >= oldest]
        self.reopened = tuple(
            number
            for number in self._recent
            if late[number].is_mostly_late and late[number].kept.reopened < _MOST_REOPENINGS
        )

    def revised(self) -> list[KeptBucket]:
        """Return the buckets with late rows as they are shown now; their judgement stands."""
        revised = self._older()
        if self._recent:
            walk = self._walk(self._start(), last=self._recent[-1])
            revised += [walked.kept for walked in walk if walked.kept.number in self._late]
        return revised

    def rejudged(self) -> Rejudged:
        """Judge again from the first reopened bucket on; there must be one."""
        first, start = self.reopened[0], self._start()
        told = dict(Memory.at(start).told)
        buckets: list[ClosedBucket] = []
        checkpoints: list[Checkpoint] = []
        revised = self._older()
        state = self._state
        for walked in self._walk(start, last=None):
            number, state = walked.kept.number, walked.after.state
            told.update((c.incident.incident_id, c.incident) for c in walked.judged.changes)
            if number >= first:
                buckets.append(walked.judged.closed)
                if walked.before.is_due:
                    checkpoints.append(walked.before.checkpoint())
            if number >= first or number in self._late:
                revised.append(walked.kept)
        stored = self._store.watch_log.incidents(self._setup.model, self._version)
        known = {incident.incident_id: incident for incident in stored}
        withdrawn = [
            _withdrawn(incident, buckets[-1])
            for incident in map(_incident, stored)
            if incident.opened_bucket >= start.next_index
            and incident.incident_id not in told
            and not incident.withdrawn
        ]
        news = [c for i in told.values() for c in _news(known.get(i.incident_id), i, buckets[-1])]
        news += [_change("withdrawn", i, buckets[-1]) for i in withdrawn]
        return Rejudged(
            state=state,
            buckets=tuple(buckets),
            checkpoints=tuple(checkpoints),
            kept=tuple(revised),
            changed=tuple(
                saved
                for saved in map(saved_incident, told.values())
                if saved != known.get(saved.incident_id)
            ),
            withdrawn=tuple(saved_incident(incident) for incident in withdrawn),
            changes=tuple(news),
        )

    def _start(self) -> Checkpoint:
        start = self._store.checkpoints.nearest(self._setup.model, self._version, self._recent[0])
        assert start is not None and start.next_index <= self._recent[0]
        return start

    def _older(self) -> list[KeptBucket]:
        """Return buckets of before the oldest checkpoint, as seen from the oldest state kept."""
        older = [self._late[number] for number in sorted(set(self._late) - set(self._recent))]
        if not older:
            return []
        oldest = self._store.checkpoints.nearest(self._setup.model, self._version, -1)
        state = self._state if oldest is None else Memory.at(oldest).state
        return [
            msgspec.structs.replace(
                bucket.kept, readings=self._judge.shown(state, bucket.profile, bucket.late)
            )
            for bucket in older
        ]

    def _walk(self, start: Checkpoint, *, last: int | None) -> Iterator[_Walked]:
        """Judge the kept buckets from a checkpoint on, reopened ones with all their rows."""
        model, version, first = self._setup.model, self._version, start.next_index
        closed = self._store.watch_log.buckets(model, version, first=first)
        sequences = {bucket.number: bucket.closed_at_sequence for bucket in closed}
        whole, adoptions = self._whole(), adoptions_of(self._store, model, version)
        memory = Memory.at(start)
        for stored in self._store.kept_buckets.between(model, version, first=first, last=last):
            number, late = stored.number, self._late.get(stored.number)
            if number in whole:
                profile, after = whole[number], None
                sequence = self._sequence
                stored = KeptBucket(
                    number=number,
                    profile=pack(profile),
                    readings=b"",
                    reopened=stored.reopened + 1,
                    revised_at_sequence=sequence,
                )
            else:
                sequence = sequences[number]
                stored = stored if late is None else late.kept
                profile = unpack(stored.profile)
                after = None if stored.late is None else unpack(stored.late)
            before = memory
            memory, judged = self._judge.judge(
                before,
                profile,
                sequence=sequence,
                late=after,
                adopted=adoptions.before(number),
            )
            stored = msgspec.structs.replace(stored, readings=judged.readings)
            yield _Walked(before=before, after=memory, judged=judged, kept=stored)

    def _whole(self) -> dict[int, BucketProfile]:
        """Return the profiles of reopened buckets with all their rows.

        They are read anew, so that a replay finds them the same to the last bit. Where rows were
        removed since, the profiles of both parts are merged.
        """
        whole: dict[int, BucketProfile] = {}
        for _, run in itertools.groupby(enumerate(self.reopened), key=lambda at: at[1] - at[0]):
            buckets = [self._late[number] for _, number in run]
            start, end = buckets[0].closed.start, buckets[-1].closed.end
            assert start is not None and end is not None
            read = profiles_between(
                self._store,
                self._setup,
                self._profiler,
                datetime.fromisoformat(start),
                datetime.fromisoformat(end),
                self._sequence,
            )
            for bucket, profile in zip(buckets, read, strict=True):
                merged = merge(bucket.profile, bucket.late)
                whole[bucket.closed.number] = (
                    kept(profile, self._baseline) if profile.rows == merged.rows else merged
                )
        return whole


def _incident(saved: SavedIncident) -> Incident:
    return msgspec.json.decode(saved.payload, type=Incident)


def _withdrawn(incident: Incident, last: ClosedBucket) -> Incident:
    """Return an incident that is not found any more, closed if it was open."""
    message = f"{incident.message}; withdrawn: {_WITHDRAWN}"
    taken_back = msgspec.structs.replace(incident, withdrawn=True, message=message)
    if not incident.is_open:
        return taken_back
    return msgspec.structs.replace(taken_back, closed_bucket=last.number, closed_at=_end(last))


def _news(known: SavedIncident | None, incident: Incident, last: ClosedBucket) -> list[Change]:
    """Return what is new to those who knew an incident as it was stored."""
    if known is None or _incident(known).withdrawn:
        opened = [_change("opened", incident, last)]
        return opened if incident.is_open else [*opened, _change("closed", incident, last)]
    if known.payload == saved_incident(incident).payload:
        return []
    return [_change("grew" if incident.is_open else "closed", incident, last)]


def _change(
    what: Literal["opened", "grew", "closed", "withdrawn"], incident: Incident, last: ClosedBucket
) -> Change:
    if what == "opened":
        return Change(
            what=what,
            bucket=incident.opened_bucket,
            at=incident.opened_at,
            incident=incident,
        )
    if what == "closed" and incident.closed_bucket is not None:
        bucket, at = incident.closed_bucket, incident.closed_at
        return Change(what=what, bucket=bucket, at=at, incident=incident)
    return Change(what=what, bucket=last.number, at=_end(last), incident=incident)


def _end(bucket: ClosedBucket) -> datetime | None:
    return None if bucket.end is None else datetime.fromisoformat(bucket.end)
