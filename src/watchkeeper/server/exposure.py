"""Who can reach a server, and what that asks for: a key, TLS, names to answer to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from watchkeeper.errors import SettingsError
from watchkeeper.server.binding import is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What follows from where a server listens.

    Attributes
    ----------
    needs_key
        Whether nobody comes in without one. If not, whoever reaches the server may do everything
        in the project ``default``.
    public_host
        The name that a proxy before the server is asked by.
    any_host
        Whether requests may name any host; else loopback names and ``public_host``.
    is_https
        Whether people reach it by ``https``.
    """

    needs_key: bool = False
    public_host: str | None = None
    any_host: bool = False
    is_https: bool = False

    def answers_to(self, host: str) -> bool:
        """Return whether a request with this name in ``Host`` is meant for this server."""
        return self.any_host or is_loopback(host) or host.lower() == self.public_host


def exposure_of(
    host: str, *, public_url: str | None, has_tls: bool, plain_http: bool, require_key: bool
) -> Exposure:
    """Return what listening at ``host`` asks for.

    Parameters
    ----------
    public_url
        Where a proxy before the server is reached; its being there asks for keys.
    has_tls
        Whether the server itself speaks TLS.
    plain_http
        Whether someone said that keys may travel readable.
    require_key
        Whether a key is asked for even on loopback.

    Raises
    ------
    SettingsError
        If others could read keys on their way, or the URL is none.
    """
    public = None if public_url is None else _public(public_url)
    beyond = not is_loopback(host)
    if beyond and not has_tls and not plain_http:
        message = (
            f"--host {host} is reached by other machines, and keys would travel readable; give "
            "--tls-certificate and --tls-key, or listen on 127.0.0.1 behind a proxy with "
            "--public-url, or say --plain-http if a proxy or the network itself encrypts"
        )
        raise SettingsError(message)
    return Exposure(
        needs_key=require_key or beyond or public is not None,
        public_host=None if public is None else public[1],
        any_host=beyond and public is None,
        is_https=has_tls or (public is not None and public[0] == "https"),
    )


def _public(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    try:
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or parts.query:
        message = (
            f"--public-url: expected https://HOST or http://HOST without a path, got {url!r};"
            " for example https://watch.example.com"
        )
        raise SettingsError(message)
    return parts.scheme, host.lower()
