"""Whether a server can do its work now, and if not, why."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from watchkeeper.errors import WatchkeeperError
from watchkeeper.store import Store

logger = logging.getLogger("watchkeeper.server")

_PROBE_BYTES: Final = 64 * 1024


class Readiness:
    """Looks at the store, the disk and the tasks of a running server.

    Asked without a key, so what it answers names no path and no model.

    Parameters
    ----------
    least_free_bytes
        Room that the disk must have.
    """

    def __init__(self, store: Store, *, least_free_bytes: int) -> None:
        self._store = store
        self._least_free_bytes = least_free_bytes
        self._tasks: Mapping[str, asyncio.Task[None]] = {}

    def follow(self, tasks: Mapping[str, asyncio.Task[None]]) -> None:
        """Take what must not end while the server runs, each by its name."""
        self._tasks = tasks

    async def reasons(self) -> list[str]:
        """Return why the server is not ready; nothing if it is."""
        ended = [f"the {name} has ended" for name, task in self._tasks.items() if task.done()]
        return ended + await asyncio.to_thread(self._of_store)

    def _of_store(self) -> list[str]:
        found: list[str] = []
        try:
            free = shutil.disk_usage(self._store.folder).free
            if free < self._least_free_bytes:
                least = self._least_free_bytes / 1e6
                found.append(f"the disk has {free / 1e6:.0f} MB of room, less than {least:.0f} MB")
            _write(self._store.folder)
        except OSError as error:
            found.append(f"the store's folder cannot be written: {error.strerror}")
        try:
            self._store.last_sequence("")
        except WatchkeeperError as error:
            logger.error("not ready: %s", error)
            found.append("the store's database does not answer; the log tells more")
        return found


def _write(folder: Path) -> None:
    """Write, flush and remove a small file."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())
