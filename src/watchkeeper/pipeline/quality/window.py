"""Which time is told of, and in which steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.errors import SettingsError
from watchkeeper.store import DAY, HOUR, Store

_USUAL_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityWindow:
    """Whole steps: ``since <= time < until``, seconds since 1970.

    Attributes
    ----------
    step
        3600 for hours, 86400 for days.
    """

    since: int
    until: int
    step: int

    @property
    def starts(self) -> range:
        """Start of each step."""
        return range(self.since, self.until, self.step)

    def in_days(self) -> QualityWindow:
        """Return it in days, widened to whole ones."""
        until = -(-self.until // DAY) * DAY
        return QualityWindow(since=self.since // DAY * DAY, until=until, step=DAY)


def quality_window(
    store: Store,
    model: str,
    *,
    start: datetime | None,
    end: datetime | None,
    points: int,
    now: datetime,
) -> QualityWindow:
    """Return a window, by default the last 7 days of a model's predictions.

    Steps are hours if there are no more than ``points`` of them, else days.

    Raises
    ------
    SettingsError
        If the window is empty.
    """
    if end is None:
        span = store.quality.rows.span(model)
        last = int(now.timestamp()) if span is None else min(span[1], int(now.timestamp()))
        until = last // HOUR * HOUR + HOUR
        if start is not None:
            until = max(until, int(start.timestamp()) + HOUR)
    else:
        until = int(end.timestamp())
    since = until - int(_USUAL_SPAN.total_seconds()) if start is None else int(start.timestamp())
    if since >= until:
        raise SettingsError("from must lie before to")
    step = HOUR if until - since <= points * HOUR else DAY
    return QualityWindow(since=since // step * step, until=-(-until // step) * step, step=step)
