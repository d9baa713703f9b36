"""An incident of the store, of whatever source, as messages tell of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from watchkeeper.actions import IncidentFacts
from watchkeeper.pipeline.alerting.telling import Happening
from watchkeeper.pipeline.incident_list import find_tracked
from watchkeeper.store import IncidentKey, ServiceIncident, Store
from watchkeeper.watch import Incident


def happening_of(store: Store, key: IncidentKey, *, link: str | None, now: datetime) -> Happening:
    """Return an incident as it stands.

    Raises
    ------
    DataError
        If there is none of this key.
    """
    summary, kept = find_tracked(store, key, now=now)
    evidence = None
    if not isinstance(kept, ServiceIncident):
        incident = msgspec.json.decode(kept.payload, type=Incident)
        evidence = max((stream.score for stream in incident.streams), default=None)
    return Happening(
        incident=IncidentFacts(
            id=summary.id,
            event="opened" if summary.is_open else "resolved",
            model=summary.model,
            source=summary.source,
            severity=summary.severity,
            kind=summary.kind,
            is_open=summary.is_open,
            opened_at=summary.opened_at,
            since=summary.since,
            closed_at=summary.closed_at,
            closed_why=summary.closed_why,
            what=summary.what,
            evidence_ratio=evidence,
            message=summary.message,
            link=link,
        ),
        is_muted=summary.muted is not None,
        is_acknowledged=summary.acknowledged is not None,
    )
