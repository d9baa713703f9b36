"""The projects of a server, each with its store and the intake into it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from watchkeeper.server.faults import Faults
from watchkeeper.server.intake import Intake
from watchkeeper.server.metrics import ProjectMetrics
from watchkeeper.store import DEFAULT_PROJECT, Store, project_folder, project_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One project while it is served."""

    name: str
    store: Store
    intake: Intake
    metrics: ProjectMetrics


class Tenants:
    """Opens projects when they are first asked for, and keeps them open. For one event loop.

    Parameters
    ----------
    store
        Of the project ``default``, whose folder holds the others; the caller closes it.
    """

    def __init__(self, store: Store) -> None:
        self._root = store
        self._open: dict[str, Tenant] = {}
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._opening_faults = Faults("the project cannot be opened")
        self._sealing_faults = Faults("the journal cannot be sealed; it keeps what it has")
        self._expiring_faults = Faults("what is too old cannot be removed; it stays")

    async def of(self, project: str) -> Tenant:
        """Return a project.

        Raises
        ------
        SettingsError, StoreError
            If there is no such project, or its store cannot be opened.
        """
        tenant = self._open.get(project)
        if tenant is not None:
            return tenant
        async with self._opening:
            if project not in self._open:
                self._open[project] = await self._opened(project)
            return self._open[project]

    async def all(self) -> list[Tenant]:
        """Return every project there is now; one that cannot be opened is logged and left out."""
        found: list[Tenant] = []
        for name in await asyncio.to_thread(project_names, self._root.folder):
            with self._opening_faults.logged(name):
                found.append(await self.of(name))
        return found

    async def seal(self) -> None:
        """Seal every project's journal."""
        for tenant in await self.all():
            # If that fails the journal keeps the records; the next round tries again.
            with self._sealing_faults.logged(tenant.name):
                await asyncio.to_thread(tenant.store.seal, now=datetime.now(UTC))

    async def expire(self) -> None:
        """Remove what is older than the retention in force, and old notices, of every project."""
        for tenant in await self.all():
            now = datetime.now(UTC)
            with self._expiring_faults.logged(tenant.name):
                await asyncio.to_thread(tenant.store.retention.tidy, now=now)
                await asyncio.to_thread(tenant.store.notices.prune, now=now)

    async def close(self) -> None:
        """Commit what waits, and close all."""
        self._open.clear()
        await self._stack.aclose()

    async def _opened(self, project: str) -> Tenant:
        store = self._root
        if project != DEFAULT_PROJECT:
            folder = await asyncio.to_thread(project_folder, self._root.folder, project)
            store = await asyncio.to_thread(Store.open, folder, create=False)
            self._stack.push_async_callback(asyncio.to_thread, store.close)
        intake = Intake(store)
        self._stack.push_async_callback(_ended, intake, asyncio.create_task(intake.run()))
        return Tenant(name=project, store=store, intake=intake, metrics=ProjectMetrics(store))


async def _ended(intake: Intake, committing: asyncio.Task[None]) -> None:
    committing.cancel()
    await asyncio.gather(committing, return_exceptions=True)
    await intake.close()
