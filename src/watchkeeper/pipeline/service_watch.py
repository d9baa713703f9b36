"""All that is done for the service of a store's models: added up, judged, told."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchkeeper.pipeline.cost_incidents import watch_costs
from watchkeeper.pipeline.good_counts import GoodCounts
from watchkeeper.pipeline.objective_incidents import watch_objectives
from watchkeeper.pipeline.service_rollup import ServiceRollup
from watchkeeper.store import ServiceIncident, Store

_OBJECTIVES_EVERY = timedelta(seconds=10)
_COSTS_EVERY = timedelta(minutes=1)


class ServiceWatch:
    """Takes up what arrives, and holds it against the objectives and budgets in force.

    Objectives are looked at every 10 seconds, budgets every minute, both by the events that there
    are then.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rollup = ServiceRollup(store)
        self._counts: dict[str, GoodCounts] = {}
        self._looked: dict[str, datetime] = {}
        self._priced: dict[str, datetime] = {}

    def advance(self, *, now: datetime, at_once: bool = False) -> list[ServiceIncident]:
        """Take up what has arrived, and return the incidents that changed.

        Parameters
        ----------
        at_once
            Whether everything is taken up, however much it is, and judged, however short ago it was
            judged last.
        """
        while self._rollup.advance(now=now) and at_once:
            pass
        changed: list[ServiceIncident] = []
        for model in self._models():
            if at_once or _is_due(self._looked, model, now, _OBJECTIVES_EVERY):
                counts = self._counts.setdefault(model, GoodCounts(self._store, model))
                changed += watch_objectives(self._store, model, counts, now=now)
            if at_once or _is_due(self._priced, model, now, _COSTS_EVERY):
                changed += watch_costs(self._store, model, now=now)
        return changed

    def _models(self) -> list[str]:
        """Return the models with something to hold them against, or with an open incident."""
        settings = self._store.operating.models()
        judged = {name for name, one in settings.items() if one.objectives or one.costs}
        told = {one.model for one in self._store.service_incidents.all(open_only=True)}
        return sorted(judged | told)


def _is_due(last: dict[str, datetime], model: str, now: datetime, every: timedelta) -> bool:
    # A clock that was set back must not stop it.
    if model in last and timedelta(0) <= now - last[model] < every:
        return False
    last[model] = now
    return True
