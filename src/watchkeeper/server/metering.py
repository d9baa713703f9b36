"""What the models' service does is added up and judged all the while the server runs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from watchkeeper.pipeline import ServiceWatch
from watchkeeper.server.faults import Faults
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
        self._tenants = tenants
        self._interval_seconds = interval_seconds
        self._watches: dict[str, ServiceWatch] = {}
        self._faults = Faults("what predictions took and cost cannot be added up")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="metering")

    async def run(self) -> None:
        """Look again and again until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                for tenant in await self._tenants.all():
                    with self._faults.logged(tenant.name):
                        await loop.run_in_executor(self._thread, self._look, tenant)
                await asyncio.sleep(self._interval_seconds)
        finally:
            self._thread.shutdown(wait=True)

    def _look(self, tenant: Tenant) -> None:
        watch = self._watches.setdefault(tenant.name, ServiceWatch(tenant.store))
        watch.advance(now=datetime.now(UTC))
