"""Group commit: concurrent requests share one durable write."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from watchkeeper.store import Receipt, Store, Submission

_MOST_RECORDS_PER_COMMIT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    prepared: Sequence[Submission]
    rows: int
    receipt: asyncio.Future[Receipt]


class Intake:
    """Appends what concurrent requests submit, all that waits in one commit.

    While one commit is written to disk, later submissions gather and share the next one; so the
    rate grows with the load, and a lone request waits for nobody. One thread writes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")

    async def submit(self, prepared: Sequence[Submission]) -> Receipt:
        """Return once what ``Store.prepare`` made is durable; errors are those of ``commit``."""
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        rows = sum(len(one.keys) for one in prepared)
        self._waiting.append(_Waiting(prepared=prepared, rows=rows, receipt=receipt))
        self._arrived.set()
        return await receipt

    async def run(self) -> None:
        """Commit until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while group := self._next_group():
                await self._commit(group)

    async def close(self) -> None:
        """Commit what still waits, then end the writing thread."""
        while group := self._next_group():
            await self._commit(group)
        self._writer.shutdown()

    def _next_group(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        records = 0
        while self._waiting and (
            not group or records + self._waiting[0].rows <= _MOST_RECORDS_PER_COMMIT
        ):
            group.append(self._waiting.pop(0))
            records += group[-1].rows
        return group

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        """Append a group in one durable write, and answer each submission."""
        loop = asyncio.get_running_loop()
        batches = [submission.prepared for submission in group]
        try:
            receipts = await loop.run_in_executor(self._writer, self._store.commit, batches)
        except Exception as error:  # noqa: BLE001 - whoever waits must learn of it
            for submission in group:
                _answer(submission, error)
            return
        for submission, receipt in zip(group, receipts, strict=True):
            _answer(submission, receipt)


def _answer(submission: _Waiting, answer: Receipt | Exception) -> None:
    """Answer a request, unless it was cancelled meanwhile."""
    if submission.receipt.done():
        return
    if isinstance(answer, Exception):
        submission.receipt.set_exception(answer)
    else:
        submission.receipt.set_result(answer)
