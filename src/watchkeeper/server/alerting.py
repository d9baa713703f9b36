"""Tells of incidents, all the while the server runs: one thread for each channel."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from datetime import UTC, datetime
from typing import Final

from watchkeeper.pipeline.alerting import Outbox, Sender
from watchkeeper.server.faults import Faults
from watchkeeper.server.rounds import Rounds
from watchkeeper.server.tenants import Tenant, Tenants

logger = logging.getLogger("watchkeeper.server")

_LOOK_SECONDS: Final = 1.0
_GOODBYE_SECONDS: Final = 5.0


class Alerting:
    """Fills the outboxes of all projects as incidents change, and empties them.

    A receiver that is slow or dead delays its own messages only: not those of other channels, nor
    the watch, nor what comes in. What waits lies in the store, so that a server that was killed
    goes on where it was.
    """

    def __init__(self, tenants: Tenants) -> None:
        self._outboxes: dict[str, Outbox] = {}
        self._mailmen: dict[tuple[str, str], _Mailman] = {}
        self._rounds = Rounds(
            tenants,
            self._look,
            name="alerts",
            interval_seconds=_LOOK_SECONDS,
            faults=Faults("alerts stand still"),
        )

    async def run(self) -> None:
        """Look again and again until cancelled; then give what is being sent a moment."""
        try:
            await self._rounds.run()
        finally:
            await asyncio.to_thread(self._end)

    def _look(self, tenant: Tenant) -> None:
        outbox = self._outboxes.get(tenant.name)
        if outbox is None:
            outbox = self._outboxes[tenant.name] = Outbox(tenant.store)
        added = outbox.fill(now=datetime.now(UTC))
        for channel in outbox.settings.channels if outbox.settings is not None else ():
            mailman = self._mailmen.get((tenant.name, channel))
            if mailman is None:
                mailman = self._mailmen[tenant.name, channel] = _Mailman(tenant, outbox, channel)
                mailman.start()
            if added:
                mailman.wake.set()

    def _end(self) -> None:
        for mailman in self._mailmen.values():
            mailman.is_ending = True
            mailman.wake.set()
        for mailman in self._mailmen.values():
            mailman.join(_GOODBYE_SECONDS / len(self._mailmen))


class _Mailman(threading.Thread):
    """Sends what one channel has to send. A daemon: no receiver keeps a server from ending."""

    def __init__(self, tenant: Tenant, outbox: Outbox, channel: str) -> None:
        super().__init__(name=f"alerts-{tenant.name}-{channel}", daemon=True)
        self.wake = threading.Event()
        self.is_ending = False
        self._outbox = outbox
        self._counted = tenant.metrics.alerts
        self._channel = channel
        self._faults = Faults("alerts cannot be sent")
        self._sender = Sender(
            store=tenant.store, project=tenant.name, channel=channel, environ=os.environ
        )
        for result in ("sent", "failed", "dead"):
            self._counted.labels(channel, result)

    def run(self) -> None:
        """Send until told to end."""
        while not self.is_ending:
            outcome = "nothing"
            with self._faults.logged(self.name):
                settings = self._outbox.settings
                if settings is not None:
                    outcome = self._sender.send_next(settings, now=datetime.now(UTC))
            if outcome == "nothing":
                self.wake.wait(_LOOK_SECONDS)
                self.wake.clear()
                continue
            self._counted.labels(self._channel, outcome).inc()
            if outcome != "sent":
                logger.warning(
                    "alerts by %s: a message was not taken; see watchkeeper alerts list",
                    self._channel,
                )
