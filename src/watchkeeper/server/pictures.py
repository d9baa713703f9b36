"""The picture of an incident: for who has a key, and for who was sent a link to it."""

from __future__ import annotations

import asyncio
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline.alerting import picture_of, told_of
from watchkeeper.server.gate import Gate
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.tenants import Tenants
from watchkeeper.store import IncidentKey, Store

PATH: Final = "/v1/incidents/{id}/picture.png"
MEDIA_TYPE: Final = "image/png"
_LINKED_FOR: Final = timedelta(days=30)


class Pictures:
    """Answers with pictures."""

    def __init__(self, gate: Gate, tenants: Tenants) -> None:
        self._gate = gate
        self._tenants = tenants

    async def picture(self, request: Request) -> Response:
        """Return the picture, if the caller may see it.

        Chat programs fetch pictures without a key: the link that a message holds has a token, which
        opens this one picture for 30 days.
        """
        name = request.path_params["id"]
        token = request.query_params.get("token")
        if token is None:
            caller = await self._gate.admit(request, "read")
            tenant = await self._tenants.of(caller.project)
        else:
            self._gate.check_host(request.headers.get("host", ""))
            try:
                tenant = await self._tenants.of(request.query_params.get("project", ""))
            except SettingsError:
                raise _refusal() from None
            if not await asyncio.to_thread(_opens, tenant.store, name, token):
                raise _refusal()
        drawn = await asyncio.to_thread(_drawn, tenant.store, name)
        if drawn is None:
            message = f"there is no picture of {name!r}; GET /v1/incidents lists the incidents"
            raise ProblemError(404, "no-such-picture", message)
        headers = {"Cache-Control": "private, max-age=60"}
        return Response(drawn, media_type=MEDIA_TYPE, headers=headers)


def _drawn(store: Store, name: str) -> bytes | None:
    try:
        return picture_of(store, IncidentKey.parse(name))
    except DataError:
        return None


def _opens(store: Store, incident: str, token: str) -> bool:
    since = datetime.now(UTC) - _LINKED_FOR
    return any(
        hmac.compare_digest(told_of(notice).picture_token.encode(), token.encode())
        for notice in store.notices.of_incident(incident)
        if notice.created_at >= since
    )


def _refusal() -> ProblemError:
    message = "this link has expired or is none; ask with a key, or see the dashboard"
    return ProblemError(403, "picture-link", message)
