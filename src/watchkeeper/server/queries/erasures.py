"""Erasing what is kept of an entity, and what was erased."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import Erasure


class ErasureBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to erase, in every model of the project.

    Attributes
    ----------
    dry_run
        Only say what would go.
    """

    entity: Annotated[str, Meta(min_length=1)]
    dry_run: bool = False


class ErasureList(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, newest first."""

    erasures: list[Erasure]


def erase(tenant: Tenant, asked: Asked[NoParameters, ErasureBody]) -> Erasure:
    """Erase an entity, and return what went and that it is gone."""
    erasures, now = tenant.store.erasures, datetime.now(UTC)
    act = erasures.look if asked.body.dry_run else erasures.erase
    return act(asked.body.entity, actor=asked.caller.actor, now=now)


def erased(tenant: Tenant, _asked: Asked[NoParameters, None]) -> ErasureList:
    """Return what was erased."""
    return ErasureList(erasures=tenant.store.erasures.all())


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/erasures",
        operation="eraseEntity",
        summary="Erase all that is kept of an entity",
        scope="admin",
        answer=Erasure,
        call=erase,
        query=NoParameters,
        body=ErasureBody,
    ),
    Endpoint(
        method="GET",
        path="/v1/erasures",
        operation="listErasures",
        summary="What was erased",
        scope="admin",
        answer=ErasureList,
        call=erased,
        query=NoParameters,
    ),
)
