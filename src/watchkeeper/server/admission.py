"""Bounds what a server holds in memory for requests under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from watchkeeper.server.problems import ProblemError

_RETRY_AFTER_SECONDS: Final = 1


class Admission:
    """Lets requests in while their bodies fit in the memory set aside for them.

    Used by one event loop only, so it needs no lock.

    Parameters
    ----------
    most_bytes
        Of all bodies under way together; a body larger than this comes in when it is alone.
    most_requests
        Under way at once.
    """

    def __init__(self, *, most_bytes: int, most_requests: int) -> None:
        self._most_bytes = most_bytes
        self._most_requests = most_requests
        self._bytes = 0
        self._requests = 0

    @contextmanager
    def admit(self, size_bytes: int) -> Iterator[None]:
        """Hold room for a body until the request is answered.

        Raises
        ------
        ProblemError
            429 with ``Retry-After``, if there is no room.
        """
        full = self._bytes + size_bytes > self._most_bytes or self._requests >= self._most_requests
        if full and self._requests:
            message = (
                f"{self._requests} requests with {self._bytes} bytes are under way, which is all "
                "that this server holds; send again later"
            )
            retry = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
            raise ProblemError(429, "too-many-requests", message, headers=retry)
        self._bytes += size_bytes
        self._requests += 1
        try:
            yield
        finally:
            self._bytes -= size_bytes
            self._requests -= 1
