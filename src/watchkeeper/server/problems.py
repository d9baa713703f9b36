"""Errors of the HTTP interface as problem details (RFC 9457)."""

from __future__ import annotations

import http
from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from watchkeeper.events import Rejection

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem's members; ``rejected`` is an extension that names row, field and reason."""

    type: str
    title: str
    status: int
    detail: str
    rejected: list[Rejection] = []


class ProblemError(Exception):
    """Ends a request with a problem.

    Parameters
    ----------
    status
        HTTP status, 4xx or 5xx.
    kind
        Last part of the problem's type, a URN; stable, for programs.
    detail
        What was expected, what came, what to do next.
    rejected
        The rows at fault.
    headers
        Added to the answer.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        rejected: list[Rejection] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            type=f"urn:watchkeeper:problem:{kind}",
            title=http.HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            rejected=rejected or [],
        )
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer to send."""
        return Response(
            msgspec.json.encode(self.problem),
            status_code=self.problem.status,
            media_type=MEDIA_TYPE,
            headers=self.headers,
        )
