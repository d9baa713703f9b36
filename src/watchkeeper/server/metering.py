"""What the models' service does is added up and judged all the while the server runs."""

from __future__ import annotations

from datetime import UTC, datetime

from watchkeeper.pipeline import ServiceWatch
from watchkeeper.server.faults import Faults
from watchkeeper.server.rounds import Rounds
from watchkeeper.server.tenants import Tenant, Tenants


class Metering:
    """Adds what arrives to the service cells of all models and judges it, in a thread of its own.

    How far that got lies in the store, so that a server that was killed goes on there.

    Parameters
    ----------
    interval_seconds
        Pause between two looks at the stores.
    """

    def __init__(self, tenants: Tenants, *, interval_seconds: float) -> None:
        self._watches: dict[str, ServiceWatch] = {}
        self._rounds = Rounds(
            tenants,
            self._look,
            name="metering",
            interval_seconds=interval_seconds,
            faults=Faults("what predictions took and cost cannot be added up"),
        )

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._rounds.run()

    def _look(self, tenant: Tenant) -> None:
        watch = self._watches.setdefault(tenant.name, ServiceWatch(tenant.store))
        watch.advance(now=datetime.now(UTC))
