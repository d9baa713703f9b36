"""Telling the host's log about losses, at most once a minute and from the delivery thread only."""

from __future__ import annotations

import logging
from contextlib import suppress
from time import monotonic
from typing import Final

from watchkeeper.errors import WatchkeeperError
from watchkeeper.sdk.stats import ClientStats

logger = logging.getLogger("watchkeeper.sdk")

_QUIET_SECONDS: Final = 60.0


class LossWarnings:
    """Logs one warning when records were lost or cannot be sent since the last one."""

    def __init__(self) -> None:
        self._lost = 0
        self._failed_sends = 0
        self._quiet_until = 0.0

    def report(self, stats: ClientStats, *, final: bool = False) -> None:
        """Warn if there is news; the ``final`` time, also in the quiet minute if more was lost."""
        news = stats.lost > self._lost or (stats.failed_sends > self._failed_sends and not final)
        if not news or (monotonic() < self._quiet_until and not final):
            return
        self._lost, self._failed_sends = stats.lost, stats.failed_sends
        self._quiet_until = monotonic() + _QUIET_SECONDS
        with suppress(Exception):  # a host's log handler may raise anything
            logger.warning(
                "Watchkeeper: %d of %d records lost (%d dropped, %d rejected), %d queued, "
                "%d failed sends. Last error: %s",
                stats.lost,
                stats.logged,
                stats.dropped,
                stats.rejected,
                stats.queued,
                stats.failed_sends,
                stats.last_error,
            )


def describe(error: BaseException) -> str:
    """Return an error's text, or its type when it has none or cannot tell."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a host's exception may raise anything when printed
        return name
    if isinstance(error, WatchkeeperError):
        return text or name
    return f"{name}: {text}" if text else name
