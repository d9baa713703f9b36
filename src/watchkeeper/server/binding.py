"""Where a server may listen."""

from __future__ import annotations

import ipaddress
import socket

from watchkeeper.errors import SettingsError, SetupError

_LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is reached from this machine only.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    name = host.strip("[]").lower()
    if name in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Parameters
    ----------
    host
        A name or address of this machine.
    port
        From 0 to 65535; 0 lets the system choose.

    Raises
    ------
    SettingsError
        If the port is none.
    SetupError
        If the host is none of this machine's, or the port is taken or not allowed.
    """
    if not 0 <= port <= 65_535:
        message = f"--port: expected a number from 0 to 65535, got {port}"
        raise SettingsError(message)
    address = host.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=2048)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror or error}; try another --port"
        raise SetupError(message) from error
