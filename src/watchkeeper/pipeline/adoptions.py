"""Which incidents become the new normal before which bucket, as people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from watchkeeper.store import Decision, IncidentKey, Store
from watchkeeper.watch import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptions:
    """The adoptions of a baseline's incidents at one moment.

    Attributes
    ----------
    up_to
        Number of the newest, 0 without any.
    by_bucket
        Ids of incidents by the bucket before which they are adopted.
    """

    up_to: int
    by_bucket: dict[int, tuple[str, ...]]

    def before(self, bucket: int) -> tuple[str, ...]:
        """Return the ids of incidents that are adopted before a bucket."""
        return self.by_bucket.get(bucket, ())


def adoptions_of(store: Store, model: str, version: int) -> Adoptions:
    """Return what was adopted so far."""
    return _arranged(store.decisions.adoptions(model, version))


def adoption_of(store: Store, key: IncidentKey, incident: Incident) -> Decision | None:
    """Return the decision that an incident was adopted by, ``None`` if it was not.

    Buckets that were judged again with late rows may have found it under another id than the one
    that was decided about. That one is withdrawn, and both cover the column that it names.
    """
    if not incident.adopted or incident.closed_bucket is None:
        return None
    found = [
        one
        for one in store.decisions.adoptions(key.model, key.version)
        if one.at_bucket == incident.closed_bucket
    ]
    own = [one for one in found if one.incident_id == key.incident_id]
    withdrawn = [one for one in found if _is_withdrawn(store, one)]
    return next(iter([*own, *withdrawn]), None)


def _is_withdrawn(store: Store, decision: Decision) -> bool:
    kept = store.watch_log.tracked(decision.model, decision.baseline_version, decision.incident_id)
    return any(msgspec.json.decode(one.payload, type=Incident).withdrawn for one in kept)


def _arranged(decided: Sequence[Decision]) -> Adoptions:
    by_bucket: dict[int, tuple[str, ...]] = {}
    for one in decided:
        by_bucket[one.at_bucket] = (*by_bucket.get(one.at_bucket, ()), one.incident_id)
    return Adoptions(up_to=max((one.number for one in decided), default=0), by_bucket=by_bucket)
