"""Rounds over all models: outliers counted as they arrive, and watched."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.pipeline.outliers.adopting import with_adopted
from watchkeeper.pipeline.outliers.incidents import watch_outliers
from watchkeeper.store import KeptScorer, ServiceIncident, Store

_EVERY = timedelta(minutes=1)
_LATE_EVERY = timedelta(hours=1)


class OutlierRounds:
    """Counts what came of every model that is scored once a minute, and judges hour by hour."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked: datetime | None = None
        self._judged: dict[str, tuple[int, datetime | None]] = {}
        self._looked_at: dict[str, datetime] = {}
        self._fresh: set[str] = set()

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Count what has arrived, and return the incidents that changed.

        Parameters
        ----------
        at_once
            Look now, even if the minute or the hour is not over.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        if not at_once and self._looked is not None and now - self._looked < _EVERY:
            return []
        self._looked = now
        found: list[ServiceIncident] = []
        for kept in self._store.outliers.scorers():
            scorer = with_adopted(self._store, kept)
            if scorer.has_payload:
                up_to = self._store.last_sequence(scorer.model)
                if self._store.outliers.count(scorer, up_to=up_to):
                    self._fresh.add(scorer.model)
            if at_once or self._is_due(scorer, now):
                found += watch_outliers(self._store, scorer, now=now)
                self._judged[scorer.model] = scorer.number, self._hour(scorer, now)
                self._looked_at[scorer.model] = now
                self._fresh.discard(scorer.model)
        return found

    def _is_due(self, scorer: KeptScorer, now: datetime) -> bool:
        """Return whether hours are complete, or rows of earlier ones may have come late."""
        model = scorer.model
        if self._judged.get(model) != (scorer.number, self._hour(scorer, now)):
            return True
        return model in self._fresh and now - self._looked_at[model] >= _LATE_EVERY

    def _hour(self, scorer: KeptScorer, now: datetime) -> datetime | None:
        """Return the hour that is not complete: until the next one nothing more can be told."""
        newest = self._store.newest_time(scorer.model)
        if newest is None:
            return None
        return min(newest, now).replace(minute=0, second=0, microsecond=0)
