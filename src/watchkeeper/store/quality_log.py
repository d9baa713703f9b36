"""What is known of the quality of predictions, and which hours late labels have touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.store.answer_rows import AnswerRows
from watchkeeper.store.columns import Kind
from watchkeeper.store.concept_log import ConceptLog
from watchkeeper.store.database import Database
from watchkeeper.store.estimate_log import note_touched
from watchkeeper.store.item_traits import ItemTraits
from watchkeeper.store.label_days import note_coverage, note_labels
from watchkeeper.store.labelled_stream import LabelledStream
from watchkeeper.store.orphans import (
    forget_orphans,
    note_orphans,
    orphans_of,
    without_prediction,
)
from watchkeeper.store.quality_rows import QualityRows
from watchkeeper.store.ranked_lists import RankedLists
from watchkeeper.store.service_cells import HOUR
from watchkeeper.store.tables import (
    quality_cells,
    quality_pending,
    quality_progress,
)

QualityDimension: TypeAlias = Literal["all", "version", "variant", "segment", "horizon"]
"""What predictions are told apart by."""

DAY = 86_400
REFERENCE = -DAY
"""Stands among the hours that wait for all of the reference."""

_DIMENSIONS: Final[tuple[QualityDimension, ...]] = get_args(QualityDimension)


class QualityKey(NamedTuple):
    """Which predictions a cell tells of: ``start <= time < start + level``, of one value.

    Attributes
    ----------
    level
        3600 for an hour, 86400 for a day of UTC.
    dimension, value
        ``all`` with the value ``""`` for every prediction, or one version, variant, segment or
        number of steps ahead.
    start
        Seconds since 1970.
    """

    level: int
    dimension: QualityDimension
    value: str
    start: int


class KeptCell(NamedTuple):
    """A cell as it is kept: its counts, and all else as bytes."""

    value: str
    start: int
    predictions: int
    labelled: int
    payload: bytes


class QualityProgress(NamedTuple):
    """How far outcomes were taken up, and by what plan; ``revision`` grows with every change."""

    sequence: int
    revision: int
    plan: bytes


class QualityLog:
    """The quality of every model of a project."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.rows = QualityRows(database, folder)
        self.lists = RankedLists(database, folder)
        self.traits = ItemTraits(database)
        self.stream = LabelledStream(database, folder, self.rows)
        self.concept = ConceptLog(database)
        self.answers = AnswerRows(database, folder)

    def progress(self, model: str) -> QualityProgress:
        """Return how far a model's outcomes were taken up; nothing yet for a new one."""
        with self._database.reading() as connection:
            return _progress(connection, model)

    def revision(self) -> int:
        """Return a number that grows whenever cells change."""
        with self._database.reading() as connection:
            total = connection.execute(sa.select(sa.func.sum(quality_progress.c.revision))).scalar()
        return int(total or 0)

    def take_up(
        self,
        model: str,
        *,
        after: int,
        up_to: int,
        kinds: Sequence[Kind],
        hours: Iterable[int],
        fresh: pa.Table,
        found: pa.Table,
        came: pa.Table,
    ) -> bool:
        """Note which hours new outcomes touch, and go on from there.

        Parameters
        ----------
        after, up_to, kinds
            What of which journal entries this is.
        hours
            Starts of the hours that have to be measured again.
        fresh
            The outcomes and feedback, as `QualityRows.fresh` gives them.
        found
            ``prediction_id`` and ``time`` of their predictions. Those without wait for it, the
            newest 200,000.
        came
            The same of predictions that outcomes waited for.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another process took them up meanwhile.
        """
        with self._database.writing() as connection:
            known = _progress(connection, model)
            if known.sequence != after:
                connection.rollback()
                return False
            _note_hours(connection, model, hours, up_to)
            note_touched(connection, model, hours, up_to)
            note_labels(connection, model, fresh, found)
            if came.num_rows:
                note_labels(connection, model, orphans_of(connection, model), came)
                forget_orphans(connection, model, came.column("prediction_id"))
            note_orphans(connection, model, without_prediction(fresh, found), up_to=up_to)
            note_coverage(connection, model, kinds, after=after, up_to=up_to)
            _save(connection, model, known._replace(sequence=up_to))
        return True

    def begin_again(self, model: str, plan: bytes, *, hours: Iterable[int]) -> None:
        """Measure by another plan from now on: these hours again, and all that comes."""
        with self._database.writing() as connection:
            known = _progress(connection, model)
            _note_hours(connection, model, hours, known.sequence)
            _save(connection, model, known._replace(plan=plan))

    def orphans(self, model: str) -> pa.Array:
        """Return the ids of predictions that have an outcome and did not come yet."""
        with self._database.reading() as connection:
            return orphans_of(connection, model).column("prediction_id").unique()

    def pending(self, model: str) -> dict[int, set[int]]:
        """Return the hours to measure again, by day, the newest day first."""
        c = quality_pending.c
        days: dict[int, set[int]] = {}
        with self._database.reading() as connection:
            query = sa.select(c.start).where(c.model == model).order_by(c.start.desc())
            for start in connection.execute(query).scalars():
                days.setdefault(start // DAY * DAY, set()).add(start)
        return days

    def record(
        self,
        model: str,
        cells: Mapping[QualityKey, KeptCell],
        *,
        day: int,
        hours: Iterable[int],
        up_to: int,
        plan: bytes,
    ) -> bool:
        """Put the cells of a day and of some of its hours in place of those that were, for good.

        Returns
        -------
        bool
            ``False``, and nothing is kept, if another process measured these hours meanwhile.
        """
        wanted = sorted(hours)
        with self._database.writing() as connection:
            c = quality_pending.c
            mine = (c.model == model, c.start.in_(wanted))
            waiting = connection.execute(
                sa.select(sa.func.count()).select_from(quality_pending).where(*mine)
            )
            if waiting.scalar() != len(wanted):
                connection.rollback()
                return False
            connection.execute(sa.delete(quality_pending).where(*mine, c.sequence <= up_to))
            _replace(connection, model, cells, _places(day, wanted))
            known = _progress(connection, model)
            _save(connection, model, known._replace(revision=known.revision + 1, plan=plan))
        return True

    def cells(
        self, model: str, level: int, *, start: int, end: int, dimension: QualityDimension = "all"
    ) -> list[KeptCell]:
        """Return the cells with ``start <= cell's start < end``, by start and value."""
        c = quality_cells.c
        query = (
            sa.select(c.value, c.start, c.predictions, c.labelled, c.payload)
            .where(
                c.model == model,
                c.level_seconds == level,
                c.dimension == dimension,
                c.start >= start,
                c.start < end,
            )
            .order_by(c.start, c.value)
        )
        with self._database.reading() as connection:
            return [KeptCell(*row) for row in connection.execute(query)]

    def reference(self, model: str) -> KeptCell | None:
        """Return what the predictions of the reference were like, ``None`` if nothing is known."""
        found = self.cells(model, 0, start=0, end=1)
        return found[0] if found else None

    def hours(self, model: str) -> list[int]:
        """Return the starts of all hours that were measured."""
        c = quality_cells.c
        query = sa.select(c.start).where(
            c.model == model, c.level_seconds == HOUR, c.dimension == "all"
        )
        with self._database.reading() as connection:
            return [int(start) for start in connection.execute(query).scalars()]


def _places(day: int, hours: Sequence[int]) -> set[tuple[int, int]]:
    """Return level and start of what is replaced."""
    if day == REFERENCE:
        return {(0, 0)}
    return {(DAY, day), *((HOUR, hour) for hour in hours)}


def _progress(connection: sa.Connection, model: str) -> QualityProgress:
    c = quality_progress.c
    query = sa.select(c.sequence, c.revision, c.plan).where(c.model == model)
    row = connection.execute(query).first()
    return QualityProgress(0, 0, b"") if row is None else QualityProgress(*row)


def _save(connection: sa.Connection, model: str, progress: QualityProgress) -> None:
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO quality_progress (model, sequence, revision, plan)"
        " VALUES (?, ?, ?, ?)",
        (model, *progress),
    )


def _note_hours(connection: sa.Connection, model: str, hours: Iterable[int], sequence: int) -> None:
    rows = [(model, hour, sequence) for hour in sorted(set(hours))]
    if rows:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO quality_pending (model, start, sequence) VALUES (?, ?, ?)", rows
        )


def _replace(
    connection: sa.Connection,
    model: str,
    cells: Mapping[QualityKey, KeptCell],
    places: set[tuple[int, int]],
) -> None:
    going = [  # each dimension by its name, so that the rows to go lie together
        (model, level, dimension, start) for level, start in places for dimension in _DIMENSIONS
    ]
    connection.exec_driver_sql(
        "DELETE FROM quality_cells"
        " WHERE model = ? AND level_seconds = ? AND dimension = ? AND start = ?",
        going,
    )
    rows = [
        (model, *key, cell.predictions, cell.labelled, cell.payload) for key, cell in cells.items()
    ]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO quality_cells (model, level_seconds, dimension, value, start,"
            " predictions, labelled, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
