"""The watch of every model, all the while the server runs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from watchkeeper.pipeline import Change, Watch
from watchkeeper.server.faults import Faults
from watchkeeper.server.logs import fields
from watchkeeper.server.rounds import Rounds
from watchkeeper.server.tenants import Tenant, Tenants

logger = logging.getLogger("watchkeeper.server")

_STEADY: Final = timedelta(seconds=5)
_UNSURE_SECONDS: Final = 600.0
_LOOK_BACK_SECONDS: Final = 30.0
_LONGEST_LOOK_BACK_SECONDS: Final = 0.5


class Watching:
    """Judges the buckets of all models with a baseline as they complete, in a thread of its own.

    What was judged lies in the store, so that a server that was killed goes on where it was. An
    error of one model is logged, once as long as it stays the same, and the others go on.

    Parameters
    ----------
    interval_seconds
        Pause between two looks at the stores.
    """

    def __init__(self, tenants: Tenants, *, interval_seconds: float) -> None:
        self._clock = _Clock()
        self._watches: dict[tuple[str, str], Watch] = {}
        self._looked_back: dict[tuple[str, str], float] = {}
        self._faults = Faults("the watch stands still")
        self._late_faults = Faults("late rows are not taken in")
        self._rounds = Rounds(
            tenants,
            self._look,
            name="watch",
            interval_seconds=interval_seconds,
            faults=self._faults,
        )

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._rounds.run()

    def _look(self, tenant: Tenant) -> None:
        now = datetime.now(UTC)
        is_steady = self._clock.is_steady(now)
        for model, version in tenant.store.watch_log.watched().items():
            name = f"{tenant.name}/{model}"
            with self._faults.logged(name):
                watch = self._watches.get((tenant.name, model))
                if watch is None or watch.version != version:
                    watch = self._watches[tenant.name, model] = Watch(tenant.store, model)
                seen = watch.advance(now=now, by_clock=is_steady, look_back=False)
                for change in seen.changes:
                    _log(tenant.name, model, change)
            tenant.metrics.faults.labels(model).set(name in self._faults)
        self._look_back(tenant, now)

    def _look_back(self, tenant: Tenant, now: datetime) -> None:
        """Look for late rows, of each model now and then: buckets that are complete come first."""
        begun = monotonic()
        for model, version in tenant.store.watch_log.watched().items():
            key = tenant.name, model
            watch, last = self._watches.get(key), self._looked_back.get(key, float("-inf"))
            is_due = monotonic() - last >= _LOOK_BACK_SECONDS
            if watch is None or watch.version != version or not is_due:
                continue
            self._looked_back[key] = monotonic()
            with self._late_faults.logged(f"{tenant.name}/{model}"):
                watch.look_back(now=now)
            if monotonic() - begun >= _LONGEST_LOOK_BACK_SECONDS:
                break


def _log(project: str, model: str, change: Change) -> None:
    if change.what == "grew":
        return
    incident = change.incident
    logger.info(
        "incident %s: %s",
        change.what,
        incident.message,
        extra=fields(
            project=project,
            model=model,
            incident=incident.incident_id,
            at=None if change.at is None else change.at.isoformat(),
        ),
    )


class _Clock:
    """Tells whether the wall clock ran on evenly; for a while after it was set, it is not trusted.

    Silence is measured by the wall clock, and a clock that jumped ahead looks like one.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._unsure_until = float("-inf")

    def is_steady(self, now: datetime) -> bool:
        ticks = monotonic()
        if self._last is not None:
            wall, passed = now - self._last[0], timedelta(seconds=ticks - self._last[1])
            if abs(wall - passed) > _STEADY:
                logger.warning("the clock was set; silence is not judged for a while")
                self._unsure_until = ticks + _UNSURE_SECONDS
        self._last = now, ticks
        return ticks >= self._unsure_until
