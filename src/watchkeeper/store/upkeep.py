"""Seals in the background when the journal has grown, whoever writes to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

_MOST_WAITING = 8


class Upkeep:
    """Calls ``seal`` in a thread each time enough bytes have been journaled.

    A writer that outruns it by far is made to wait, so that the journal stays bounded.

    Parameters
    ----------
    seal
        Does the work; an error is logged, and the next round tries again.
    waiting_bytes
        Tells how much lies in the journal; asked once, before the first write.
    worth_bytes
        How much makes sealing worth while.
    """

    def __init__(
        self, seal: Callable[[], object], waiting_bytes: Callable[[], int], *, worth_bytes: int
    ) -> None:
        self._seal = seal
        self._waiting_bytes = waiting_bytes
        self._worth_bytes = worth_bytes
        self._lock = threading.Lock()
        self._journaled_bytes: int | None = None
        self._thread: threading.Thread | None = None

    def note(self, journaled_bytes: int) -> None:
        """Learn that so much was journaled, and seal if it is time."""
        with self._lock:
            if self._journaled_bytes is None:
                self._journaled_bytes = self._waiting_bytes()
            else:
                self._journaled_bytes += journaled_bytes
            if self._journaled_bytes < self._worth_bytes:
                return
            thread = self._thread
            if thread is None or not thread.is_alive():
                self._journaled_bytes = 0
                thread = self._thread = threading.Thread(target=self._run, name="watchkeeper-seal")
                thread.start()
            is_far_ahead = self._journaled_bytes > _MOST_WAITING * self._worth_bytes
        if is_far_ahead:
            thread.join()

    def close(self) -> None:
        """Wait for the work that is under way."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            self._seal()
        except Exception:
            logger.exception("the journal could not be sealed; it is tried again later")
