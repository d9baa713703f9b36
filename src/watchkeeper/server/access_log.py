"""One line for each request."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchkeeper.server.logs import fields

logger = logging.getLogger("watchkeeper.access")


class AccessLog:
    """Logs what was asked and how it was answered: never a query, a header or a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 499  # left before there was an answer

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = perf_counter()
        try:
            await self._app(scope, receive, noted)
        finally:
            client = scope.get("client")
            logger.info(
                "answered",
                extra=fields(
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    seconds=round(perf_counter() - begun, 6),
                    client=client[0] if client else None,
                ),
            )
