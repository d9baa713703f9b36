"""Globally unique ids at the cost of one string format."""

from __future__ import annotations

import itertools
import os


class Identifiers:
    """Ids made of 80 random bits per process and a counter.

    Two processes share a prefix with probability 2**-80 per pair; within one process the counter,
    whose step is atomic, keeps the ids apart across threads. A forked child must call ``renew``.

    Examples
    --------
    >>> ids = Identifiers()
    >>> first, second = ids.new(), ids.new()
    >>> first != second
    True
    """

    __slots__ = ("_count", "_prefix")

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Draw a new prefix."""
        self._prefix = os.urandom(10).hex()
        self._count = itertools.count(1)

    def new(self) -> str:
        """Return an id that was never returned before."""
        return f"{self._prefix}-{next(self._count)}"
