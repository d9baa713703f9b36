"""Service cells by minute and hour, and up to which journal entry they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import sqlalchemy as sa

from watchkeeper.metrics import ServiceCell
from watchkeeper.store.arrived import AT_ONCE, Arrived, ColumnsOf, look
from watchkeeper.store.database import Database
from watchkeeper.store.tables import service_cells, service_progress

MINUTE, HOUR = 60, 3600
MINUTES_KEPT = timedelta(days=2)
HOURS_KEPT = timedelta(days=400)

Dimension: TypeAlias = Literal["all", "version", "variant", "segment"]
DIMENSIONS: tuple[Dimension, ...] = ("all", "version", "variant", "segment")

_KEPT = {MINUTE: int(MINUTES_KEPT.total_seconds()), HOUR: int(HOURS_KEPT.total_seconds())}
_PARAMETERS_AT_ONCE = 500


class CellKey(NamedTuple):
    """Which predictions a cell counts: ``start <= time < start + level``, of one value.

    Attributes
    ----------
    level
        60 for a minute, 3600 for an hour.
    dimension, value
        ``all`` with the value ``""`` for every prediction, or one version, variant or segment.
    start
        Seconds since 1970.
    """

    level: int
    dimension: Dimension
    value: str
    start: int


class CellSums(NamedTuple):
    """The plain sums of a cell, read without its latencies."""

    value: str
    start: int
    predictions: int
    errors: int
    costed: int
    cost_nano_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenUp:
    """What a look at new predictions adds.

    Attributes
    ----------
    newest
        Latest event time, seconds since 1970, that bounds what is kept.
    added
        To be merged into the cells that there are.
    """

    arrived: Arrived
    newest: int
    added: Mapping[CellKey, ServiceCell]


class ServiceCells:
    """What is known of the service of every model of a project."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.folder = folder

    def look(
        self, columns_of: ColumnsOf, *, after: int, most_rows: int = AT_ONCE
    ) -> tuple[list[Arrived], int] | None:
        """Return what arrived and is not in the cells, as `arrived.look` does."""
        return look(self._database, columns_of, after=after, most_rows=most_rows)

    def record(self, taken: Sequence[TakenUp]) -> bool:
        """Add to the cells, and go on from there, all or nothing; drop those that are too old.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another process took up some of it meanwhile.
        """
        if not taken:
            return True
        with self._database.reading() as connection:
            before = {one.arrived.model: _progress(connection, one.arrived.model) for one in taken}
            merged = [_merged(connection, one) for one in taken]
        if any(before[one.arrived.model][0] != one.arrived.after_sequence for one in taken):
            return False
        with self._database.writing() as connection:
            for one, rows in zip(taken, merged, strict=True):
                model = one.arrived.model
                known = _progress(connection, model)
                if known[0] != one.arrived.after_sequence:
                    connection.rollback()
                    return False
                newest = max(known[1], one.newest)
                _write(connection, rows)
                if newest // HOUR > known[1] // HOUR:
                    _drop_old(connection, model, newest)
                _save_progress(connection, model, one.arrived.up_to_sequence, newest)
        return True

    def newest(self, model: str) -> int | None:
        """Return the latest event time that cells of a model know of, seconds since 1970."""
        with self._database.reading() as connection:
            sequence, newest = _progress(connection, model)
        return newest if sequence else None

    def revision(self) -> int:
        """Return a number that grows whenever a cell does."""
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.sum(service_progress.c.sequence))).scalar()
        return int(total or 0)

    def models(self) -> list[str]:
        """Return the models that have cells, by name."""
        query = sa.select(service_progress.c.model).order_by(service_progress.c.model)
        with self._database.reading() as connection:
            return [str(model) for model in connection.execute(query).scalars()]

    def names(self, model: str, dimension: Dimension, *, start: int, end: int) -> list[str]:
        """Return the values that had predictions in hours from ``start`` to ``end``, by name."""
        c = service_cells.c
        query = sa.select(c.value).where(*_within(model, HOUR, dimension, start, end))
        with self._database.reading() as connection:
            found = connection.execute(query.distinct().order_by(c.value)).scalars()
            return [str(value) for value in found]

    def values_by_hour(
        self, model: str, dimension: Dimension, hours: Iterable[int]
    ) -> dict[int, set[str]]:
        """Return the values that have a cell of their own in each of some hours."""
        c = service_cells.c
        found: dict[int, set[str]] = {hour: set() for hour in hours}
        places = list(found)
        with self._database.reading() as connection:
            for at in range(0, len(places), _PARAMETERS_AT_ONCE):
                query = sa.select(c.start, c.value).where(
                    c.model == model,
                    c.level_seconds == HOUR,
                    c.dimension == dimension,
                    c.start.in_(places[at : at + _PARAMETERS_AT_ONCE]),
                )
                for start, value in connection.execute(query):
                    found[start].add(value)
        return found

    def sums(
        self, model: str, level: int, *, start: int, end: int, dimension: Dimension = "all"
    ) -> list[CellSums]:
        """Return the sums of the cells with ``start <= cell's start < end``, by start and value."""
        c = service_cells.c
        query = sa.select(c.value, c.start, c.predictions, c.errors, c.costed, c.cost_nano_usd)
        query = query.where(*_within(model, level, dimension, start, end))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.start, c.value))
            return [CellSums(*row) for row in rows]

    def cells(
        self, model: str, level: int, *, start: int, end: int, dimension: Dimension = "all"
    ) -> list[tuple[str, int, ServiceCell]]:
        """Return value, start and cell of those with ``start <= cell's start < end``, as `sums`."""
        c = service_cells.c
        query = sa.select(service_cells).where(*_within(model, level, dimension, start, end))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(c.start, c.value))
            return [(row.value, row.start, _cell(row)) for row in rows]

    def has_minutes(self, model: str, start: int) -> bool:
        """Return whether minutes from this time on are kept."""
        newest = self.newest(model)
        return newest is not None and start >= oldest_kept(newest, MINUTE)


