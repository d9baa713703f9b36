"""Rounds over all models: outliers counted as they arrive, and watched."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.pipeline.outliers.incidents import watch_outliers
from watchkeeper.store import KeptScorer, ServiceIncident, Store

_EVERY = timedelta(minutes=1)


class OutlierRounds:
    """Looks at every model that is scored, once a minute, and again only if something came."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked: datetime | None = None
        self._judged: dict[str, tuple[int, int]] = {}

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Count what has arrived, and return the incidents that changed.

        Parameters
        ----------
        at_once
            Look now, even if the minute is not over.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        if not at_once and self._looked is not None and now - self._looked < _EVERY:
            return []
        self._looked = now
        scorers = self._store.outliers.scorers()
        return [one for scorer in scorers for one in self._look(scorer, now)]

    def _look(self, scorer: KeptScorer, now: datetime) -> list[ServiceIncident]:
        newest = self._store.last_sequence(scorer.model)
        if self._judged.get(scorer.model) == (scorer.number, newest):
            return []
        if scorer.has_payload:
            self._store.outliers.count(scorer, up_to=newest)
        changed = watch_outliers(self._store, scorer, now=now)
        self._judged[scorer.model] = scorer.number, newest
        return changed
