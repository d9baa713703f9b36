"""One HTTP POST to an address from the settings: bounded in time and size, no redirects."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

import httpx

from watchkeeper.actions.channel import Sent
from watchkeeper.errors import BusyError, DeliveryError, UnreachableError

_DEADLINE_SECONDS: Final = 15.0
_MOST_ANSWER_BYTES: Final = 16 * 1024
_SHOWN_CHARACTERS: Final = 200
# Another attempt would be refused alike. Of all others a receiver may think better: a deployment
# answers 404 for a while, a renewed password ends a 401.
_FINAL: Final = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 422, 431, 501})


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    deadline_seconds: float = _DEADLINE_SECONDS,
) -> Sent:
    """Post, and return what was answered.

    Parameters
    ----------
    deadline_seconds
        For all of it, from the look-up of the name to the last byte of the answer.

    Raises
    ------
    DeliveryError
        If the receiver refuses it for good, answers with a redirect, or the address is none.
    UnreachableError
        If it cannot be reached, or does not answer in time or in HTTP.
    BusyError
        If it answers that it cannot now.
    """
    try:
        return asyncio.run(_posted(url, body, headers, deadline_seconds))
    except TimeoutError as error:
        raise UnreachableError(f"no answer within {deadline_seconds:g} seconds") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise DeliveryError("the address is no URL that begins with http:// or https://") from error
    except httpx.HTTPError as error:
        raise UnreachableError(f"{_why(error)}: {error}" if str(error) else _why(error)) from error


async def _posted(
    url: str, body: bytes, headers: Mapping[str, str], deadline_seconds: float
) -> Sent:
    sent = {"user-agent": "watchkeeper", "accept-encoding": "identity", **headers}
    async with (
        asyncio.timeout(deadline_seconds),
        httpx.AsyncClient(
            timeout=deadline_seconds, follow_redirects=False, verify=_trust()
        ) as client,
        client.stream("POST", url, content=body, headers=sent) as answer,
    ):
        said = _shown(await _beginning(answer))
    shown = f"HTTP {answer.status_code}{': ' if said else ''}{said}"
    if answer.is_success:
        return Sent(answer=shown)
    if answer.is_redirect:
        raise DeliveryError(f"{shown}. Redirects are not followed; write the new address")
    if answer.status_code in _FINAL:
        raise DeliveryError(shown)
    raise BusyError(shown, retry_after_seconds=_retry_after(answer.headers.get("retry-after")))


@cache
def _trust() -> ssl.SSLContext:
    # To read the certificates takes longer than to send a message.
    return httpx.create_ssl_context()


async def _beginning(answer: httpx.Response) -> bytes:
    """Read the first bytes of an answer; whoever sends more is not listened to."""
    found = b""
    # What was sent counts, not what it unpacks to. The status is said; a broken end is no matter.
    with suppress(httpx.HTTPError):
        async for part in answer.aiter_raw():
            found += part[: _MOST_ANSWER_BYTES - len(found)]
            if len(found) >= _MOST_ANSWER_BYTES:
                break
    return found


def _shown(answer: bytes) -> str:
    text = answer.decode("utf-8", "replace")
    plain = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]|\ufffd", " ", text).split())
    return plain if len(plain) <= _SHOWN_CHARACTERS else plain[: _SHOWN_CHARACTERS - 1] + "…"


def _why(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.RemoteProtocolError):
        return "the answer is no HTTP"
    return "the connection broke"


def _retry_after(text: str | None) -> float | None:
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
