"""Lets requests in by their key or session: to one project, for what its scopes allow."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final, Protocol

from starlette.requests import Request

from watchkeeper.server.exposure import Exposure
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import DEFAULT_PROJECT, SCOPES, AccessKey, AccessKeys, Scope

_TRUSTED_SECONDS: Final = 0.9  # a revoked key is turned away within a second
_MOST_TRUSTED: Final = 10_000
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORGERY_HEADER: Final = "x-csrf-token"
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="watchkeeper"'}


class _LookUp(Protocol):
    def __call__(self, text: str, /, *, now: datetime) -> AccessKey | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in which project, and what they may do.

    Attributes
    ----------
    key_id
        Empty for someone on this machine without a key.
    actor
        Who it is, in the audit log.
    csrf
        What a page must send along to change something; ``None`` for programs, which send their
        key with every request.
    most_records_per_second
        ``None`` for no limit.
    """

    project: str
    key_id: str = ""
    actor: str = "local"
    csrf: str | None = None
    scopes: tuple[Scope, ...] = SCOPES
    most_records_per_second: int | None = None


class Gate:
    """Finds the caller of a request.

    A good key is looked up once a second at most. Used by one event loop only.
    """

    def __init__(self, keys: AccessKeys, exposure: Exposure) -> None:
        self._keys = keys
        self._exposure = exposure
        self._trusted: dict[bytes, tuple[float, AccessKey]] = {}
        self._local_csrf = secrets.token_urlsafe(24)
        self.cookie: Final = "__Host-watchkeeper" if exposure.is_https else "watchkeeper"

    async def admit(
        self, request: Request, scope: Scope | None, *, takes_records: bool = False
    ) -> Caller:
        """Return the caller, if they may do what needs this scope; ``None`` needs any good key.

        Parameters
        ----------
        takes_records
            Whether programs without a key send to it: then, where none is needed, nothing else
            is. A page elsewhere cannot send JSON here, since browsers ask first.

        Raises
        ------
        ProblemError
            421 for a name that is not this server's, 401 for no good key, 403 for one that does
            not allow it, or for a request that a page elsewhere may have forged.
        """
        self.check_host(request.headers.get("host", ""))
        given = request.headers.get("authorization")
        token = request.cookies.get(self.cookie)
        if given is None and not self._exposure.needs_key:
            if not takes_records:
                _check_forgery(request, self._local_csrf)
            return Caller(project=DEFAULT_PROJECT, csrf=self._local_csrf)
        csrf = None
        if given is None and token is not None:
            key = await self._of_session(token)
            csrf = csrf_of(token)
            _check_forgery(request, csrf)
        else:
            key = await self._found(given or "")
        if scope is not None and not key.allows(scope):
            message = (
                f"key {key.key_id} has the scopes {', '.join(key.scopes)}; this needs {scope}."
                f" Make one with: watchkeeper keys create STORE --scope {scope}"
            )
            raise ProblemError(403, "scope", message)
        return _caller(key, csrf)

    async def with_key(self, request: Request, text: str) -> tuple[Caller, AccessKey]:
        """Return who shows this key, and the key.

        Raises
        ------
        ProblemError
            421 for a name that is not this server's, 401 for a key that is none.
        """
        self.check_host(request.headers.get("host", ""))
        key = await self._found(f"Bearer {text}")
        return _caller(key, None), key

    def check_host(self, header: str) -> None:
        """Refuse what a web page elsewhere sends here by a name of its own (DNS rebinding).

        Raises
        ------
        ProblemError
            421, if the header names another host.
        """
        match = _HOST.fullmatch(header)
        if match is None or not self._exposure.answers_to(match["name"]):
            known = self._exposure.public_host or "127.0.0.1"
            message = f"expected a name of this server in Host, got {header!r}; use {known}"
            raise ProblemError(421, "wrong-host", message)

    async def _found(self, authorization: str) -> AccessKey:
        scheme, _, text = authorization.partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or not text:
            message = (
                "expected the header 'Authorization: Bearer KEY'; make a key with:"
                " watchkeeper keys create STORE --scope write"
            )
            raise ProblemError(401, "no-key", message, headers=_CHALLENGE)
        key = await self._good(text, self._keys.find)
        if key is None:
            message = (
                "this key is unknown, revoked or expired; watchkeeper keys list STORE shows which"
            )
            raise ProblemError(401, "bad-key", message, headers=_CHALLENGE)
        return key

    async def _of_session(self, token: str) -> AccessKey:
        key = await self._good(token, self._keys.session_key)
        if key is None:
            message = "this session has ended; sign in again with a key"
            raise ProblemError(401, "no-session", message, headers=_CHALLENGE)
        return key

    async def _good(self, text: str, look_up: _LookUp) -> AccessKey | None:
        # Keys lie in memory as hashes too.
        digest = hashlib.sha256(text.encode(errors="replace")).digest()
        looked_up, key = self._trusted.get(digest, (float("-inf"), None))
        now = monotonic()
        if key is not None and now - looked_up < _TRUSTED_SECONDS:
            if key.is_good(datetime.now(UTC)):
                return key
        else:
            key = await asyncio.to_thread(look_up, text, now=datetime.now(UTC))
            if key is not None:
                if len(self._trusted) >= _MOST_TRUSTED:
                    self._trusted.clear()
                # As of before the look-up: it may have been revoked since.
                self._trusted[digest] = now, key
                return key
        self._trusted.pop(digest, None)
        return None

    def forget(self, text: str) -> None:
        """Look a key or a session up anew when it comes next."""
        self._trusted.pop(hashlib.sha256(text.encode(errors="replace")).digest(), None)


def _caller(key: AccessKey, csrf: str | None) -> Caller:
    return Caller(
        project=key.project,
        key_id=key.key_id,
        actor=f"{key.name} (key {key.key_id})",
        csrf=csrf,
        scopes=key.scopes,
        most_records_per_second=key.most_records_per_second,
    )


def csrf_of(token: str) -> str:
    """Return what the pages of a session must send along to change something."""
    return hashlib.sha256(b"csrf:" + token.encode(errors="replace")).hexdigest()


def _check_forgery(request: Request, csrf: str) -> None:
    """Refuse a change that does not come from a page of this server."""
    if request.method in _SAFE:
        return
    given = request.headers.get(_FORGERY_HEADER, "")
    site = request.headers.get("sec-fetch-site", "same-origin")
    is_ours = hmac.compare_digest(given.encode(), csrf.encode())
    if not is_ours or site not in {"same-origin", "none"}:
        message = (
            "a change needs the header X-CSRF-Token with what GET /v1/access gives as csrf;"
            " programs send a key instead, as 'Authorization: Bearer KEY'"
        )
        raise ProblemError(403, "forgery", message)
