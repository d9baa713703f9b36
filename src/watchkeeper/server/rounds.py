"""Work that is done on every project again and again, as long as the server runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from watchkeeper.server.faults import Faults
from watchkeeper.server.tenants import Tenant, Tenants


class Rounds:
    """Goes round the projects, in a thread of its own.

    An error in one project is logged, once as long as it stays the same, and the others go on.

    Parameters
    ----------
    look
        What is done with each project.
    name
        Of the thread.
    interval_seconds
        Pause between two rounds.
    """

    def __init__(
        self,
        tenants: Tenants,
        look: Callable[[Tenant], None],
        *,
        name: str,
        interval_seconds: float,
        faults: Faults,
    ) -> None:
        self._tenants = tenants
        self._look = look
        self._interval_seconds = interval_seconds
        self._faults = faults
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self) -> None:
        """Go round until cancelled; what is under way then is waited for."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                with self._faults.logged("the projects"):
                    for tenant in await self._tenants.all():
                        with self._faults.logged(tenant.name):
                            await loop.run_in_executor(self._thread, self._look, tenant)
                await asyncio.sleep(self._interval_seconds)
        finally:
            self._thread.shutdown(wait=True)
