"""Rounds over all models: whether their labels still come."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.pipeline.label_incidents import watch_labels
from watchkeeper.store import ServiceIncident, Store

_EVERY = timedelta(hours=1)


class LabelRounds:
    """Looks at every model's labels, once an hour."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked: datetime | None = None

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Return the incidents that changed.

        Parameters
        ----------
        at_once
            Look now, even if the hour is not over.
        """
        if not at_once and self._looked is not None and now - self._looked < _EVERY:
            return []
        self._looked = now
        models = self._store.quality.rows.models()
        return [one for model in models for one in watch_labels(self._store, model, now=now)]
