"""Writes records to a store on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from watchkeeper.events import Record, validate
from watchkeeper.sdk.sink import SendReport
from watchkeeper.store import Store


class StoreSink:
    """A store's folder as a sink; made if it is missing."""

    survives_fork = False

    def __init__(self, path: str) -> None:
        self._store = Store.open(path)

    def send(self, records: Sequence[Record], *, timeout_seconds: float) -> SendReport:
        """Return once the records are on disk."""
        checked = validate(records, now=datetime.now(UTC))
        duplicates = self._store.append(checked.records).duplicates if checked.records else 0
        return SendReport(
            duplicates=duplicates,
            rejected=tuple(f"{one.field}: {one.reason}" for one in checked.rejections),
        )

    def close(self) -> None:
        """Close the store."""
        self._store.close()
