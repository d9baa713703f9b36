"""How the server and its models are set up; secrets are never among it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from watchkeeper import __version__
from watchkeeper.server.endpoint import Asked, Endpoint, NoParameters
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import AccessKey


class ServerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is served, and its limits; sizes are bytes after decompression."""

    version: str
    project: str
    needs_key: bool
    most_body_bytes: int
    most_rows: int
    most_bytes_under_way: int
    most_requests_under_way: int


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """Settings in force since ``created_at``, and who put them."""

    created_at: str
    actor: str
    settings: Any


class SettingsInForce(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes
    ----------
    models
        Settings in force, by model.
    alerts
        Channels and routes, ``None`` before there are any.
    keys
        Of the project, ``None`` unless the caller may change settings.
    """

    server: ServerFacts
    models: dict[str, Revision]
    alerts: Revision | None
    keys: list[AccessKey] | None


def settings_in_force(tenant: Tenant, asked: Asked[NoParameters, None]) -> SettingsInForce:
    """Return how all is set up."""
    found = {one.scope: one for one in tenant.store.settings.all()}
    revisions = {
        scope: Revision(
            created_at=one.created_at,
            actor=one.actor,
            settings=msgspec.json.decode(one.payload),
        )
        for scope, one in found.items()
    }
    limits = asked.premises.settings
    keys = None
    if "admin" in asked.caller.scopes:
        keys = [k for k in asked.premises.access_keys.all() if k.project == tenant.name]
    return SettingsInForce(
        server=ServerFacts(
            version=__version__,
            project=tenant.name,
            needs_key=limits.exposure.needs_key,
            most_body_bytes=limits.most_body_bytes,
            most_rows=limits.most_rows,
            most_bytes_under_way=limits.most_bytes_under_way,
            most_requests_under_way=limits.most_requests_under_way,
        ),
        models={
            scope.removeprefix("model:"): one
            for scope, one in revisions.items()
            if scope.startswith("model:")
        },
        alerts=revisions.get("alerts"),
        keys=keys,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/settings",
        operation="getSettings",
        summary="How the server and its models are set up",
        scope="read",
        answer=SettingsInForce,
        call=settings_in_force,
        query=NoParameters,
    ),
)
