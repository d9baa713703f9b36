"""The picture of an incident, from what the store knows of its buckets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from watchkeeper.pipeline.alerting.picturing_service import picture_of_service
from watchkeeper.pipeline.alerting.wording import headline, rest
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.readings import EXPECTED, OBSERVED, WIDTH, Readings, from_bytes
from watchkeeper.store import IncidentKey, ReadBucket, Store
from watchkeeper.watch import Baseline, Incident, StreamEvidence

if TYPE_CHECKING:
    from watchkeeper.actions.picture import Course

_BEFORE, _AFTER, _MOST = 48, 6, 240


def picture_of(store: Store, key: IncidentKey) -> bytes | None:
    """Return the PNG of an incident, ``None`` where there is nothing to draw or to draw with.

    It shows the column with the most evidence, and the evidence, from some buckets before the
    incident to some after it, or until now. Of an objective it shows the bad predictions beside
    what it allows, of a budget the month's cost beside it.
    """
    try:
        from watchkeeper.actions.picture import Picture, drawn
    except ModuleNotFoundError:  # without the extra `server` messages have words only
        return None
    service = store.service_incidents.get(key.incident_id) if key.version == 0 else None
    if service is not None:
        shown = picture_of_service(store, service) if service.model == key.model else None
        return None if shown is None else drawn(shown)
    kept = store.watch_log.tracked(key.model, key.version, key.incident_id)
    if not kept:
        return None
    incident = msgspec.json.decode(kept[0].payload, type=Incident)
    _, setup = load_setup(store, key.model, key.version)
    found = store.kept_buckets.readings(key.model, key.version, start=None, end=None)
    buckets = _around(found, incident)
    if not buckets:
        return None
    first, until = buckets[0].number, incident.closed_bucket
    return drawn(
        Picture(
            title=f"{key.model}: {headline(incident.message)}",
            text=rest(incident.message),
            severity=incident.severity,
            starts=[None if b.start is None else datetime.fromisoformat(b.start) for b in buckets],
            since=max(0, incident.since_bucket - first),
            until=len(buckets) if until is None else min(len(buckets), until - first + 1),
            is_open=incident.is_open,
            timezone=setup.timezone,
            course=_course(setup.fitted(), incident.streams, buckets),
            # A broken rule is not a matter of evidence.
            evidence=[] if incident.cause == "rule" else [bucket.evidence for bucket in buckets],
        )
    )


def _around(buckets: Sequence[ReadBucket], incident: Incident) -> list[ReadBucket]:
    last = buckets[-1].number if buckets else 0
    end = last if incident.closed_bucket is None else min(last, incident.closed_bucket + _AFTER)
    begin = max(incident.since_bucket - _BEFORE, end - _MOST + 1)
    return [bucket for bucket in buckets if begin <= bucket.number <= end]


def _course(
    baseline: Baseline, streams: Sequence[StreamEvidence], buckets: Sequence[ReadBucket]
) -> Course | None:
    from watchkeeper.actions.picture import Course

    if not streams:
        return None
    first, readings = streams[0], Readings(baseline)
    names = [(unit.column, unit.segment) for unit in readings.units]
    if (first.column, first.segment) not in names:
        return Course(name="rows in a bucket", observed=[float(bucket.rows) for bucket in buckets])
    unit = names.index((first.column, first.segment))
    read = from_bytes([bucket.readings for bucket in buckets], len(names))[:, :, unit]
    segment = f" ({first.segment})" if first.segment else ""
    return Course(
        name=f"{first.column}{segment}, {readings.measure(unit)}",
        observed=read[:, OBSERVED].tolist(),
        low=(read[:, EXPECTED] - read[:, WIDTH]).tolist(),
        high=(read[:, EXPECTED] + read[:, WIDTH]).tolist(),
    )
