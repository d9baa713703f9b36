"""Whether anything changed: cheap enough to ask every second."""

from __future__ import annotations

from typing import Final

import msgspec

from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.tenants import Tenant


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that grow when something changes.

    Attributes
    ----------
    revision
        Changes whenever one of the others does.
    records
        Grows with records that come in.
    metered
        Grows with predictions that are added up into the numbers of the service.
    measured
        Grows with labels whose predictions are measured by them, and with what is estimated.
    judged
        Grows with buckets that are judged.
    decided
        Grows with incidents, decisions and settings: with all that is audited.
    told
        Grows with notices, and with every attempt to send one.
    """

    revision: str
    records: int
    metered: int
    measured: int
    judged: int
    decided: int
    told: int


def pulse(tenant: Tenant, _asked: Asked[NoParameters, None]) -> Pulse:
    """Return the numbers."""
    store = tenant.store
    records, metered = store.last_sequence(), store.service_cells.revision()
    measured = store.quality.revision() + store.estimates.revision()
    measured += store.quality.concept.revision()
    judged, decided = store.watch_log.judged(), store.audit.length()
    told = store.notices.changes()
    return Pulse(
        revision=f"{records}.{metered}.{measured}.{judged}.{decided}.{told}",
        records=records,
        metered=metered,
        measured=measured,
        judged=judged,
        decided=decided,
        told=told,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/pulse",
        operation="getPulse",
        summary="Whether anything changed since it was asked last",
        scope="read",
        answer=Pulse,
        call=pulse,
        query=NoParameters,
    ),
)
