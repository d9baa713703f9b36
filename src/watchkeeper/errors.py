"""Every error Watchkeeper raises, split by what the caller can do about it.

::

    WatchkeeperError
    ├── UsageError            fix the call
    │   ├── SettingsError         a setting is unknown or has a wrong value
    │   ├── DataError             a file or a data frame cannot be read as asked
    │   └── RecordError           a record breaks its own rules
    ├── SetupError            fix the set-up
    │   ├── StoreError            the store is missing, of a newer version or damaged
    │   ├── MissingExtraError     an optional dependency is not installed
    │   └── DeliveryError         a receiver of messages refuses what it is sent
    ├── TryAgainError         wait and retry
    │   ├── BusyError             a lock, a queue or a server is full right now
    │   └── UnreachableError      the server did not answer
    └── NotEnoughDataError    inconclusive; the message says what is needed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WatchkeeperError(Exception):
    """Root of the tree; never raised itself."""


class UsageError(WatchkeeperError):
    """The call is wrong; another call would work."""


class SettingsError(UsageError):
    """A setting is unknown or has a wrong value."""


class DataError(UsageError):
    """A file or a data frame cannot be read as asked."""


class RecordError(UsageError):
    """A record breaks its own rules."""


class SetupError(WatchkeeperError):
    """The machine or the store is not as it must be."""


class StoreError(SetupError):
    """The store is missing, of a newer version, or damaged."""


class MissingExtraError(SetupError):
    """An optional dependency is not installed."""


class DeliveryError(SetupError):
    """A receiver of messages refuses what it is sent, and would again."""


class TryAgainError(WatchkeeperError):
    """Nothing is wrong but the moment; the same call may work later.

    Attributes
    ----------
    retry_after_seconds
        How long the other side asked to be left alone; ``None`` when it did not say.
    """

    def __init__(self, *args: object, retry_after_seconds: float | None = None) -> None:
        super().__init__(*args)
        self.retry_after_seconds = retry_after_seconds


class BusyError(TryAgainError):
    """A lock, a queue or a server is full right now."""


class UnreachableError(TryAgainError):
    """The server did not answer."""


class NotEnoughDataError(WatchkeeperError):
    """There is too little data to say; the message tells what is needed."""


def nearest(wrong: str, choices: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the closest choice, or the sorted choices.

    Parameters
    ----------
    wrong
        What the caller gave.
    choices
        What would have been valid.

    Examples
    --------
    >>> nearest("colour", ["color", "size"])
    " Did you mean 'color'?"
    >>> nearest("zzz", ["size", "color"])
    ' Valid choices: color, size.'
    """
    names = sorted(choices)
    close = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {close[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f" Valid choices: {shown}."
