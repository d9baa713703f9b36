"""What the shell is told: one exit code for each thing the caller can do about it."""

from __future__ import annotations

from typing import Final

from watchkeeper.errors import NotEnoughDataError, TryAgainError, WatchkeeperError

ALL_WELL: Final = 0
INCIDENT_OPEN: Final = 1
WRONG_USE: Final = 2
NOT_ENOUGH_DATA: Final = 3
TRY_AGAIN: Final = 4
BUG: Final = 70
"""What ``sysexits.h`` calls an internal software error."""


def exit_code(error: WatchkeeperError) -> int:
    """Exit code of an error.

    Returns
    -------
    int
        3 for too little data, 4 for what may work later, else 2: fix the call or the set-up.
    """
    if isinstance(error, NotEnoughDataError):
        return NOT_ENOUGH_DATA
    if isinstance(error, TryAgainError):
        return TRY_AGAIN
    return WRONG_USE
