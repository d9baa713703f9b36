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
    judged
        Grows with buckets that are judged.
    decided
        Grows with incidents, decisions and settings: with all that is audited.
    """

    revision: str
    records: int
    judged: int
    decided: int


def pulse(tenant: Tenant, _asked: Asked[NoParameters, None]) -> Pulse:
    """Return the numbers."""
    store = tenant.store
    records = store.last_sequence()
    judged, decided = store.watch_log.judged(), store.audit.length()
    return Pulse(
        revision=f"{records}.{judged}.{decided}", records=records, judged=judged, decided=decided
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