def oldest_kept(newest: int, level: int) -> int:
    """Return the start of the oldest cell of a level that is kept, given the newest event."""
    return (newest // HOUR * HOUR) - _KEPT[level]


def _within(
    model: str, level: int, dimension: Dimension, start: int, end: int
) -> tuple[sa.ColumnElement[bool], ...]:
    c = service_cells.c
    return (
        c.model == model,
        c.level_seconds == level,
        c.dimension == dimension,
        c.start >= start,
        c.start < end,
    )


def _progress(connection: sa.Connection, model: str) -> tuple[int, int]:
    c = service_progress.c
    query = sa.select(c.sequence, c.newest).where(c.model == model)
    row = connection.execute(query).first()
    return (0, 0) if row is None else (int(row.sequence), int(row.newest))


def _save_progress(connection: sa.Connection, model: str, sequence: int, newest: int) -> None:
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO service_progress (model, sequence, newest) VALUES (?, ?, ?)",
        (model, sequence, newest),
    )


_ONE = sa.text(
    "SELECT predictions, errors, costed, cost_nano_usd, latencies FROM service_cells WHERE"
    " model = :model AND level_seconds = :level AND dimension = :dimension AND start = :start"
    " AND value = :value"
)


def _merged(connection: sa.Connection, taken: TakenUp) -> list[tuple[object, ...]]:
    """Return the rows of the cells as they become."""
    model = taken.arrived.model
    rows: list[tuple[object, ...]] = []
    for key, added in taken.added.items():
        names = {
            "level": key.level,
            "dimension": key.dimension,
            "start": key.start,
            "value": key.value,
        }
        found = connection.execute(_ONE, {"model": model, **names}).first()
        cell = added if found is None else ServiceCell.merged([_cell(found), added])
        rows.append(
            (
                model,
                *names.values(),
                cell.predictions,
                cell.errors,
                cell.costed,
                cell.cost_nano_usd,
                cell.latencies_to_bytes(),
            )
        )
    return rows


def _write(connection: sa.Connection, rows: list[tuple[object, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO service_cells (model, level_seconds, dimension, start, value,"
            " predictions, errors, costed, cost_nano_usd, latencies)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def _drop_old(connection: sa.Connection, model: str, newest: int) -> None:
    for level in (MINUTE, HOUR):
        for dimension in DIMENSIONS:  # so that the rows to go lie together
            old = _within(model, level, dimension, 0, oldest_kept(newest, level))
            connection.execute(sa.delete(service_cells).where(*old))


def _cell(row: sa.Row[tuple[object, ...]]) -> ServiceCell:
    return ServiceCell.of_parts(
        predictions=row.predictions,
        errors=row.errors,
        costed=row.costed,
        cost_nano_usd=row.cost_nano_usd,
        latencies=row.latencies,
    )
