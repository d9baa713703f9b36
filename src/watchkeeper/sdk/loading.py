"""A fork waits while a delivery thread imports: its child could never finish that import.

A forked child has only the thread that forked. A module that another thread was importing at that
moment stays locked in the child for ever, and whoever imports it there waits for ever.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LONGEST_WAIT_SECONDS: Final = 5.0


class _Gate:
    """Held by whoever imports; taken, for a bounded time, by whoever forks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forking = False

    @contextmanager
    def importing(self) -> Iterator[None]:
        lock = self._lock
        with lock:
            yield

    def before_fork(self) -> None:
        self._forking = self._lock.acquire(timeout=_LONGEST_WAIT_SECONDS)

    def after_fork_in_parent(self) -> None:
        if self._forking:
            self._forking = False
            self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.Lock()
        self._forking = False


_gate: Final = _Gate()
importing: Final = _gate.importing

if hasattr(os, "register_at_fork"):  # not on Windows, which never forks
    os.register_at_fork(
        before=_gate.before_fork,
        after_in_parent=_gate.after_fork_in_parent,
        after_in_child=_gate.after_fork_in_child,
    )
