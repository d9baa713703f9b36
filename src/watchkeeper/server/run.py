"""Runs a server until it is told to stop."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from watchkeeper.server.app import create_app
from watchkeeper.server.binding import bind
from watchkeeper.server.settings import ServerSettings
from watchkeeper.store import Store


def run(
    store_path: Path,
    *,
    host: str,
    port: int,
    settings: ServerSettings,
    listening: Callable[[str], None],
) -> None:
    """Serve a store until SIGTERM or SIGINT; then answer what is under way, and return.

    Parameters
    ----------
    store_path
        Folder of the store; made if missing.
    host, port
        Loopback only; port 0 lets the system choose.
    settings
        Limits.
    listening
        Called with the URL once connections are taken.

    Raises
    ------
    SettingsError
        If the host is not a loopback one.
    SetupError
        If the port is taken, or the store cannot be opened.
    """
    listener = bind(host, port)
    with listener, Store.open(store_path) as store:
        config = uvicorn.Config(
            create_app(store, settings),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        )
        # uvicorn raises the signal again after it has shut down; then this is what it meets
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        name = f"[{host}]" if ":" in host else host
        listening(f"http://{name}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
