"""What goes wrong again and again is logged once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

logger = logging.getLogger("watchkeeper.server")


class Seldom:
    """Logs what is said again and again only now and then, with how often it was said.

    Parameters
    ----------
    seconds
        Between two lines that say the same.
    """

    def __init__(self, seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._said = ""
        self._since = float("-inf")
        self._times = 0

    def error(self, said: str) -> None:
        """Log an error, unless it was logged just now."""
        now = monotonic()
        if said == self._said and now - self._since < self._seconds:
            self._times += 1
            return
        if self._times:
            logger.error("%s times more: %s", self._times, self._said)
        logger.error("%s", said)
        self._said, self._since, self._times = said, now, 0


class Faults:
    """Lets work that is repeated go on after an error.

    Parameters
    ----------
    what
        In the log, after the name of what the work was about.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._last: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        """Return whether the work failed the last time."""
        return name in self._last

    @contextmanager
    def logged(self, name: str) -> Iterator[None]:
        """Log an error of the work within, once as long as it stays the same; do not raise it."""
        try:
            yield
        except Exception as error:  # the rest goes on, and so does this when it can
            said = f"{type(error).__name__}: {error}"
            if self._last.get(name) != said:
                self._last[name] = said
                logger.exception("%s: %s", name, self._what)
        else:
            if self._last.pop(name, None) is not None:
                logger.warning("%s: well again", name)
