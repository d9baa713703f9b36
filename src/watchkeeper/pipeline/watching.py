"""The watch over a store: bucket by bucket as data arrives, going on exactly where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from watchkeeper.pipeline.adoptions import adoptions_of
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.judging import Change, Judge, Memory, saved_incident
from watchkeeper.pipeline.kept_profile import kept, pack
from watchkeeper.pipeline.lateness import late_buckets
from watchkeeper.pipeline.reopening import LookBack
from watchkeeper.pipeline.silence import silent_until
from watchkeeper.pipeline.stored_buckets import (
    Place,
    first_bucket,
    profiles_between,
    row_buckets,
)
from watchkeeper.profiles import BucketProfile, Profiler
from watchkeeper.store import Checkpoint, ClosedBucket, Judgement, KeptBucket, SavedProgress, Store
from watchkeeper.watch import (
    Baseline,
    Incident,
    State,
    as_adopted,
    current,
    start,
    state_from_bytes,
    state_to_bytes,
)

_SPAN_BUCKETS = 200


class _Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where to read on, kept with the state.

    For buckets of time ``time`` is the next bucket's start, and ``looked_back_to`` the journal
    entry up to which late rows were looked for; ``None`` before any was judged. For buckets of
    rows, in order of arrival, ``after_sequence``, ``row_time`` and ``offset`` are the place of the
    first row that is not judged yet, see `Place`.
    """

    time: datetime
    after_sequence: int = 0
    row_time: datetime | None = None
    offset: int = 0
    looked_back_to: int | None = None
    state: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one look at the store brought: buckets judged, and incidents as they changed.

    ``reopened`` are buckets that were judged again with rows that came late, ``revised`` others
    that are shown with such rows now.
    """

    buckets: int
    changes: tuple[Change, ...]
    next_start: datetime | None
    reopened: int = 0
    revised: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRows:
    """Buckets that were judged again with rows that came late, or are shown with them now."""

    reopened: int = 0
    revised: int = 0
    changes: tuple[Change, ...] = ()


class Watch:
    """A model's watch over a store.

    Parameters
    ----------
    version
        Baseline to watch by; the newest by default.

    Raises
    ------
    DataError
        If the model has no baseline.
    """

    def __init__(self, store: Store, model: str, *, version: int | None = None) -> None:
        self._store, self.model = store, model
        self.version, self.setup = load_setup(store, model, version)
        self._baseline: Baseline = self.setup.fitted()
        self._profiler: Profiler = self.setup.profiler(self._baseline)
        self._judge = Judge(self.setup, self._baseline)
        self._nothing_late_to = 0

    def advance(
        self,
        *,
        now: datetime,
        finish: bool = False,
        by_clock: bool = True,
        look_back: bool = True,
    ) -> Watched:
        """Judge every bucket that is complete and not judged yet.

        A bucket of time is complete when an event lies past its end plus the lateness; when the
        model has fallen silent, so that none comes, by the clock (see `silent_until`); with
        ``finish`` also the one under way. What is judged is kept at once, all or nothing, so a
        killed watch goes on from its last kept bucket.

        Parameters
        ----------
        now
            The present, aware.
        by_clock
            Whether ``now`` can be trusted: not just after the clock was set.
        look_back
            Whether to look for late rows first.

        Raises
        ------
        BusyError
            If another watch of the same model got ahead.
        """
        late = self.look_back(now=now) if look_back else LateRows()
        judged = 0
        changes: list[Change] = list(late.changes)
        while True:
            saved = self._progress()
            cursor = self._cursor(saved)
            span = self._span(cursor, now if by_clock else None, finish=finish)
            if not span.profiles:
                return Watched(
                    buckets=judged,
                    changes=tuple(changes),
                    next_start=cursor.time if self._timed else None,
                    reopened=late.reopened,
                    revised=late.revised,
                )
            told = self._go_on(cursor, span, saved, now)
            if told is not None:
                judged += len(span.profiles)
                changes.extend(told)

    def _go_on(
        self, cursor: _Cursor, span: _Span, saved: SavedProgress | None, now: datetime
    ) -> list[Change] | None:
        """Judge a span and keep it; ``None`` if more was adopted meanwhile, so that it was not."""
        adoptions = adoptions_of(self._store, self.model, self.version)
        memory = self._memory(cursor)
        closed: list[ClosedBucket] = []
        stored: list[KeptBucket] = []
        checkpoints: list[Checkpoint] = []
        told: list[Change] = []
        for profile in span.profiles:
            number = memory.state.index
            if memory.is_due and self._timed:
                checkpoints.append(memory.checkpoint())
            memory, judged = self._judge.judge(
                memory, profile, sequence=span.sequence, adopted=adoptions.before(number)
            )
            closed.append(judged.closed)
            told.extend(judged.changes)
            packed = pack(kept(profile, self._baseline))
            stored.append(KeptBucket(number=number, profile=packed, readings=judged.readings))
        back_to = self._looked_back_to(cursor, span.sequence)
        moved = msgspec.structs.replace(span.cursor, looked_back_to=back_to)
        latest = {change.incident.incident_id: change.incident for change in told}
        judgement = Judgement(
            buckets=closed,
            kept=stored,
            checkpoints=checkpoints,
            changed=[saved_incident(incident) for incident in latest.values()],
            state=_with_state(moved, memory.state),
        )
        is_kept = self._store.watch_log.record(
            self.model,
            self.version,
            judgement,
            following=saved,
            now=now,
            adoptions_up_to=adoptions.up_to,
        )
        return told if is_kept else None

    def _looked_back_to(self, cursor: _Cursor, sequence: int) -> int:
        """Return up to where late rows are known once what came up to an entry is judged."""
        if cursor.looked_back_to is None:
            # Nothing can be late for a watch that begins; what an older version let pass is let be.
            return self._last_sequence() if cursor.state else sequence
        known = max(cursor.looked_back_to, self._nothing_late_to)
        if self._timed and not self._store.came_after(self.model, known, before=cursor.time):
            known = max(known, sequence)
        return known

    def look_back(self, *, now: datetime) -> LateRows:
        """Take in the rows that came after their bucket of time was judged.

        They are added to what is shown of it. A bucket that was judged with less than half of its
        rows is judged again, and all after it.

        Raises
        ------
        BusyError
            If another watch of the same model got ahead.
        """
        saved = self._progress()
        if not self._timed or saved is None or saved.baseline_version != self.version:
            return LateRows()
        cursor = self._cursor(saved)
        known = cursor.looked_back_to
        after = max(self._last_sequence() if known is None else known, self._nothing_late_to)
        newest = self._store.last_sequence(self.model)
        if newest <= after:
            return LateRows()
        late = {}
        if self._store.came_after(self.model, after, before=cursor.time):
            late = late_buckets(
                self._store,
                self.setup,
                self._baseline,
                self._profiler,
                version=self.version,
                after=after,
                up_to=newest,
                before=cursor.time,
            )
        if not late:
            self._nothing_late_to = newest
            return LateRows()
        state = state_from_bytes(cursor.state)
        look = LookBack(
            self._store,
            self.setup,
            self._baseline,
            self._profiler,
            version=self.version,
            late=late,
            sequence=newest,
            state=state,
        )
        moved = msgspec.structs.replace(cursor, looked_back_to=newest)
        if look.reopened:
            return self._rejudge(look, moved, saved, now)
        revised = look.revised()
        self._store.watch_log.revise(
            self.model, self.version, revised, state=_with_state(moved, state), following=saved
        )
        return LateRows(revised=len(revised))

    def _rejudge(
        self, look: LookBack, cursor: _Cursor, saved: SavedProgress, now: datetime
    ) -> LateRows:
        found = look.rejudged()
        why = {
            "baseline": self.version,
            "buckets": list(look.reopened),
            "sequence": cursor.looked_back_to,
            "why": "judged with less than half of the rows that are known now",
        }
        self._store.watch_log.rejudge(
            self.model,
            self.version,
            Judgement(
                buckets=found.buckets,
                kept=found.kept,
                checkpoints=found.checkpoints,
                changed=found.changed,
                state=_with_state(cursor, found.state),
            ),
            withdrawn=found.withdrawn,
            why=why,
            following=saved,
            now=now,
        )
        revised = sum(b.late is not None for b in found.kept)
        return LateRows(reopened=len(look.reopened), revised=revised, changes=found.changes)

    def _memory(self, cursor: _Cursor) -> Memory:
        if not cursor.state:
            return Memory(state=start(self._baseline), told={})
        incidents = stored_incidents(self._store, self.model, self.version)
        told = {incident.incident_id: incident for incident in incidents if incident.is_open}
        return Memory(state=state_from_bytes(cursor.state), told=told)

    def _last_sequence(self) -> int:
        last = self._store.watch_log.last_bucket(self.model, self.version)
        return 0 if last is None else last.closed_at_sequence

    @property
    def _timed(self) -> bool:
        return self.setup.bucketing().length is not None

    def _progress(self) -> SavedProgress | None:
        return self._store.watch_log.progress(self.model)

    def _cursor(self, saved: SavedProgress | None) -> _Cursor:
        if saved is None or saved.baseline_version != self.version:
            return _Cursor(time=first_bucket(self.setup), state=b"")
        return msgspec.msgpack.decode(saved.state, type=_Cursor)

    def _span(self, cursor: _Cursor, now: datetime | None, *, finish: bool) -> _Span:
        # Before the time: what comes in between is then read and not taken for silence.
        silent = None if now is None else self._silent_until(now)
        newest = self._store.newest_time(self.model)
        sequence = self._store.last_sequence(self.model)
        if not self._timed:
            return self._row_span(cursor, sequence)
        if newest is None:
            return _Span(profiles=[], sequence=sequence, cursor=cursor)
        reached = newest if silent is None else max(newest, silent)
        return self._time_span(cursor, sequence, reached, finish=finish)

    def _silent_until(self, now: datetime) -> datetime | None:
        arrival, length = self._store.arrival(self.model), self.setup.bucketing().length
        if arrival is None or length is None:
            return None
        return silent_until(arrival, now, length=length)

    def _time_span(
        self, cursor: _Cursor, sequence: int, newest: datetime, *, finish: bool
    ) -> _Span:
        bucketing, zone = self.setup.bucketing(), ZoneInfo(self.setup.timezone)
        lateness = timedelta(seconds=self.setup.lateness_seconds)
        ends: list[datetime] = []
        at = cursor.time
        while len(ends) < _SPAN_BUCKETS:
            end = bucketing.next_start(at, zone=zone)
            complete = newest >= end + lateness or (finish and newest >= at)
            if not complete:
                break
            ends.append(end)
            at = end
        if not ends:
            return _Span(profiles=[], sequence=sequence, cursor=cursor)
        profiles = profiles_between(
            self._store, self.setup, self._profiler, cursor.time, ends[-1], sequence
        )
        return _Span(
            profiles=profiles,
            sequence=sequence,
            cursor=_Cursor(time=ends[-1], state=b""),
        )

    def _row_span(self, cursor: _Cursor, sequence: int) -> _Span:
        profiles, place = row_buckets(
            self._store,
            self.setup,
            self._profiler,
            Place(after_sequence=cursor.after_sequence, time=cursor.row_time, offset=cursor.offset),
            up_to_sequence=sequence,
            most=_SPAN_BUCKETS,
        )
        moved = _Cursor(
            time=cursor.time,
            after_sequence=place.after_sequence,
            row_time=place.time,
            offset=place.offset,
            state=b"",
        )
        return _Span(profiles=profiles, sequence=sequence, cursor=moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Complete buckets, what had arrived when they were read, and where to go on."""

    profiles: list[BucketProfile]
    sequence: int
    cursor: _Cursor


def _with_state(cursor: _Cursor, state: State) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(cursor, state=state_to_bytes(state)))


def stored_incidents(store: Store, model: str, version: int) -> Iterator[Incident]:
    """Yield the incidents of a watch as last told."""
    for saved in store.watch_log.incidents(model, version):
        yield msgspec.json.decode(saved.payload, type=Incident)


def incidents_as_they_stand(store: Store, model: str, version: int) -> tuple[Incident, ...]:
    """Return the open incidents of a watch with the sizes of their changes until now.

    Stored incidents are as they were last told: when they opened, or more joined them.
    """
    saved = store.watch_log.progress(model)
    if saved is None or saved.baseline_version != version:
        return ()
    cursor = msgspec.msgpack.decode(saved.state, type=_Cursor)
    if not cursor.state:
        return ()
    _, setup = load_setup(store, model, version)
    baseline, state = setup.fitted(), state_from_bytes(cursor.state)
    return current(as_adopted(baseline, state), state)
