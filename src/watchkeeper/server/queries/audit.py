"""Who decided what, and whether the log of it was tampered with."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import AuditEntry

_MOST_VERIFIED: Final = 20_000


class WantedEntries(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries.

    Attributes
    ----------
    before
        Only those with a smaller number.
    action
        Only this one, `incident.adopt`, or those of a group, `incident`.
    """

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    before: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    action: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of the audit log, newest first.

    Attributes
    ----------
    next
        What to give as `before` for those that follow; null at the end.
    verified
        Whether the whole chain holds; null for a log of more than 20,000 entries, which
        `watchkeeper audit verify` checks.
    """

    entries: list[AuditEntry]
    next: int | None
    verified: bool | None


def list_entries(tenant: Tenant, asked: Asked[WantedEntries, None]) -> AuditPage:
    """Return what is asked for."""
    wanted, audit = asked.query, tenant.store.audit
    found = audit.newest(limit=wanted.limit + 1, before=wanted.before, action=wanted.action)
    shown = found[: wanted.limit]
    is_short = audit.length() <= _MOST_VERIFIED
    return AuditPage(
        entries=shown,
        next=shown[-1].number if len(found) > len(shown) else None,
        verified=audit.verify().holds if is_short else None,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/audit",
        operation="listAuditEntries",
        summary="Who decided what",
        scope="read",
        answer=AuditPage,
        call=list_entries,
        query=WantedEntries,
    ),
)
