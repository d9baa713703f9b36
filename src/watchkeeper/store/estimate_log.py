"""What is estimated of the quality of predictions before their labels come, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.estimate_rows import EstimateRows
from watchkeeper.store.service_cells import HOUR
from watchkeeper.store.tables import (
    estimate_cells,
    estimate_pending,
    estimate_progress,
    estimators,
)

_DAY = 86_400


class KeptEstimator(NamedTuple):
    """What a model's estimates are made by.

    Attributes
    ----------
    facts
        By what it was fitted, or why it could not be.
    payload
        The estimator, empty if there is none.
    """

    facts: bytes
    payload: bytes


class EstimateCell(NamedTuple):
    """What is estimated of a time: how many predictions it had, and all else as bytes."""

    start: int
    predictions: int
    payload: bytes


class EstimateProgress(NamedTuple):
    """Up to where predictions were taken up; ``revision`` grows with every change."""

    sequence: int
    revision: int


class EstimateLog:
    """The estimates of every model of a project."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.rows = EstimateRows(database, folder)

    def progress(self, model: str) -> EstimateProgress:
        """Return how far a model's predictions were taken up; nothing yet for a new one."""
        with self._database.reading() as connection:
            return _progress(connection, model)

    def revision(self) -> int:
        """Return a number that grows whenever estimates change."""
        query = sa.select(sa.func.sum(estimate_progress.c.revision))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar() or 0)

    def facts(self, model: str) -> bytes | None:
        """Return by what a model's estimator was fitted, ``None`` if none was tried."""
        query = sa.select(estimators.c.facts).where(estimators.c.model == model)
        with self._database.reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else bytes(found)

    def estimator(self, model: str) -> KeptEstimator | None:
        """Return what a model's estimates are made by."""
        c = estimators.c
        query = sa.select(c.facts, c.payload).where(c.model == model)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else KeptEstimator(*row)

    def begin_again(
        self, model: str, kept: KeptEstimator, *, hours: Iterable[int], up_to: int
    ) -> None:
        """Estimate by another estimator, or by none, from now on: these hours again.

        Parameters
        ----------
        up_to
            The hours are those of predictions up to this journal entry.
        """
        with self._database.writing() as connection:
            for table in (estimate_cells, estimate_pending, estimators):
                connection.execute(sa.delete(table).where(table.c.model == model))
            connection.exec_driver_sql("INSERT INTO estimators VALUES (?, ?, ?)", (model, *kept))
            _note(connection, model, hours, up_to)
            before = _progress(connection, model)
            _save(connection, model, EstimateProgress(up_to, before.revision + 1))

    def take_up(self, model: str, *, after: int, up_to: int, hours: Iterable[int]) -> None:
        """Note which hours new predictions touch, unless another process did meanwhile."""
        with self._database.writing() as connection:
            before = _progress(connection, model)
            if before.sequence == after:
                _note(connection, model, hours, up_to)
                _save(connection, model, before._replace(sequence=up_to))

    def pending(self, model: str) -> dict[int, set[int]]:
        """Return the hours to estimate again, by day, the newest day first."""
        c = estimate_pending.c
        days: dict[int, set[int]] = {}
        query = sa.select(c.start).where(c.model == model).order_by(c.start.desc())
        with self._database.reading() as connection:
            for start in connection.execute(query).scalars():
                days.setdefault(start // _DAY * _DAY, set()).add(start)
        return days

    def forget(self, model: str, hours: Iterable[int], *, up_to: int) -> None:
        """Note that hours need not be estimated, unless they were touched after ``up_to``."""
        with self._database.writing() as connection:
            _take_off(connection, model, hours, up_to)

    def record(
        self,
        model: str,
        cells: Mapping[tuple[int, int], EstimateCell],
        *,
        hours: Iterable[int],
        up_to: int,
        oldest_hour: int,
    ) -> bool:
        """Keep estimates in place of those that were.

        Parameters
        ----------
        cells
            By level (3600 or 86400 seconds) and start; a start without predictions has no cell.
        hours
            Those that were waiting.
        oldest_hour
            Estimates of single hours before it are kept no longer.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another process estimated these hours meanwhile.
        """
        wanted = sorted(hours)
        c = estimate_cells.c
        places = {(HOUR, hour) for hour in wanted} | {(_DAY, h // _DAY * _DAY) for h in wanted}
        with self._database.writing() as connection:
            if not _are_waiting(connection, model, wanted):
                connection.rollback()
                return False
            _take_off(connection, model, wanted, up_to)
            if places:
                connection.exec_driver_sql(
                    "DELETE FROM estimate_cells"
                    " WHERE model = ? AND level_seconds = ? AND start = ?",
                    [(model, *place) for place in places],
                )
            rows = [(model, level, *cell) for (level, _), cell in cells.items()]
            if rows:
                connection.exec_driver_sql(
                    "INSERT INTO estimate_cells VALUES (?, ?, ?, ?, ?)", rows
                )
            too_old = (c.model == model, c.level_seconds == HOUR, c.start < oldest_hour)
            connection.execute(sa.delete(estimate_cells).where(*too_old))
            before = _progress(connection, model)
            _save(connection, model, before._replace(revision=before.revision + 1))
        return True

    def cells(self, model: str, level: int, *, start: int, end: int) -> list[EstimateCell]:
        """Return the estimates with ``start <= cell's start < end``, by start."""
        c = estimate_cells.c
        query = (
            sa.select(c.start, c.predictions, c.payload)
            .where(c.model == model, c.level_seconds == level, c.start >= start, c.start < end)
            .order_by(c.start)
        )
        with self._database.reading() as connection:
            return [EstimateCell(*row) for row in connection.execute(query)]


def note_touched(
    connection: sa.Connection, model: str, hours: Iterable[int], sequence: int
) -> None:
    """Note in a transaction that labels of some hours changed."""
    _note(connection, model, hours, sequence)


def _note(connection: sa.Connection, model: str, hours: Iterable[int], sequence: int) -> None:
    rows = [(model, hour, sequence) for hour in sorted(set(hours))]
    if rows:
        connection.exec_driver_sql("INSERT OR REPLACE INTO estimate_pending VALUES (?, ?, ?)", rows)


def _are_waiting(connection: sa.Connection, model: str, hours: list[int]) -> bool:
    c = estimate_pending.c
    query = sa.select(sa.func.count()).where(c.model == model, c.start.in_(hours))
    return connection.execute(query).scalar() == len(hours)


def _take_off(connection: sa.Connection, model: str, hours: Iterable[int], up_to: int) -> None:
    c = estimate_pending.c
    mine = (c.model == model, c.start.in_(list(hours)), c.sequence <= up_to)
    connection.execute(sa.delete(estimate_pending).where(*mine))


def _progress(connection: sa.Connection, model: str) -> EstimateProgress:
    c = estimate_progress.c
    query = sa.select(c.sequence, c.revision).where(c.model == model)
    row = connection.execute(query).first()
    return EstimateProgress(0, 0) if row is None else EstimateProgress(*row)


def _save(connection: sa.Connection, model: str, progress: EstimateProgress) -> None:
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO estimate_progress VALUES (?, ?, ?)", (model, *progress)
    )
