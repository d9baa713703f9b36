"""Lets requests in by their key: to one project, for what its scopes allow."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from starlette.requests import Request

from watchkeeper.server.exposure import Exposure
from watchkeeper.server.problems import ProblemError
from watchkeeper.store import DEFAULT_PROJECT, SCOPES, AccessKey, AccessKeys, Scope

_TRUSTED_SECONDS: Final = 0.9  # a revoked key is turned away within a second
_MOST_TRUSTED: Final = 10_000
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="watchkeeper"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in which project, and what they may do.

    Attributes
    ----------
    key_id
        Empty for someone on this machine without a key.
    most_records_per_second
        ``None`` for no limit.
    """

    project: str
    key_id: str = ""
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

    async def admit(self, request: Request, scope: Scope | None) -> Caller:
        """Return the caller, if they may do what needs this scope; ``None`` needs any good key.

        Raises
        ------
        ProblemError
            421 for a name that is not this server's, 401 for no good key, 403 for one that does
            not allow it.
        """
        self._check_host(request.headers.get("host", ""))
        given = request.headers.get("authorization")
        if given is None and not self._exposure.needs_key:
            return Caller(project=DEFAULT_PROJECT)
        key = await self._found(given or "")
        if scope is not None and not key.allows(scope):
            message = (
                f"key {key.key_id} has the scopes {', '.join(key.scopes)}; this needs {scope}."
                f" Make one with: watchkeeper keys create STORE --scope {scope}"
            )
            raise ProblemError(403, "scope", message)
        return Caller(
            project=key.project,
            key_id=key.key_id,
            scopes=key.scopes,
            most_records_per_second=key.most_records_per_second,
        )

    def _check_host(self, header: str) -> None:
        """Refuse what a web page elsewhere sends here by a name of its own (DNS rebinding)."""
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
        # Keys lie in memory as hashes too.
        digest = hashlib.sha256(text.encode()).digest()
        looked_up, key = self._trusted.get(digest, (float("-inf"), None))
        now = monotonic()
        if key is not None and now - looked_up < _TRUSTED_SECONDS:
            if key.is_good(datetime.now(UTC)):
                return key
        else:
            key = await asyncio.to_thread(self._keys.find, text, now=datetime.now(UTC))
            if key is not None:
                if len(self._trusted) >= _MOST_TRUSTED:
                    self._trusted.clear()
                # As of before the look-up: it may have been revoked since.
                self._trusted[digest] = now, key
                return key
        self._trusted.pop(digest, None)
        message = "this key is unknown, revoked or expired; watchkeeper keys list STORE shows which"
        raise ProblemError(401, "bad-key", message, headers=_CHALLENGE)
