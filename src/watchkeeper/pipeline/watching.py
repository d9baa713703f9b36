"""The watch over a store: bucket by bucket as data arrives, going on exactly where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import pyarrow.compute as pc

from watchkeeper.errors import BusyError
from watchkeeper.pipeline.adoptions import Adoptions, adoptions_of
from watchkeeper.pipeline.baselining import WatchSetup, load_setup
from watchkeeper.pipeline.bucketed import row_profiles, time_profiles
from watchkeeper.pipeline.silence import silent_until
from watchkeeper.pipeline.stored import TIME, in_tables, stored_rows
from watchkeeper.profiles import BucketProfile, Profiler
from watchkeeper.store import ClosedBucket, SavedIncident, Store
from watchkeeper.watch import (
    Baseline,
    Incident,
    State,
    start,
    state_from_bytes,
    state_to_bytes,
    step,
)

_SPAN_BUCKETS = 200


class _Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where to read on, kept with the state.

    For buckets of time ``time`` is the next bucket's start. For buckets of rows, in order of
    arrival, ``after_sequence`` and ``offset`` say how many rows after that entry are judged.
    """

    time: datetime
    after_sequence: int = 0
    offset: int = 0
    state: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An incident as it stood at the end of a bucket in which it opened, grew or closed.

    Attributes
    ----------
    at
        End of that bucket, ``None`` for rows without times.
    """

    what: Literal["opened", "grew", "closed"]
    bucket: int
    at: datetime | None
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one look at the store brought: buckets judged, and incidents as they changed."""

    buckets: int
    changes: tuple[Change, ...]
    next_start: datetime | None


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

    def advance(self, *, now: datetime, finish: bool = False, by_clock: bool = True) -> Watched:
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

        Raises
        ------
        BusyError
            If another watch of the same model got ahead.
        """
        judged = 0
        changes: list[Change] = []
        while True:
            cursor, number = self._cursor()
            state = state_from_bytes(cursor.state) if cursor.state else start(self._baseline)
            span = self._span(cursor, now if by_clock else None, finish=finish)
            if not span.profiles:
                return Watched(
                    buckets=judged,
                    changes=tuple(changes),
                    next_start=cursor.time if self._timed else None,
                )
            adoptions = adoptions_of(self._store, self.model, self.version)
            closed: list[ClosedBucket] = []
            told: list[Change] = []
            for bucket, profile in enumerate(span.profiles, start=number):
                result = step(
                    self._baseline,
                    state,
                    profile,
                    complete=covers_its_time(self.setup, profile),
                    adopted=adoptions.before(bucket),
                )
                state = result.state
                told.extend(_change(incident, bucket, profile) for incident in result.changed)
                closed.append(_closed(profile, bucket, span.sequence, state))
            incidents = [change.incident for change in told]
            if self._record(closed, state, span.cursor, incidents, number, now, adoptions):
                judged += len(closed)
                changes.extend(told)

    @property
    def _timed(self) -> bool:
        return self.setup.bucketing().length is not None

    def _cursor(self) -> tuple[_Cursor, int]:
        saved = self._store.watch_log.progress(self.model)
        if saved is None or saved.baseline_version != self.version:
            begins = first_bucket(self.setup)
            return _Cursor(time=begins, state=b""), 0
        return msgspec.msgpack.decode(saved.state, type=_Cursor), saved.next_index

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
        profiles = rows_between(
            self._store, self.setup, self._profiler, cursor.after_sequence, sequence, cursor.offset
        )[:_SPAN_BUCKETS]
        rows = self.setup.bucketing().rows or 0
        moved = _Cursor(
            time=cursor.time,
            after_sequence=cursor.after_sequence,
            offset=cursor.offset + rows * len(profiles),
            state=b"",
        )
        return _Span(profiles=profiles, sequence=sequence, cursor=moved)

    def _record(
        self,
        closed: list[ClosedBucket],
        state: State,
        cursor: _Cursor,
        told: Sequence[Incident],
        number: int,
        now: datetime,
        adoptions: Adoptions,
    ) -> bool:
        _, expected = self._cursor()
        if expected != number:
            raise BusyError(f"another watch of {self.model!r} is running; leave it to that one")
        kept = msgspec.structs.replace(cursor, state=state_to_bytes(state))
        latest = {incident.incident_id: incident for incident in told}
        return self._store.watch_log.record(
            self.model,
            self.version,
            closed,
            state=msgspec.msgpack.encode(kept),
            changed=[saved_incident(i) for i in latest.values()],
            now=now,
            adoptions_up_to=adoptions.up_to,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """Complete buckets, what had arrived when they were read, and where to go on."""

    profiles: list[BucketProfile]
    sequence: int
    cursor: _Cursor


def first_bucket(setup: WatchSetup) -> datetime:
    """Return the start of bucket 0."""
    bucketing = setup.bucketing()
    if bucketing.length is None:
        return setup.begins
    return bucketing.start_of(setup.begins, zone=ZoneInfo(setup.timezone))


def covers_its_time(setup: WatchSetup, profile: BucketProfile) -> bool:
    """Return whether a bucket begins after the baseline, not within it."""
    return profile.start is None or profile.start >= setup.begins


def profiles_between(
    store: Store,
    setup: WatchSetup,
    profiler: Profiler,
    start: datetime,
    end: datetime,
    up_to_sequence: int,
) -> list[BucketProfile]:
    """Profile the buckets of time from ``start`` to ``end`` with the rows that had arrived."""
    since = max(start, setup.begins)
    rows = stored_rows(store, setup.model, start=since, end=end, up_to_sequence=up_to_sequence)
    return list(
        time_profiles(
            in_tables(rows),
            profiler,
            setup.bucketing(),
            time_column=TIME,
            zone=ZoneInfo(setup.timezone),
            ordered=True,
            first=start,
            until=end,
        )
    )


def rows_between(
    store: Store,
    setup: WatchSetup,
    profiler: Profiler,
    after_sequence: int,
    up_to_sequence: int,
    offset: int,
) -> list[BucketProfile]:
    """Profile the full buckets of rows, in order of arrival, that follow an offset."""
    rows = stored_rows(
        store,
        setup.model,
        start=setup.begins,
        since_sequence=after_sequence,
        up_to_sequence=up_to_sequence,
    )
    order = pc.sort_indices(rows, sort_keys=[("sequence", "ascending"), (TIME, "ascending")])
    rows = rows.take(order).slice(offset)
    return list(row_profiles(in_tables(rows), profiler, setup.bucketing(), time_column=TIME))


def saved_incident(incident: Incident) -> SavedIncident:
    """Return an incident as it is kept: canonical JSON."""
    return SavedIncident(
        incident_id=incident.incident_id,
        opened_bucket=incident.opened_bucket,
        closed_bucket=incident.closed_bucket,
        payload=msgspec.json.encode(incident),
    )


def _change(incident: Incident, bucket: int, profile: BucketProfile) -> Change:
    opened: Literal["opened", "grew"] = "opened" if incident.opened_bucket == bucket else "grew"
    return Change(
        what=opened if incident.is_open else "closed",
        bucket=bucket,
        at=profile.end,
        incident=incident,
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


def stored_incidents(store: Store, model: str, version: int) -> Iterator[Incident]:
    """Yield the incidents of a watch as last told."""
    for saved in store.watch_log.incidents(model, version):
        yield msgspec.json.decode(saved.payload, type=Incident)
