"""Sessions of browsers: a key is shown once, and a cookie that no script can read stands for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchkeeper import __version__
from watchkeeper.server.asking import MOST_BODY_BYTES, json_response
from watchkeeper.server.bodies import read_body
from watchkeeper.server.exposure import Exposure
from watchkeeper.server.gate import Caller, Gate, csrf_of
from watchkeeper.server.parameters import read_json
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import AccessKeys, Scope

_LASTS_SECONDS: Final = 12 * 3600


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller may do, and where.

    Attributes
    ----------
    key
        Its id, empty without one.
    csrf
        To be sent as `X-CSRF-Token` by pages that change something; null for programs.
    """

    project: str
    key: str
    scopes: tuple[Scope, ...]
    version: str
    needs_key: bool
    csrf: str | None


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key to sign in with."""

    key: str


class Sessions:
    """Opens and ends them, and says what a caller may do."""

    def __init__(self, gate: Gate, keys: AccessKeys, exposure: Exposure) -> None:
        self._gate = gate
        self._keys = keys
        self._exposure = exposure

    async def access(self, request: Request) -> Response:
        """Answer ``GET /v1/access``."""
        return json_response(self._access(await self._gate.admit(request, None)))

    async def sign_in(self, request: Request) -> Response:
        """Answer ``POST /v1/session``.

        Raises
        ------
        ProblemError
            401 for no good key, 403 for a page elsewhere.
        """
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise ProblemError(403, "forgery", "sign in on a page of this server")
        given = read_json(await read_body(request, MOST_BODY_BYTES), SignIn).key.strip()
        caller, key = await self._gate.with_key(request, given)
        token = await asyncio.to_thread(self._keys.open_session, key, now=datetime.now(UTC))
        answer = json_response(self._access(replace(caller, csrf=csrf_of(token))))
        answer.set_cookie(
            self._gate.cookie,
            token,
            max_age=_LASTS_SECONDS,
            path="/",
            secure=self._exposure.is_https,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Answer ``DELETE /v1/session``; without a session there is nothing to do."""
        token = request.cookies.get(self._gate.cookie)
        if token is not None:
            await self._gate.admit(request, None)
            await asyncio.to_thread(self._keys.end_session, token)
            self._gate.forget(token)
        answer = Response(status_code=204)
        answer.delete_cookie(
            self._gate.cookie,
            path="/",
            secure=self._exposure.is_https,
            httponly=True,
            samesite="strict",
        )
        return answer

    def _access(self, caller: Caller) -> Access:
        return Access(
            project=caller.project,
            key=caller.key_id,
            scopes=caller.scopes,
            version=__version__,
            needs_key=self._exposure.needs_key,
            csrf=caller.csrf,
        )
