"""Everything that happened to the models, drift and service alike, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import msgspec

from watchkeeper.errors import DataError, nearest
from watchkeeper.pipeline.adoptions import adoption_of
from watchkeeper.pipeline.standing import Muted, Said, said, standing_of
from watchkeeper.store import Decision, IncidentKey, ServiceIncident, Store, TrackedIncident
from watchkeeper.watch import Incident, Kind, StreamEvidence

Source: TypeAlias = Literal["drift", "rule", "objective", "cost", "quality"]
IncidentSeverity: TypeAlias = Literal["critical", "warning"]
ClosedWhy: TypeAlias = Literal["returned", "adopted", "withdrawn"]

_EVER = datetime.min.replace(tzinfo=UTC)
_NAMED = 50


class IncidentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as last told, and what people decided about it.

    Attributes
    ----------
    id
        Unique in the project, safe in a URL.
    severity
        ``critical`` for a broken rule, ``warning`` for drift, else the objective's.
    opened_at, since, closed_at
        In the time of the events; ``None`` where the rows have no times.
    closed_why
        Back to normal; adopted as normal, by a decision or by a newer baseline; or withdrawn, when
        its buckets were judged again with rows that came late.
    what
        The columns that moved, most evidence first; the objective's name.
    resembles
        An earlier span of time that was like it.
    adopted
        Who adopted it; it closes at the next bucket.
    """

    id: str
    model: str
    source: Source
    severity: IncidentSeverity
    kind: Kind | None
    is_open: bool
    opened_at: datetime | None
    since: datetime | None
    closed_at: datetime | None
    closed_why: ClosedWhy | None
    what: tuple[str, ...]
    message: str
    resembles: str | None
    acknowledged: Said | None
    muted: Muted | None
    adopted: Said | None


def list_incidents(
    store: Store,
    *,
    now: datetime,
    model: str | None = None,
    only_open: bool = False,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
) -> list[IncidentSummary]:
    """Return incidents, newest first.

    Parameters
    ----------
    start, end
        Only those that went on at some time at or after ``start`` and before ``end``.
    limit
        The newest so many.
    """
    decided: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in store.decisions.all(model):
        decided[str(decision.key)].append(decision)
    found = [
        summary
        for summary in _all(store, model, decided, now)
        if (summary.is_open or not only_open) and _overlaps(summary, start, end)
    ]
    found.sort(key=_age, reverse=True)
    return found[:limit]


def find_tracked(
    store: Store, key: IncidentKey, *, now: datetime
) -> tuple[IncidentSummary, TrackedIncident | ServiceIncident]:
    """Return an incident with its summary.

    Raises
    ------
    DataError
        If there is none; the nearest is named.
    """
    decisions = store.decisions.of(key)
    if key.version == 0:
        service = store.service_incidents.get(key.incident_id)
        if service is not None and service.model == key.model:
            return _of_service(service, decisions, now), service
    for tracked in store.watch_log.tracked(key.model, key.version, key.incident_id):
        return _of_watch(store, tracked, decisions, now), tracked
    known = nearest(str(key), [one.id for one in list_incidents(store, now=now)])
    raise DataError(f"there is no incident {str(key)!r}.{known}")


def key_of(tracked: TrackedIncident | ServiceIncident) -> IncidentKey:
    """Return the key of an incident."""
    if isinstance(tracked, ServiceIncident):
        return IncidentKey(model=tracked.model, version=0, incident_id=tracked.incident_id)
    return IncidentKey(
        model=tracked.model,
        version=tracked.baseline_version,
        incident_id=tracked.incident_id,
    )


def told(tracked: TrackedIncident) -> Incident:
    """Return a watch's incident as it was last told."""
    return msgspec.json.decode(tracked.payload, type=Incident)


def _all(
    store: Store,
    model: str | None,
    decided: defaultdict[str, list[Decision]],
    now: datetime,
) -> Iterator[IncidentSummary]:
    for tracked in store.watch_log.tracked(model):
        yield _of_watch(store, tracked, decided[str(key_of(tracked))], now)
    for service in store.service_incidents.all(model):
        yield _of_service(service, decided[str(key_of(service))], now)


def _of_watch(
    store: Store, tracked: TrackedIncident, decisions: Sequence[Decision], now: datetime
) -> IncidentSummary:
    incident = told(tracked)
    standing = standing_of(decisions, now=now)
    adopted = standing.adopted
    if adopted is None and incident.adopted:
        adoption = adoption_of(store, key_of(tracked), incident)
        adopted = None if adoption is None else said(adoption)
    closed_at, why = incident.closed_at, _why(incident)
    if why is None and tracked.replaced_at is not None:
        # A newer baseline took its place: what is now is normal by that one.
        closed_at, why = datetime.fromisoformat(tracked.replaced_at), "adopted"
    return IncidentSummary(
        id=str(key_of(tracked)),
        model=tracked.model,
        source="quality" if incident.cause == "concept" else incident.cause,
        severity=incident.severity,
        kind=incident.kind,
        is_open=why is None,
        opened_at=incident.opened_at,
        since=incident.since,
        closed_at=closed_at,
        closed_why=why,
        what=tuple(_name(s) for s in incident.streams[:_NAMED]),
        message=incident.message,
        resembles=incident.resembles,
        acknowledged=standing.acknowledged,
        muted=standing.muted,
        adopted=adopted,
    )


def _of_service(
    incident: ServiceIncident, decisions: Sequence[Decision], now: datetime
) -> IncidentSummary:
    standing = standing_of(decisions, now=now)
    return IncidentSummary(
        id=str(key_of(incident)),
        model=incident.model,
        source=incident.source,
        severity=incident.severity,
        kind=incident.kind,
        is_open=incident.is_open,
        opened_at=incident.opened_at,
        since=incident.since,
        closed_at=incident.closed_at,
        closed_why=_why_service(incident),
        what=(incident.objective,),
        message=incident.message,
        resembles=incident.resembles,
        acknowledged=standing.acknowledged,
        muted=standing.muted,
        adopted=standing.adopted,
    )


def _why_service(incident: ServiceIncident) -> ClosedWhy | None:
    if incident.is_open:
        return None
    return "adopted" if incident.adopted else "returned"


def _why(incident: Incident) -> ClosedWhy | None:
    if incident.withdrawn:
        return "withdrawn"
    if incident.is_open:
        return None
    return "adopted" if incident.adopted else "returned"


def _name(stream: StreamEvidence) -> str:
    return f"{stream.column} ({stream.segment})" if stream.segment else stream.column


def _overlaps(summary: IncidentSummary, start: datetime | None, end: datetime | None) -> bool:
    began = summary.since or summary.opened_at
    if end is not None and began is not None and began >= end:
        return False
    return start is None or summary.closed_at is None or summary.closed_at >= start


def _age(summary: IncidentSummary) -> tuple[datetime, str]:
    return summary.opened_at or summary.since or _EVER, summary.id
