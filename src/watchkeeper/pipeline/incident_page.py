"""All that is known of one incident: evidence over time, decisions, and what was sent about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from watchkeeper.pipeline.incident_list import IncidentSummary, find_tracked, key_of, told
from watchkeeper.pipeline.watching import incidents_as_they_stand
from watchkeeper.store import (
    ClosedBucket,
    Decision,
    DecisionKind,
    IncidentKey,
    NoticeStatus,
    ServiceIncident,
    Store,
    TrackedIncident,
)
from watchkeeper.watch import Incident, StreamEvidence

_LEAST_AROUND = 12
_MOST_AROUND = 200
_AROUND_SERVICE = timedelta(hours=6)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence of all streams together, bucket by bucket, around an incident.

    Attributes
    ----------
    starts
        Starts of the buckets, ``None`` for buckets of rows.
    values
        Multiples of what opens an incident, after each bucket.
    opened, closed
        Places in ``values`` of the buckets at whose ends it opened and closed.
    """

    starts: list[datetime | None]
    values: list[float]
    opened: int | None
    closed: int | None


class DecisionMade(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about an incident; ``until`` is the end of a mute."""

    kind: DecisionKind
    actor: str
    time: datetime
    reason: str
    until: datetime | None


class NoticeMade(msgspec.Struct, frozen=True, kw_only=True):
    """A message about an incident, and what became of it; ``time`` is when it was sent, or due."""

    channel: str
    event: str
    status: NoticeStatus
    time: datetime
    attempts: int
    last_error: str | None


class BucketNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of an incident: its onset, and those at whose ends it opened and closed."""

    since_bucket: int
    opened_bucket: int
    closed_bucket: int | None


class IncidentDetail(IncidentSummary, frozen=True, kw_only=True):
    """An incident in full.

    Attributes
    ----------
    streams
        What moved, with its part in the evidence and the size of the change.
    evidence, numbers
        ``None`` for an incident of the service.
    figures
        What an incident of the service was decided by, named with units.
    like
        An earlier span of time that was like it.
    from_, to
        A span of time to look at it in: from before its onset to after its end.
    """

    streams: tuple[StreamEvidence, ...]
    evidence: Evidence | None
    figures: dict[str, float]
    like: str | None
    decisions: list[DecisionMade]
    notices: list[NoticeMade]
    numbers: BucketNumbers | None
    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None


def incident_detail(store: Store, key: IncidentKey, *, now: datetime) -> IncidentDetail:
    """Return an incident in full.

    Raises
    ------
    DataError
        If there is none; the nearest is named.
    """
    summary, kept = find_tracked(store, key, now=now)
    decisions = [_made(one) for one in store.decisions.of(key)]
    notices = _notices(store, key)
    if isinstance(kept, ServiceIncident):
        return _of_service(summary, kept, decisions, notices)
    return _of_watch(store, summary, kept, decisions, notices)


def _of_watch(
    store: Store,
    summary: IncidentSummary,
    tracked: TrackedIncident,
    decisions: list[DecisionMade],
    notices: list[NoticeMade],
) -> IncidentDetail:
    key = key_of(tracked)
    incident = _until_now(store, tracked) if summary.is_open else told(tracked)
    buckets = _around(store, key, incident)
    start, end = _extent(buckets)
    known = msgspec.structs.asdict(summary)
    return IncidentDetail(
        **(known | {"message": incident.message, "kind": incident.kind}),
        streams=incident.streams,
        evidence=_evidence(buckets, incident),
        figures={},
        like=incident.resembles,
        decisions=decisions,
        notices=notices,
        numbers=BucketNumbers(
            since_bucket=incident.since_bucket,
            opened_bucket=incident.opened_bucket,
            closed_bucket=incident.closed_bucket,
        ),
        from_=start,
        to=end,
    )


def _of_service(
    summary: IncidentSummary,
    incident: ServiceIncident,
    decisions: list[DecisionMade],
    notices: list[NoticeMade],
) -> IncidentDetail:
    ended = incident.closed_at or incident.last_seen_at
    around = max(_AROUND_SERVICE, ended - incident.since)
    return IncidentDetail(
        **msgspec.structs.asdict(summary),
        streams=(),
        evidence=None,
        figures=incident.figures,
        like=incident.resembles,
        decisions=decisions,
        notices=notices,
        numbers=None,
        from_=incident.since - around,
        to=ended + around,
    )


def _until_now(store: Store, tracked: TrackedIncident) -> Incident:
    """Return an open incident with the sizes of its changes over all its buckets so far."""
    standing = incidents_as_they_stand(store, tracked.model, tracked.baseline_version)
    return next((i for i in standing if i.incident_id == tracked.incident_id), told(tracked))


def _around(store: Store, key: IncidentKey, incident: Incident) -> list[ClosedBucket]:
    """Return the buckets of an incident with as many before and after, within reason."""
    last = store.watch_log.last_bucket(key.model, key.version)
    newest = incident.opened_bucket if last is None else last.number
    ended = newest if incident.closed_bucket is None else incident.closed_bucket
    length = ended - incident.since_bucket + 1
    around = min(max(length, _LEAST_AROUND), _MOST_AROUND)
    first = max(0, incident.since_bucket - around)
    return store.watch_log.buckets(key.model, key.version, first=first, last=ended + around)


def _extent(buckets: Sequence[ClosedBucket]) -> tuple[datetime | None, datetime | None]:
    starts = [b.start for b in buckets if b.start is not None]
    ends = [b.end for b in buckets if b.end is not None]
    if not starts or not ends:
        return None, None
    return datetime.fromisoformat(starts[0]), datetime.fromisoformat(ends[-1])


def _evidence(buckets: Sequence[ClosedBucket], incident: Incident) -> Evidence:
    place = {bucket.number: i for i, bucket in enumerate(buckets)}
    closed = incident.closed_bucket
    return Evidence(
        starts=[None if b.start is None else datetime.fromisoformat(b.start) for b in buckets],
        values=[b.evidence for b in buckets],
        opened=place.get(incident.opened_bucket),
        closed=None if closed is None else place.get(closed),
    )


def _made(decision: Decision) -> DecisionMade:
    return DecisionMade(
        kind=decision.kind,
        actor=decision.actor,
        time=datetime.fromisoformat(decision.time),
        reason=decision.reason,
        until=None if decision.until is None else datetime.fromisoformat(decision.until),
    )


def _notices(store: Store, key: IncidentKey) -> list[NoticeMade]:
    return [
        NoticeMade(
            channel=notice.channel,
            event=notice.event,
            status=notice.status,
            time=notice.sent_at or notice.due_at,
            attempts=notice.attempts,
            last_error=notice.last_error,
        )
        for notice in store.notices.of_incident(str(key))
    ]
