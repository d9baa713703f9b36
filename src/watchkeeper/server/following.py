"""What arrives is taken up and judged all the while the server runs, a watch for each project."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from watchkeeper.server.faults import Faults
from watchkeeper.server.rounds import Rounds
from watchkeeper.server.tenants import Tenant, Tenants
from watchkeeper.store import Store


class StoreWatch(Protocol):
    """What takes up what has arrived in a store."""

    def advance(self, *, now: datetime) -> object:
        """Take up some seconds' worth of it."""


class Following:
    """Lets a watch follow each project's store, in a thread of its own.

    How far that got lies in the store, so that a server that was killed goes on there.

    Parameters
    ----------
    watch_of
        Makes the watch over a store.
    name
        Of the thread.
    fault
        What cannot be done when it fails, for the log.
    interval_seconds
        Pause between two looks at the stores.
    """

    def __init__(
        self,
        tenants: Tenants,
        watch_of: Callable[[Store], StoreWatch],
        *,
        name: str,
        fault: str,
        interval_seconds: float,
    ) -> None:
        self._watch_of = watch_of
        self._watches: dict[str, StoreWatch] = {}
        self._rounds = Rounds(
            tenants,
            self._look,
            name=name,
            interval_seconds=interval_seconds,
            faults=Faults(fault),
        )

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._rounds.run()

    def _look(self, tenant: Tenant) -> None:
        if tenant.name not in self._watches:
            self._watches[tenant.name] = self._watch_of(tenant.store)
        self._watches[tenant.name].advance(now=datetime.now(UTC))
