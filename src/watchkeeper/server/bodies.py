"""Reads request bodies, compressed or not, without trusting what they say of themselves."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final

import pyarrow as pa
from starlette.requests import ClientDisconnect, Request

from watchkeeper.server.problems import ProblemError

_READ_TIMEOUT_SECONDS: Final = 30.0
_GZIP_WINDOW: Final = 31
_COMPRESSED: Final = frozenset({"gzip", "zstd"})
JSON: Final = "application/json"


def announced_bytes(request: Request, most_bytes: int) -> int:
    """Return the room to set aside for a body: its length, or the most when that says little.

    Compressed bodies, and tables whose columns may be compressed, grow when they are read.

    Raises
    ------
    ProblemError
        413, if the announced length alone is too large.
    """
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        return most_bytes
    if len(length) > 18 or int(length) > most_bytes:
        raise _too_large(most_bytes)
    grows = _encoding(request) in _COMPRESSED or _media_type(request) != JSON
    return most_bytes if grows else int(length)


async def read_body(request: Request, most_bytes: int, *, media_type: str = JSON) -> bytes:
    """Return the body, decompressed.

    Raises
    ------
    ProblemError
        413 above ``most_bytes`` (after decompression), 415 for another media type or an encoding
        that is not understood, 400 for a broken one, 408 for a body that does not come.
    """
    given = _media_type(request)
    if given != media_type:
        message = f"expected Content-Type {media_type}, got {given or 'none'}"
        raise ProblemError(415, "media-type", message)
    encoding = _encoding(request)
    if encoding not in ("", "identity", *_COMPRESSED):
        message = f"expected Content-Encoding gzip, zstd or none, got {encoding}"
        raise ProblemError(415, "encoding", message, headers={"Accept-Encoding": "gzip, zstd"})
    try:
        async with asyncio.timeout(_READ_TIMEOUT_SECONDS):
            if encoding == "gzip":
                return await _read_gzip(request, most_bytes)
            plain = await _read_plain(request, most_bytes)
    except TimeoutError:
        message = f"the body did not arrive within {_READ_TIMEOUT_SECONDS:g} seconds"
        raise ProblemError(408, "slow-body", message) from None
    except ClientDisconnect:
        raise ProblemError(400, "disconnected", "the client left before the body ended") from None
    return await asyncio.to_thread(_from_zstd, plain, most_bytes) if encoding == "zstd" else plain


async def _read_plain(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise _too_large(most_bytes)
    return bytes(body)


async def _read_gzip(request: Request, most_bytes: int) -> bytes:
    stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += stream.decompress(chunk, most_bytes + 1 - len(body))
            if len(body) > most_bytes or stream.unconsumed_tail:
                raise _too_large(most_bytes)
    except zlib.error as error:
        message = f"expected a gzip body, got bytes that are none: {error}"
        raise ProblemError(400, "broken-gzip", message) from error
    if not stream.eof or stream.unused_data:
        message = "expected one whole gzip member; the body ends early or goes on after it"
        raise ProblemError(400, "broken-gzip", message)
    return bytes(body)


def _from_zstd(body: bytes, most_bytes: int) -> bytes:
    try:
        with pa.input_stream(pa.BufferReader(body), compression="zstd") as stream:
            plain: bytes = stream.read(most_bytes + 1)
    except OSError as error:
        message = f"expected a zstd body, got bytes that are none: {error}"
        raise ProblemError(400, "broken-zstd", message) from error
    if len(plain) > most_bytes:
        raise _too_large(most_bytes)
    return plain


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


def _too_large(most_bytes: int) -> ProblemError:
    message = f"expected a body of at most {most_bytes} bytes; send fewer records at a time"
    return ProblemError(413, "too-large", message)
