"""Runs a server until it is told to stop."""

from __future__ import annotations

import functools
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from watchkeeper import __version__
from watchkeeper.server.app import create_app
from watchkeeper.server.binding import bind
from watchkeeper.server.known_arrays import know_arrays
from watchkeeper.server.known_types import know_types
from watchkeeper.server.logs import fields
from watchkeeper.server.settings import ServerSettings
from watchkeeper.server.tls import Certificate
from watchkeeper.store import Store, require_server_folder

logger = logging.getLogger("watchkeeper.server")


def run(
    store_path: Path,
    *,
    host: str,
    port: int,
    settings: ServerSettings,
    certificate: Certificate | None = None,
    listening: Callable[[str], None],
) -> None:
    """Serve a store until SIGTERM or SIGINT; then answer what is under way, and return.

    Parameters
    ----------
    store_path
        Folder of the store; made if missing.
    host, port
        Port 0 lets the system choose. What the host asks for is in ``settings.exposure``.
    settings
        Limits, and who is let in.
    certificate
        To speak TLS with, read again at SIGHUP; ``None`` for plain HTTP.
    listening
        Called with the URL once connections are taken.

    Raises
    ------
    SettingsError
        If the port is none, or the folder is the store of one project of a server.
    SetupError
        If the port is taken, the certificate is none, or the store cannot be opened.
    """
    require_server_folder(store_path)
    tls = None if certificate is None else certificate.context()
    sys.setswitchinterval(0.0005)
    know_types()
    know_arrays()
    listener = bind(host, port)
    with listener, Store.open(store_path) as store:
        config = uvicorn.Config(
            create_app(store, settings),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        )
        config.load()
        config.ssl = tls
        if certificate is not None and tls is not None:
            renew = functools.partial(certificate.renew, tls)
            signal.signal(signal.SIGHUP, lambda _number, _frame: renew())
        # uvicorn raises the signal again after it has shut down; then this is what it meets
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        name = f"[{host}]" if ":" in host else host
        scheme = "http" if tls is None else "https"
        url = f"{scheme}://{name}:{listener.getsockname()[1]}"
        listening(url)
        needs_key = settings.exposure.needs_key
        logger.info(
            "serving",
            extra=fields(
                version=__version__, url=url, store=str(store.folder), needs_key=needs_key
            ),
        )
        uvicorn.Server(config).run(sockets=[listener])


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
