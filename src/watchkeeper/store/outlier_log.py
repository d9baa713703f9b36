"""What tells outliers among each model's predictions, and how many there were, by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.store.catalog import Window
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.reading import query_rows
from watchkeeper.store.tables import outlier_cells, outlier_scorers

_COUNTED = """
SELECT CAST(floor(epoch(time) / 3600) AS BIGINT) * 3600 AS start, count(*) AS scored,
    count(*) FILTER (outlier_score >= 1) AS outliers
FROM prediction WHERE outlier_score IS NOT NULL GROUP BY ALL ORDER BY start
"""


_COLUMNS = """
SELECT name FROM (SELECT unnest(outlier_columns) AS name FROM prediction WHERE outlier_score >= 1)
GROUP BY name ORDER BY count(*) DESC, name LIMIT ?
"""


class NewScorer(NamedTuple):
    """What a baseline brings: what is known of the scorer, and itself if there is one."""

    facts: bytes
    payload: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScorer:
    """What scores a model's predictions since its newest baseline.

    Attributes
    ----------
    number
        Unique in the store.
    counted_sequence
        Up to which journal entry what it scored is counted.
    facts
        As they were saved with the baseline.
    has_payload
        Whether there is a scorer, or only the reason why not.
    """

    number: int
    model: str
    baseline_version: int
    counted_sequence: int
    facts: bytes
    has_payload: bool


class OutlierCell(NamedTuple):
    """Predictions of one hour that were scored, and the outliers among them.

    ``start`` is in seconds since 1970.
    """

    start: int
    scored: int
    outliers: int


class OutlierLog:
    """The scorers of one project's models, and what they counted."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def scorers(self) -> list[KeptScorer]:
        """Return what each model that has a baseline is scored by, by the models' names."""
        with self._database.reading() as connection:
            rows = connection.execute(_KEPT.order_by(outlier_scorers.c.model))
            return [KeptScorer(**row._mapping) for row in rows]

    def scorer(self, model: str) -> KeptScorer | None:
        """Return what a model is scored by, ``None`` if no baseline brought anything."""
        query = _KEPT.where(outlier_scorers.c.model == model)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else KeptScorer(**row._mapping)

    def payload(self, number: int) -> bytes | None:
        """Return a scorer as it was saved, ``None`` if there is none."""
        c = outlier_scorers.c
        with self._database.reading() as connection:
            return connection.execute(sa.select(c.payload).where(c.number == number)).scalar()

    def count(self, scorer: KeptScorer, *, up_to: int) -> int:
        """Count what a scorer scored up to a journal entry; return the rows that were new.

        Nothing is counted twice: if another process was faster, it is left to that one.
        """
        if up_to <= scorer.counted_sequence:
            return 0
        window = Window(after_sequence=scorer.counted_sequence, up_to_sequence=up_to)
        cells = self._counted(scorer.model, window)
        c = outlier_scorers.c
        with self._database.writing() as connection:
            moved = connection.execute(
                sa.update(outlier_scorers)
                .where(c.number == scorer.number, c.counted_sequence == scorer.counted_sequence)
                .values(counted_sequence=up_to)
            )
            if not moved.rowcount:
                return 0
            _add(connection, scorer.number, cells)
        return sum(cell.scored for cell in cells)

    def replace(self, scorer: KeptScorer, given: NewScorer) -> None:
        """Keep another scorer for the same baseline, if no other process was faster."""
        c = outlier_scorers.c
        with self._database.writing() as connection:
            query = sa.select(c.number).where(c.model == scorer.model)
            if connection.execute(query).scalar() == scorer.number:
                enter_scorer(connection, scorer.model, scorer.baseline_version, given)

    def cells(self, number: int, *, start: int = 0, end: int | None = None) -> list[OutlierCell]:
        """Return what a scorer counted of hours with ``start <= hour < end``, in order."""
        c = outlier_cells.c
        query = sa.select(c.start, c.scored, c.outliers).where(c.scorer == number, c.start >= start)
        if end is not None:
            query = query.where(c.start < end)
        with self._database.reading() as connection:
            return [OutlierCell(*row) for row in connection.execute(query.order_by(c.start))]

    def counted(self, model: str, *, start: datetime, end: datetime) -> list[OutlierCell]:
        """Return the same of predictions with ``start <= time < end``, whatever scored them."""
        return self._counted(model, Window(start=start, end=end))

    def _counted(self, model: str, window: Window) -> list[OutlierCell]:
        views: dict[Kind, Window] = {"prediction": window}
        found = query_rows(self._database, self._folder, model, views, _COUNTED)
        return [OutlierCell(**row) for row in found.to_pylist()]

    def columns(self, model: str, *, start: datetime, end: datetime, most: int) -> list[str]:
        """Return the columns that made most of a time's predictions outliers."""
        views: dict[Kind, Window] = {"prediction": Window(start=start, end=end)}
        found = query_rows(self._database, self._folder, model, views, _COLUMNS, [most])
        return [str(name) for name in found.column("name").to_pylist()]


def enter_scorer(
    connection: sa.Connection, model: str, version: int, given: NewScorer | None
) -> None:
    """Keep what a baseline brings, in its transaction, in place of what scored before."""
    c = outlier_scorers.c
    before = sa.select(c.number).where(c.model == model)
    connection.execute(sa.delete(outlier_cells).where(outlier_cells.c.scorer.in_(before)))
    connection.execute(sa.delete(outlier_scorers).where(c.model == model))
    sequence = connection.exec_driver_sql(
        "SELECT seq FROM sqlite_sequence WHERE name = 'journal'"
    ).scalar()
    connection.execute(
        sa.insert(outlier_scorers).values(
            model=model,
            baseline_version=version,
            counted_sequence=int(sequence or 0),
            facts=b"" if given is None else given.facts,
            payload=None if given is None else given.payload,
        )
    )


_KEPT = sa.select(
    outlier_scorers.c.number,
    outlier_scorers.c.model,
    outlier_scorers.c.baseline_version,
    outlier_scorers.c.counted_sequence,
    outlier_scorers.c.facts,
    outlier_scorers.c.payload.is_not(None).label("has_payload"),
)


def _add(connection: sa.Connection, number: int, cells: Sequence[OutlierCell]) -> None:
    if cells:
        connection.exec_driver_sql(
            "INSERT INTO outlier_cells (scorer, start, scored, outliers) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (scorer, start) DO UPDATE SET scored = scored + excluded.scored,"
            " outliers = outliers + excluded.outliers",
            [(number, *cell) for cell in cells],
        )
