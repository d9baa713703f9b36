"""Where records go: the one-method protocol, and what a send came to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from watchkeeper.errors import SettingsError, nearest

if TYPE_CHECKING:
    from watchkeeper.events import Record

_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What a sink answered; every record that was not rejected is durable.

    Attributes
    ----------
    duplicates
        How many of them it had before.
    rejected
        One reason, which names the field, per record that breaks a rule.
    """

    duplicates: int = 0
    rejected: tuple[str, ...] = ()


class Sink(Protocol):
    """Takes records; used by one thread at a time.

    Attributes
    ----------
    survives_fork
        Whether the parent may go on using it after a fork, also one in the middle of ``send``. If
        not, a fork waits for the end of ``send``, and closes the sink.
    """

    survives_fork: bool

    def send(self, records: Sequence[Record], *, timeout_seconds: float) -> SendReport:
        """Return once the records are durable.

        Raises
        ------
        TryAgainError, SetupError
            If none or not all were taken, and the same call may work later.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...


def sink_for(destination: object, *, api_key: str | None) -> Callable[[], Sink]:
    """Return what opens the sink of a store's path or a server's URL.

    Nothing is imported, opened or looked up before the returned function is called.

    Raises
    ------
    SettingsError
        If the destination is neither.
    """
    if not isinstance(destination, (str, os.PathLike)) or not str(destination).strip():
        message = (
            f"destination: expected the path of a store or a server's URL, got {destination!r}; "
            "for example './store' or 'http://127.0.0.1:8717'"
        )
        raise SettingsError(message)
    place = os.fspath(destination)
    if isinstance(place, bytes):
        place = os.fsdecode(place)
    scheme, separator, rest = place.partition("://")
    if not separator:
        return lambda: _open_store(place)
    if scheme.lower() not in _SCHEMES or not rest.strip("/"):
        message = f"destination: expected http://HOST or https://HOST, got {place!r}."
        raise SettingsError(message + nearest(scheme.lower(), _SCHEMES))
    return lambda: _open_http(place, api_key or os.environ.get("WATCHKEEPER_API_KEY"))


def _open_store(path: str) -> Sink:
    from watchkeeper.sdk.store_sink import StoreSink

    return StoreSink(path)


def _open_http(url: str, api_key: str | None) -> Sink:
    from watchkeeper.sdk.http_sink import HttpSink

    return HttpSink(url, api_key=api_key)
