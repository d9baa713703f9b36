"""What happens to deliveries when a process forks or ends."""

from __future__ import annotations

import atexit
import concurrent.futures.thread
import logging
import os
import sys
import threading
from time import monotonic
from typing import Final

from watchkeeper.sdk.delivery import Delivery
from watchkeeper.sdk.identifiers import Identifiers

EXIT_TIMEOUT_SECONDS: Final = 5.0
_EXIT_OPENING_SECONDS: Final = 20.0  # to import and open the destination, if it only just began
_FORK_TIMEOUT_SECONDS: Final = 5.0

# These hold a lock of their own while a process forks. Were one first imported by a delivery that
# a fork waits for, it would release what it never took.
_HOLD_LOCKS_OVER_FORKS: Final = (logging, concurrent.futures.thread)

ids: Final = Identifiers()
_open: Final[set[Delivery]] = set()
_forking: Final = threading.local()


def register(delivery: Delivery) -> None:
    """Flush this delivery at exit, and renew it in forked children, until it is released."""
    for other in [other for other in _open if other.finished]:
        release(other)
    _open.add(delivery)


def start(delivery: Delivery) -> None:
    """Start a delivery's thread, and see to its end in a ``multiprocessing`` child."""
    delivery.start()
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        # such a child leaves by ``os._exit``, without calling what ``atexit`` holds
        sys.modules["multiprocessing.util"].Finalize(None, finish, exitpriority=0)


def release(delivery: Delivery) -> None:
    """Forget a delivery that was closed."""
    _open.discard(delivery)


def retire(delivery: Delivery) -> None:
    """Let a delivery whose client is gone send what it has, then end."""
    delivery.ask_to_close(EXIT_TIMEOUT_SECONDS)
    if delivery.finished:
        release(delivery)


def finish() -> None:
    """Flush and close all open deliveries, side by side, in bounded time."""
    deliveries = list(_open)
    deadline = monotonic() + _EXIT_OPENING_SECONDS
    for delivery in deliveries:
        delivery.wait_until_opened(deadline - monotonic())
    deadline = monotonic() + EXIT_TIMEOUT_SECONDS
    for delivery in deliveries:
        delivery.ask_to_close(EXIT_TIMEOUT_SECONDS)
    for delivery in deliveries:
        delivery.join(deadline - monotonic())
        release(delivery)


def _before_fork() -> None:
    _forking.deliveries = list(_open)
    deadline = monotonic() + _FORK_TIMEOUT_SECONDS
    for delivery in _forking.deliveries:
        delivery.before_fork(deadline - monotonic())


def _after_fork_in_parent() -> None:
    for delivery in _forking.deliveries:
        delivery.after_fork_in_parent()


def _after_fork_in_child() -> None:
    ids.renew()
    for delivery in list(_open):
        delivery.after_fork_in_child()


atexit.register(finish)
if hasattr(os, "register_at_fork"):  # not on Windows, which never forks
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
