"""How many predictions of the last minutes, hours and days were good, for an objective."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events import ObjectiveSettings
from watchkeeper.metrics import Good
from watchkeeper.store import HOUR, MINUTE, Store

_FINE = timedelta(hours=6)
_RECENT = timedelta(hours=1)
Ints = NDArray[np.int64]


def frontier(store: Store, model: str, now: datetime) -> int | None:
    """Return up to when events are known, seconds since 1970; ``None`` before the first one.

    That is the newest event, or the clock, behind by what events usually come late: else the last
    minutes before an outage would be the present for ever. Events that come more than an hour
    late are brought in by hand, and then only they tell the time.
    """
    newest = store.service_cells.newest(model)
    arrival = store.arrival(model)
    if newest is None or arrival is None or arrival.lag > _RECENT:
        return newest
    return max(newest, int((now - max(arrival.lag, timedelta(0))).timestamp()))


class GoodCounts:
    """Counts of one model for its objectives; remembers latencies that it has looked through."""

    def __init__(self, store: Store, model: str) -> None:
        self._store, self._model = store, model
        self._latencies: dict[tuple[float, int], dict[int, _Looked]] = {}

    def until(self, objective: ObjectiveSettings, end: int, window: timedelta) -> GoodUntil:
        """Return the counts up to some moment.

        Parameters
        ----------
        end
            Seconds since 1970; the minute and the hour that hold it are included.
        window
            The longest time that is asked for.
        """
        minutes_end, hours_end = end // MINUTE * MINUTE + MINUTE, end // HOUR * HOUR + HOUR
        fine, whole = int(_FINE.total_seconds()), int(window.total_seconds())
        return GoodUntil(
            minutes=self.between(
                MINUTE, minutes_end - fine, minutes_end, threshold=objective.threshold_seconds
            ),
            hours=self.between(
                HOUR, hours_end - whole, hours_end, threshold=objective.threshold_seconds
            ),
        )

    def between(self, level: int, start: int, end: int, *, threshold: float | None) -> CountedCells:
        """Return the counts of cells in ``start <= time < end``, seconds since 1970.

        Parameters
        ----------
        level
            Length of the cells, in seconds.
        threshold
            Latency that good ones have at most; ``None`` where those without an error are good.
        """
        sums = self._store.service_cells.sums(self._model, level, start=start, end=end)
        starts = np.array([one.start for one in sums], dtype=np.int64)
        totals = np.array([one.predictions for one in sums], dtype=np.int64)
        bad = np.array([one.errors for one in sums], dtype=np.int64)
        if threshold is not None:
            looked = self._looked(
                threshold, level, dict(zip(starts.tolist(), totals.tolist(), strict=True))
            )
            totals = np.array([looked[at].timed for at in starts.tolist()], dtype=np.int64)
            bad = np.array([looked[at].slow for at in starts.tolist()], dtype=np.int64)
        return CountedCells(starts=starts, totals=totals, bad=bad, end=end)

    def _looked(
        self, threshold: float, level: int, predictions: dict[int, int]
    ) -> dict[int, _Looked]:
        """Return what is known of each start; a cell is read again when it has grown."""
        known = self._latencies.get((threshold, level), {})
        grown = [
            at
            for at, size in predictions.items()
            if at not in known or known[at].predictions != size
        ]
        kept = {at: known[at] for at in predictions if at in known}
        if grown:
            cells = self._store.service_cells.cells(
                self._model, level, start=min(grown), end=max(grown) + level
            )
            for _, at, cell in cells:
                timed = cell.latencies.count
                slow = timed - cell.latencies.count_at_most(threshold)
                kept[at] = _Looked(predictions=cell.predictions, timed=timed, slow=slow)
        self._latencies[threshold, level] = kept
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodUntil:
    """Counts of the minutes and hours before some moment."""

    minutes: CountedCells
    hours: CountedCells

    def last(self, span: timedelta) -> Good:
        """Count the predictions of the last so much time, up to 6 hours to the minute."""
        counts = self.minutes if span <= _FINE else self.hours
        return counts.since(counts.end - int(span.total_seconds()))

    def began(self, span: timedelta, *, target: float, least: float) -> datetime | None:
        """Return when, in the last so much time, a minute or hour first burned so fast."""
        counts = self.minutes if span <= _FINE else self.hours
        burning = (counts.bad > 0) & (counts.bad >= counts.totals * (1 - target) * least)
        found = counts.starts[burning & (counts.starts >= counts.end - int(span.total_seconds()))]
        return _time(int(found.min())) if found.size else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """Of one cell: predictions when it was read, those with a latency, and the slow ones."""

    predictions: int
    timed: int
    slow: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCells:
    """Predictions that could be judged by cell, and the bad among them; shape (cells,) each.

    Attributes
    ----------
    end
        Excluded, in seconds since 1970.
    """

    starts: Ints
    totals: Ints
    bad: Ints
    end: int

    def since(self, start: int) -> Good:
        """Count from a moment on."""
        within = self.starts >= start
        return Good(total=int(self.totals[within].sum()), bad=int(self.bad[within].sum()))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
