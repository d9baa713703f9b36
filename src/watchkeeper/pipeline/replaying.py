"""A stored watch run again: the same incidents, byte for byte."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from watchkeeper.pipeline.adoptions import adoptions_of
from watchkeeper.pipeline.baselining import WatchSetup, load_setup
from watchkeeper.pipeline.judging import covers_its_time, saved_incident
from watchkeeper.pipeline.kept_profile import unpack
from watchkeeper.pipeline.stored_buckets import Place, profiles_between, row_buckets
from watchkeeper.profiles import BucketProfile, Profiler
from watchkeeper.store import ClosedBucket, SavedIncident, Store
from watchkeeper.watch import Incident, start, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Outcome of a replay.

    Attributes
    ----------
    buckets
        Buckets judged again.
    incidents
        What was told again, as canonical JSON, in the order of opening.
    differing
        Ids of incidents that are missing, new or not the same to the byte.
    missing
        The first bucket that cannot be judged again, for its rows were removed since and no
        profile of them is kept; what was told from it on is left out. ``None`` if all can.
    """

    version: int
    buckets: int
    incidents: tuple[SavedIncident, ...]
    differing: tuple[str, ...]
    missing: ClosedBucket | None = None


def replay(
    store: Store, model: str, *, version: int | None = None, until: datetime | None = None
) -> Replay:
    """Judge the stored buckets anew, each with the rows that had arrived when it was judged last.

    Where rows were removed since, the profile that was kept of them is judged. Incidents that were
    withdrawn, when buckets were judged again with late rows, are left out.

    Parameters
    ----------
    until
        Stop after the bucket that ends by this time; incidents that changed later then differ
        in no way, they are left out of the comparison.

    Raises
    ------
    DataError
        If the model has no baseline.
    """
    number, setup = load_setup(store, model, version)
    baseline = setup.fitted()
    closed = store.watch_log.buckets(model, number)
    if until is not None:
        closed = [b for b in closed if b.end is None or datetime.fromisoformat(b.end) <= until]
    profiler = setup.profiler(baseline)
    state = start(baseline)
    told: dict[str, Incident] = {}
    is_timed = setup.bucketing().length is not None
    read = (_timed if is_timed else _counted)(store, setup, profiler, closed)
    adoptions = adoptions_of(store, model, number)
    judged = 0
    for profile in _as_judged(store, model, number, closed, read):
        result = step(
            baseline,
            state,
            profile,
            complete=covers_its_time(setup, profile),
            adopted=adoptions.before(judged),
        )
        state = result.state
        told.update((i.incident_id, i) for i in result.changed)
        judged += 1
    again = tuple(
        saved_incident(i)
        for i in sorted(told.values(), key=lambda i: (i.opened_bucket, i.incident_id))
    )
    kept = [i for i in store.watch_log.incidents(model, number) if not _is_withdrawn(i)]
    missing = closed[judged] if judged < len(closed) else None
    if until is not None or missing is not None:
        kept = [k for k in kept if _settled(k, judged)]
        again = tuple(a for a in again if a.incident_id in {k.incident_id for k in kept})
    return Replay(
        version=number,
        buckets=judged,
        incidents=again,
        differing=_differing(kept, again),
        missing=missing,
    )


def _timed(
    store: Store, setup: WatchSetup, profiler: Profiler, closed: list[ClosedBucket]
) -> Iterator[BucketProfile]:
    for sequence, group in itertools.groupby(closed, key=lambda b: b.closed_at_sequence):
        buckets = list(group)
        first, last = buckets[0].start, buckets[-1].end
        assert first is not None and last is not None
        start_time, end_time = datetime.fromisoformat(first), datetime.fromisoformat(last)
        yield from profiles_between(store, setup, profiler, start_time, end_time, sequence)


def _counted(
    store: Store, setup: WatchSetup, profiler: Profiler, closed: list[ClosedBucket]
) -> Iterator[BucketProfile]:
    sequence = max((b.closed_at_sequence for b in closed), default=0)
    yield from row_buckets(store, setup, profiler, Place(), up_to_sequence=sequence)[0]


def _as_judged(
    store: Store,
    model: str,
    version: int,
    closed: list[ClosedBucket],
    read: Iterator[BucketProfile],
) -> Iterator[BucketProfile]:
    """Yield the profiles with which buckets were judged, up to the first of which none is left.

    Parameters
    ----------
    read
        Profiles of the rows that there are now.
    """
    for bucket, profile in itertools.zip_longest(closed, read):
        if bucket is None:  # rows that came after, where some before were removed
            return
        if profile is not None and _is_whole(profile, bucket):
            yield profile
            continue
        number = bucket.number
        kept = store.kept_buckets.between(model, version, first=number, last=number)
        if not kept:
            return
        yield unpack(kept[0].profile)


def _is_whole(profile: BucketProfile, bucket: ClosedBucket) -> bool:
    start = None if profile.start is None else profile.start.isoformat()
    end = None if profile.end is None else profile.end.isoformat()
    return (profile.rows, start, end) == (bucket.rows, bucket.start, bucket.end)


def _is_withdrawn(incident: SavedIncident) -> bool:
    return msgspec.json.decode(incident.payload, type=Incident).withdrawn


def _settled(incident: SavedIncident, judged: int) -> bool:
    return incident.closed_bucket is not None and incident.closed_bucket < judged


def _differing(kept: list[SavedIncident], again: tuple[SavedIncident, ...]) -> tuple[str, ...]:
    before = {k.incident_id: k.payload for k in kept}
    after = {a.incident_id: a.payload for a in again}
    return tuple(sorted(i for i in before.keys() | after.keys() if before.get(i) != after.get(i)))
