"""The HTTP interface: what each path does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchkeeper.errors import TryAgainError, WatchkeeperError
from watchkeeper.events import Acknowledgement, Rejection
from watchkeeper.server.admission import Admission
from watchkeeper.server.arrow_stream import MEDIA_TYPE as ARROW
from watchkeeper.server.binding import is_loopback
from watchkeeper.server.bodies import announced_bytes, read_body
from watchkeeper.server.decoding import decode_records
from watchkeeper.server.intake import Intake
from watchkeeper.server.openapi import describe
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.settings import ServerSettings
from watchkeeper.server.tables import prepare_table
from watchkeeper.store import Store, Submission

logger = logging.getLogger("watchkeeper.server")


def create_app(store: Store, settings: ServerSettings) -> Starlette:
    """Return the ASGI application over an open store; the caller closes the store.

    Paths: ``POST /v1/records`` takes records as JSON, ``POST /v1/models/{model}/{kind}`` a table of
    them as an Arrow stream; both answer once they are durable. ``GET /healthz`` answers while the
    process lives, ``GET /readyz`` while the store answers too, ``GET /openapi.json`` says all this.
    """
    endpoints = _Endpoints(store, settings)
    return Starlette(
        routes=[
            Route("/v1/records", endpoints.records, methods=["POST"]),
            Route("/v1/models/{model}/{kind}", endpoints.tables, methods=["POST"]),
            Route("/openapi.json", endpoints.description, methods=["GET"]),
            Route("/healthz", endpoints.health, methods=["GET"]),
            Route("/readyz", endpoints.ready, methods=["GET"]),
        ],
        exception_handlers={
            ProblemError: _problem_response,
            HTTPException: _routing_response,
            WatchkeeperError: _store_response,
            Exception: _unforeseen_response,
        },
        lifespan=endpoints.lifespan,
    )


class _Endpoints:
    def __init__(self, store: Store, settings: ServerSettings) -> None:
        self._store = store
        self._settings = settings
        self._intake = Intake(store)
        self._description = describe()
        self._admission = Admission(
            most_bytes=settings.most_bytes_under_way,
            most_requests=settings.most_requests_under_way,
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        committing = asyncio.create_task(self._intake.run())
        sealing = asyncio.create_task(self._seal_periodically())
        try:
            yield
        finally:
            committing.cancel()
            sealing.cancel()
            await asyncio.gather(committing, sealing, return_exceptions=True)
            await self._intake.close()

    async def records(self, request: Request) -> Response:
        _check_host(request)
        most_bytes = self._settings.most_body_bytes
        with self._admission.admit(announced_bytes(request, most_bytes)):
            body = await read_body(request, most_bytes)
            rejections, prepared = await asyncio.to_thread(self._prepared, body)
            return await self._kept(prepared, rejections)

    async def tables(self, request: Request) -> Response:
        _check_host(request)
        most_bytes = self._settings.most_body_bytes
        with self._admission.admit(announced_bytes(request, most_bytes)):
            body = await read_body(request, most_bytes, media_type=ARROW)
            path = request.path_params
            found = await asyncio.to_thread(
                prepare_table, self._store, path["model"], path["kind"], body, self._settings
            )
            return await self._kept(found.prepared, found.rejections)

    def _prepared(self, body: bytes) -> tuple[list[Rejection], list[Submission]]:
        decoded = decode_records(body)
        return decoded.rejections, self._store.prepare(decoded.records)

    async def _kept(
        self, prepared: Sequence[Submission], rejections: Sequence[Rejection]
    ) -> Response:
        if rejections and not prepared:
            first = rejections[0]
            message = (
                f"no record can be taken; the first: row {first.row}, {first.field}: {first.reason}"
            )
            raise ProblemError(422, "wrong-records", message, rejected=list(rejections))
        receipt = await self._intake.submit(prepared)
        return _json(
            Acknowledgement(
                accepted=receipt.accepted,
                duplicates=receipt.duplicates,
                rejected=list(rejections),
                sequence=receipt.sequence,
            )
        )

    async def description(self, _request: Request) -> Response:
        return Response(self._description, media_type="application/json")

    async def health(self, _request: Request) -> Response:
        return _json({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        await asyncio.to_thread(self._store.last_sequence, "")
        return _json({"status": "ready"})

    async def _seal_periodically(self) -> None:
        while True:
            await asyncio.sleep(self._settings.seal_interval_seconds)
            try:
                await asyncio.to_thread(self._store.seal, now=datetime.now(UTC))
            except Exception:  # the journal keeps the records; the next round tries again
                logger.exception("the journal could not be sealed; it is tried again later")


def _check_host(request: Request) -> None:
    """Refuse what a web page elsewhere sends here by a name of its own (DNS rebinding)."""
    host = request.url.hostname or ""
    if not is_loopback(host):
        message = f"expected a loopback name in Host, got {host!r}; use http://127.0.0.1:PORT"
        raise ProblemError(421, "wrong-host", message)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


async def _problem_response(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return error.response()


async def _routing_response(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = (
        f"nothing at {request.method} {request.url.path}; there are POST /v1/records, "
        "POST /v1/models/{model}/{kind}, GET /healthz, GET /readyz and GET /openapi.json"
    )
    return ProblemError(
        error.status_code, "no-such-path", message, headers=error.headers
    ).response()


async def _store_response(_request: Request, error: Exception) -> Response:
    seconds = error.retry_after_seconds if isinstance(error, TryAgainError) else None
    retry = {"Retry-After": str(max(1, round(seconds or 1)))}
    logger.error("answered 503: %s", error)
    return ProblemError(503, "store", str(error), headers=retry).response()


async def _unforeseen_response(_request: Request, error: Exception) -> Response:
    message = f"an unforeseen {type(error).__name__}; the server's log tells more"
    return ProblemError(500, "unforeseen", message).response()
