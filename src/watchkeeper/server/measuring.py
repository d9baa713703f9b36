"""The quality of predictions is measured as their labels come, all the while the server runs."""

from __future__ import annotations

from watchkeeper.pipeline.quality import QualityRollup
from watchkeeper.server.faults import Faults
from watchkeeper.server.rounds import Rounds
from watchkeeper.server.tenants import Tenant, Tenants


class Measuring:
    """Takes up the outcomes that come in of all models, in a thread of its own.

    How far that got lies in the store, so that a server that was killed goes on there.

    Parameters
    ----------
    interval_seconds
        Pause between two looks at the stores.
    """

    def __init__(self, tenants: Tenants, *, interval_seconds: float) -> None:
        self._rollups: dict[str, QualityRollup] = {}
        self._rounds = Rounds(
            tenants,
            self._look,
            name="measuring",
            interval_seconds=interval_seconds,
            faults=Faults("how good predictions are cannot be measured"),
        )

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._rounds.run()

    def _look(self, tenant: Tenant) -> None:
        self._rollups.setdefault(tenant.name, QualityRollup(tenant.store)).advance()
