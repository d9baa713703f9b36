"""One process at a time: a lock on a file, which the system gives up when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class FileLock:
    """Excludes other holders, in this process and in others, however they end.

    Parameters
    ----------
    path
        The lock's file; it stays when the lock is let go.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1

    def take(self, *, wait: bool) -> bool:
        """Return whether the lock is held now; with ``wait`` it always is, in the end."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return True

    def release(self) -> None:
        """Let the next one take it."""
        os.close(self._handle)
        self._handle = -1

    def __enter__(self) -> FileLock:
        if self._handle < 0:
            self.take(wait=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
