"""The scorers that are in force, model by model, as a writer to the store must know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.events import OperatingSettings
from watchkeeper.store.database import Database
from watchkeeper.store.operating import MODEL_SCOPE
from watchkeeper.store.tables import outlier_scorers, settings

if TYPE_CHECKING:
    from watchkeeper.watch.outliers import OutlierScorer

_NEWEST = "SELECT (SELECT max(number) FROM outlier_scorers), (SELECT max(number) FROM settings)"


class OutlierScorers:
    """One process's view of the scorers: each is read once, when its model's rows first come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: tuple[object, object] | None = None
        self._numbers: dict[str, int] = {}
        self._read: dict[int, OutlierScorer | None] = {}

    def of(self, model: str) -> OutlierScorer | None:
        """Return what scores a model's predictions; ``None`` for nothing.

        What was saved, or switched off, before this call is known: two numbers are looked up. A
        scorer that is damaged scores nothing: predictions are kept without.
        """
        with self._database.reading() as connection:
            row = connection.exec_driver_sql(_NEWEST).one()
            newest = (row[0], row[1])
            if newest != self._newest:
                self._numbers = _in_force(connection)
                kept = set(self._numbers.values())
                self._read = {n: one for n, one in self._read.items() if n in kept}
                self._newest = newest
            number = self._numbers.get(model)
            if number is None:
                return None
            if number not in self._read:
                self._read[number] = _read(connection, number)
            return self._read[number]


def _in_force(connection: sa.Connection) -> dict[str, int]:
    """Return the number of each model's scorer, of those that have one and use it."""
    c = outlier_scorers.c
    query = sa.select(c.model, c.number).where(c.payload.is_not(None))
    found = {str(model): int(number) for model, number in connection.execute(query)}
    return {model: number for model, number in found.items() if _is_wanted(connection, model)}


def _is_wanted(connection: sa.Connection, model: str) -> bool:
    query = (
        sa.select(settings.c.payload)
        .where(settings.c.scope == MODEL_SCOPE + model)
        .order_by(settings.c.number.desc())
    )
    payload = connection.execute(query.limit(1)).scalar()
    quality = None if payload is None else OperatingSettings.from_bytes(payload).quality
    return quality is None or quality.outliers


def _read(connection: sa.Connection, number: int) -> OutlierScorer | None:
    from watchkeeper.watch.outliers import scorer_from_bytes

    c = outlier_scorers.c
    payload = connection.execute(sa.select(c.payload).where(c.number == number)).scalar()
    try:
        return scorer_from_bytes(bytes(payload or b""))
    except StoreError:
        return None
