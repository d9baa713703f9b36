"""Rounds over all models: days of business metrics measured once, and judged."""

from __future__ import annotations

from datetime import datetime
from time import monotonic

from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.business.incidents import watch_business
from watchkeeper.pipeline.business.metric_watch import missing_days, recipe_of, watched_metrics
from watchkeeper.pipeline.opened import OpenBaseline, open_baseline
from watchkeeper.store import ServiceIncident, Store

_TURN_SECONDS = 2.0
_REST = 4.0
_EVERY_SECONDS = 3600.0


class BusinessRounds:
    """Looks at the business metrics of every model that has a baseline, once an hour.

    Days that are missing are measured in turns of some seconds; nothing is judged until all are
    there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: dict[str, tuple[int, float]] = {}

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Return the incidents that changed.

        Parameters
        ----------
        at_once
            Look now, even if the hour is not over, and measure all days that are missing.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        found: list[ServiceIncident] = []
        for model, version in self._store.watch_log.watched().items():
            before, due = self._due.get(model, (version, 0.0))
            if not at_once and before == version and monotonic() < due:
                continue
            begun = monotonic()
            baseline = open_baseline(self._store, model, version)
            is_done = self._measure(model, baseline, now, at_once=at_once)
            if is_done:
                found += watch_business(self._store, model, baseline, now=now)
            rest = _EVERY_SECONDS if is_done else _REST * (monotonic() - begun)
            self._due[model] = version, monotonic() + rest
        return found

    def _measure(self, model: str, baseline: OpenBaseline, now: datetime, *, at_once: bool) -> bool:
        """Measure days that are missing, and return whether none is left."""
        metrics = watched_metrics(self._store, model)
        self._store.business.forget_others(model, [recipe_of(metric) for metric in metrics])
        begun = monotonic()
        for metric in metrics:
            try:
                for left in missing_days(self._store, model, metric, baseline, now=now):
                    if left and not at_once and monotonic() - begun >= _TURN_SECONDS:
                        return False
            except SettingsError:
                continue  # whoever asks for the metric is told why
        return True
