"""Carries a request to its endpoint: who asks, what for, and the answer as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchkeeper.server.bodies import read_body
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.gate import Gate
from watchkeeper.server.parameters import read_json, read_parameters
from watchkeeper.server.premises import Premises
from watchkeeper.server.tenants import Tenants

MOST_BODY_BYTES: Final = 64 * 1024


def json_response(value: object, status: int = 200) -> Response:
    """Return a value as JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


class Asking:
    """Answers what is asked, by the endpoints' rows."""

    def __init__(self, gate: Gate, tenants: Tenants, premises: Premises) -> None:
        self._gate = gate
        self._tenants = tenants
        self._premises = premises

    def route(self, endpoint: Endpoint[Any, Any]) -> Route:
        """Return the route of an endpoint."""
        answer = self._answering(endpoint)
        return Route(endpoint.path, answer, methods=[endpoint.method], name=endpoint.operation)

    def _answering(self, endpoint: Endpoint[Any, Any]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            caller = await self._gate.admit(request, endpoint.scope)
            query = read_parameters(request.query_params.multi_items(), endpoint.query)
            body = None
            if endpoint.body is not None:
                body = read_json(await read_body(request, MOST_BODY_BYTES), endpoint.body)
            tenant = await self._tenants.of(caller.project)
            asked = Asked(
                caller=caller,
                premises=self._premises,
                path=request.path_params,
                query=query,
                body=body,
            )
            return json_response(await asyncio.to_thread(endpoint.call, tenant, asked))

        return answer
