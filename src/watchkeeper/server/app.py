"""The HTTP interface: what each path does."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from watchkeeper.errors import TryAgainError, UsageError, WatchkeeperError
from watchkeeper.events import Acknowledgement, Rejection
from watchkeeper.pipeline import QualityWatch, ServiceWatch
from watchkeeper.server.access_log import AccessLog
from watchkeeper.server.admission import Admission
from watchkeeper.server.alerting import Alerting
from watchkeeper.server.arrow_stream import MEDIA_TYPE as ARROW
from watchkeeper.server.asking import Asking, json_response
from watchkeeper.server.bodies import announced_bytes, read_body
from watchkeeper.server.dashboard import dashboard_routes
from watchkeeper.server.decoding import decode_records
from watchkeeper.server.faults import Seldom
from watchkeeper.server.following import Following
from watchkeeper.server.gate import Caller, Gate
from watchkeeper.server.metrics import MEDIA_TYPE as METRICS
from watchkeeper.server.metrics import ServerMetrics, exposition
from watchkeeper.server.openapi import describe
from watchkeeper.server.pictures import PATH as PICTURE
from watchkeeper.server.pictures import Pictures
from watchkeeper.server.premises import Premises
from watchkeeper.server.problems import ProblemError
from watchkeeper.server.queries import ENDPOINTS
from watchkeeper.server.rate_limits import RateLimits
from watchkeeper.server.readiness import Readiness
from watchkeeper.server.security_headers import SecurityHeaders
from watchkeeper.server.sessions import Sessions
from watchkeeper.server.settings import ServerSettings
from watchkeeper.server.tables import prepare_table
from watchkeeper.server.tenants import Tenant, Tenants
from watchkeeper.server.watching import Watching
from watchkeeper.store import Store, Submission

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger("watchkeeper.server")

_LATER = {"Retry-After": "5"}


def create_app(store: Store, settings: ServerSettings) -> ASGIApp:
    """Return the ASGI application over an open store and its projects; the caller closes the store.

    Every path is described by ``GET /openapi.json``; see `openapi`.
    """
    endpoints = _Endpoints(store, settings)
    sessions = endpoints.sessions
    routes = [
        Route("/v1/records", endpoints.records, methods=["POST"]),
        Route("/v1/models/{model}/{kind}", endpoints.tables, methods=["POST"]),
        *map(endpoints.asking.route, ENDPOINTS),
        Route(PICTURE, endpoints.pictures.picture, methods=["GET"]),
        Route("/v1/access", sessions.access, methods=["GET"]),
        Route("/v1/session", sessions.sign_in, methods=["POST"]),
        Route("/v1/session", sessions.sign_out, methods=["DELETE"]),
        Route("/openapi.json", endpoints.description, methods=["GET"]),
        Route("/healthz", endpoints.health, methods=["GET"]),
        Route("/readyz", endpoints.ready, methods=["GET"]),
        Route("/metrics", endpoints.metrics, methods=["GET"]),
        *dashboard_routes(),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            ProblemError: _problem_response,
            HTTPException: _routing_response,
            UsageError: _usage_response,
            WatchkeeperError: _store_response(),
            Exception: _unforeseen_response,
        },
        lifespan=endpoints.lifespan,
    )
    # Around everything, so that the answer to an unforeseen error has them too.
    outermost = SecurityHeaders(app, is_https=settings.exposure.is_https)
    measured = endpoints.server_metrics.around(outermost, routes)
    return AccessLog(measured) if settings.logs_requests else measured


class _Endpoints:
    def __init__(self, store: Store, settings: ServerSettings) -> None:
        self._store = store
        self._settings = settings
        self._tenants = Tenants(store)
        self._gate = Gate(store.access_keys, settings.exposure)
        premises = Premises(folder=store.folder, settings=settings, access_keys=store.access_keys)
        self.asking = Asking(self._gate, self._tenants, premises)
        self.pictures = Pictures(self._gate, self._tenants)
        self.sessions = Sessions(self._gate, store.access_keys, settings.exposure)
        self._rates = RateLimits()
        self.server_metrics = ServerMetrics()
        self._readiness = Readiness(store, least_free_bytes=settings.least_free_bytes)
        self._preparing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")
        self._description = describe(ENDPOINTS, needs_key=settings.exposure.needs_key)
        self._admission = Admission(
            most_bytes=settings.most_bytes_under_way,
            most_requests=settings.most_requests_under_way,
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        interval_seconds = self._settings.watch_interval_seconds
        watching = Watching(self._tenants, interval_seconds=interval_seconds)
        metering = Following(
            self._tenants,
            ServiceWatch,
            name="metering",
            fault="what predictions took and cost cannot be added up",
            interval_seconds=interval_seconds,
        )
        measuring = Following(
            self._tenants,
            QualityWatch,
            name="measuring",
            fault="how good predictions are cannot be measured",
            interval_seconds=interval_seconds,
        )
        tasks = {
            "sealing": asyncio.create_task(self._seal_periodically()),
            "expiry": asyncio.create_task(self._expire_periodically()),
            "watch": asyncio.create_task(watching.run()),
            "metering": asyncio.create_task(metering.run()),
            "measuring": asyncio.create_task(measuring.run()),
            "alerting": asyncio.create_task(Alerting(self._tenants).run()),
        }
        self._readiness.follow(tasks)
        try:
            yield
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            self._preparing.shutdown()
            await self._tenants.close()

    async def records(self, request: Request) -> Response:
        caller = await self._gate.admit(request, "write", takes_records=True)
        self._rates.check(caller)
        most_bytes = self._settings.most_body_bytes
        with self._admission.admit(announced_bytes(request, most_bytes)):
            body = await read_body(request, most_bytes)
            tenant = await self._tenants.of(caller.project)
            rejections, prepared = await self._in_turn(_prepared, tenant.store, body)
            return await self._kept(caller, tenant, prepared, rejections)

    async def tables(self, request: Request) -> Response:
        caller = await self._gate.admit(request, "write", takes_records=True)
        self._rates.check(caller)
        most_bytes = self._settings.most_body_bytes
        with self._admission.admit(announced_bytes(request, most_bytes)):
            body = await read_body(request, most_bytes, media_type=ARROW)
            path = request.path_params
            tenant = await self._tenants.of(caller.project)
            found = await self._in_turn(
                prepare_table, tenant.store, path["model"], path["kind"], body, self._settings
            )
            return await self._kept(caller, tenant, found.prepared, found.rejections)

    async def _in_turn(self, prepare: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        # In one thread: several that call into Arrow wait for one another more than they work.
        call = functools.partial(prepare, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._preparing, call)

    async def _kept(
        self,
        caller: Caller,
        tenant: Tenant,
        prepared: Sequence[Submission],
        rejections: Sequence[Rejection],
    ) -> Response:
        self._rates.spend(caller, len(rejections) + sum(len(one.keys) for one in prepared))
        tenant.metrics.note_rejected(len(rejections))
        if rejections and not prepared:
            first = rejections[0]
            message = (
                f"no record can be taken; the first: row {first.row}, {first.field}: {first.reason}"
            )
            raise ProblemError(422, "wrong-records", message, rejected=list(rejections))
        receipt = await tenant.intake.submit(prepared)
        tenant.metrics.note_kept(receipt)
        return json_response(
            Acknowledgement(
                accepted=receipt.accepted,
                duplicates=receipt.duplicates,
                rejected=list(rejections),
                sequence=receipt.sequence,
            )
        )

    async def metrics(self, request: Request) -> Response:
        caller = await self._gate.admit(request, "read")
        tenant = await self._tenants.of(caller.project)
        registries = self.server_metrics.registry, tenant.metrics.registry
        return Response(await asyncio.to_thread(exposition, *registries), media_type=METRICS)

    async def description(self, _request: Request) -> Response:
        return Response(self._description, media_type="application/json")

    async def health(self, _request: Request) -> Response:
        return json_response({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        if reasons := await self._readiness.reasons():
            raise ProblemError(503, "not-ready", "; ".join(reasons), headers=_LATER)
        return json_response({"status": "ready"})

    async def _seal_periodically(self) -> None:
        while True:
            await asyncio.sleep(self._settings.seal_interval_seconds)
            await self._tenants.seal()

    async def _expire_periodically(self) -> None:
        while True:
            await self._tenants.expire()
            await asyncio.sleep(self._settings.expire_interval_seconds)


def _prepared(store: Store, body: bytes) -> tuple[list[Rejection], list[Submission]]:
    decoded = decode_records(body)
    return decoded.rejections, store.prepare(decoded.records)


async def _problem_response(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return error.response()


async def _routing_response(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = (
        f"nothing at {request.method} {request.url.path}; records go to POST /v1/records, and"
        " GET /openapi.json tells what else there is"
    )
    return ProblemError(
        error.status_code, "no-such-path", message, headers=error.headers
    ).response()


async def _usage_response(_request: Request, error: Exception) -> Response:
    return ProblemError(422, "request", str(error)).response()


def _store_response() -> Callable[[Request, Exception], Awaitable[Response]]:
    troubles = Seldom()

    async def answer(_request: Request, error: Exception) -> Response:
        seconds = error.retry_after_seconds if isinstance(error, TryAgainError) else None
        retry = {"Retry-After": str(max(1, round(seconds or 1)))}
        troubles.error(f"answered 503: {error}")
        return ProblemError(503, "store", str(error), headers=retry).response()

    return answer


async def _unforeseen_response(_request: Request, error: Exception) -> Response:
    message = f"an unforeseen {type(error).__name__}; the server's log tells more"
    return ProblemError(500, "unforeseen", message).response()
