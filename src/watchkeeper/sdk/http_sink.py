"""Sends records to a Watchkeeper server, ``POST /v1/records``."""

from __future__ import annotations

import gzip
import ipaddress
import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import msgspec

from watchkeeper import __version__
from watchkeeper.errors import BusyError, SetupError, UnreachableError
from watchkeeper.events import Record
from watchkeeper.events.acknowledgement import Acknowledgement, Rejection
from watchkeeper.sdk.delivery import THREAD_NAME
from watchkeeper.sdk.sink import SendReport

_MOST_BODY_BYTES: Final = 4 * 1024 * 1024  # half of what a server takes by default
_WORTH_COMPRESSING_BYTES: Final = 1024
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 507})
_PREFIX, _SUFFIX = b'{"records":[', b"]}"


class HttpSink:
    """A server as a sink.

    Records are encoded one by one, so that one which cannot be written costs only itself, and sent
    in bodies of at most 4 MB. A body that the server finds too large is halved.

    Parameters
    ----------
    url
        Of the server, without ``/v1/records``.
    api_key
        Sent as a bearer token.
    """

    survives_fork = True

    def __init__(self, url: str, *, api_key: str | None) -> None:
        _quieten_httpx_here()
        base = httpx.URL(url)
        on_this_host = _is_loopback(base.host)
        self._url = base.copy_with(path=base.path.rstrip("/") + "/v1/records")
        self._compresses = not on_this_host
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"watchkeeper-sdk/{__version__}",
        }
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key}"
        # a proxy set for the outer world knows nothing of this host's loopback
        self._client = httpx.Client(headers=headers, trust_env=not on_this_host)
        self._encode = msgspec.json.Encoder().encode
        base.host.encode("idna")  # imports what the first look-up of a name would

    def send(self, records: Sequence[Record], *, timeout_seconds: float) -> SendReport:
        """Return once the server has all of them, or said why not."""
        rows: list[bytes] = []
        reasons: list[str] = []
        for record in records:
            try:
                rows.append(self._encode(record))
            except (msgspec.MsgspecError, TypeError, ValueError, ArithmeticError) as error:
                reasons.append(f"{type(error).__name__}: {error}")
        duplicates = 0
        for body_rows in _bodies(rows):
            report = self._post(body_rows, timeout_seconds)
            duplicates += report.duplicates
            reasons.extend(report.rejected)
        return SendReport(duplicates=duplicates, rejected=tuple(reasons))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, rows: Sequence[bytes], timeout_seconds: float) -> SendReport:
        body = _PREFIX + b",".join(rows) + _SUFFIX
        headers = {}
        if self._compresses and len(body) >= _WORTH_COMPRESSING_BYTES:
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        try:
            answer = self._client.post(
                self._url, content=body, headers=headers, timeout=timeout_seconds
            )
        except httpx.HTTPError as error:
            message = f"{self._url} did not answer: {type(error).__name__}: {error}"
            raise UnreachableError(message) from error
        return self._read(answer, rows, timeout_seconds)

    def _read(
        self, answer: httpx.Response, rows: Sequence[bytes], timeout_seconds: float
    ) -> SendReport:
        status = answer.status_code
        if status == 200:
            return _report(_acknowledgement(answer), len(rows))
        if status == 413 and len(rows) > 1:
            middle = len(rows) // 2
            first = self._post(rows[:middle], timeout_seconds)
            second = self._post(rows[middle:], timeout_seconds)
            return SendReport(
                duplicates=first.duplicates + second.duplicates,
                rejected=first.rejected + second.rejected,
            )
        problem = _problem(answer)
        if status in (413, 422):
            return SendReport(rejected=_reasons(problem, len(rows)))
        message = f"{self._url} answered {status}: {problem.detail or problem.title}"
        if status in _PASSING:
            raise BusyError(message, retry_after_seconds=_retry_after_seconds(answer))
        raise SetupError(message)


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What of an RFC 9457 problem the client understands."""

    title: str = ""
    detail: str = ""
    rejected: list[Rejection] = []


def _bodies(rows: Sequence[bytes]) -> list[list[bytes]]:
    bodies: list[list[bytes]] = []
    room = 0
    for row in rows:
        if len(row) + 1 > room:
            bodies.append([])
            room = _MOST_BODY_BYTES
        bodies[-1].append(row)
        room -= len(row) + 1
    return bodies


def _acknowledgement(answer: httpx.Response) -> Acknowledgement:
    try:
        return msgspec.json.decode(answer.content, type=Acknowledgement)
    except msgspec.MsgspecError as error:
        message = (
            f"{answer.url} answered 200 with something else than a Watchkeeper server: {error}"
        )
        raise SetupError(message) from error


def _report(acknowledgement: Acknowledgement, rows: int) -> SendReport:
    rejected = acknowledgement.rejected[:rows]
    return SendReport(
        duplicates=acknowledgement.duplicates,
        rejected=tuple(f"{rejection.field}: {rejection.reason}" for rejection in rejected),
    )


def _problem(answer: httpx.Response) -> _Problem:
    try:
        return msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        return _Problem(title=answer.reason_phrase)


def _reasons(problem: _Problem, rows: int) -> tuple[str, ...]:
    if len(problem.rejected) == rows:
        return tuple(f"{one.field}: {one.reason}" for one in problem.rejected)
    return (problem.detail or problem.title or "refused by the server",) * rows


def _retry_after_seconds(answer: httpx.Response) -> float | None:
    """Read ``Retry-After`` (RFC 9110, section 10.2.3): seconds, or a date."""
    value = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _NotOurs(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.threadName != THREAD_NAME or record.levelno > logging.INFO


def _quieten_httpx_here() -> None:
    """Keep our own requests, one line each at level INFO, out of the host's log."""
    log = logging.getLogger("httpx")
    if not any(isinstance(one, _NotOurs) for one in log.filters):
        log.addFilter(_NotOurs())
