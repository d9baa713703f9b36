"""A store: one folder with a state database and sealed event files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.events import Record
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.database import Database
from watchkeeper.store.journal import (
    Journal,
    Kind,
    Receipt,
    submission_of_table,
    submissions_of,
)
from watchkeeper.store.reading import join_outcomes, read_rows
from watchkeeper.store.sealing import SealReport, seal
from watchkeeper.store.tables import journal, sealed_files
from watchkeeper.store.watch_log import WatchLog


class ModelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the store and how many records of each kind it has."""

    model: str
    predictions: int
    outcomes: int
    feedback: int


class Store:
    """Durable home of events and of what watches decide.

    Several processes may append and read at once; one at a time seals. Use as a context manager,
    or close it.

    Attributes
    ----------
    audit
        The audit log.
    watch_log
        Baselines, judged buckets, incidents and progress of watches.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database = Database(folder)
        self._journal = Journal(self._database)
        self.audit = AuditLog(self._database)
        self.watch_log = WatchLog(self._database)

    @classmethod
    def open(cls, path: str | Path, *, create: bool = True) -> Store:
        """Open a store, making and migrating it as needed.

        Raises
        ------
        StoreError
            If the folder is missing and may not be made, is not writable, holds something else,
            or was written by a newer version.
        BusyError
            If another process holds it for too long.
        """
        folder = Path(path).expanduser()
        if not (folder / "state.sqlite").exists() and not create:
            raise StoreError(f"there is no store in {folder}; check the path, or import data first")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {folder} cannot be made: {error}") from error
        return cls(folder)

    def append(self, records: Sequence[Record]) -> Receipt:
        """Keep records, and return when they are on disk.

        Records whose id the store has already are counted as duplicates and left out.

        Raises
        ------
        RecordError
            A record holds a value that cannot be kept; nothing was written.
        BusyError, StoreError
            Nothing was written.
        """
        submissions = submissions_of(records)
        self._journal.commit(submissions)
        return _total([s.receipt for s in submissions])

    def append_many(self, batches: Sequence[Sequence[Record]]) -> list[Receipt]:
        """Keep several batches in one durable write, with a receipt for each."""
        grouped = [submissions_of(records) for records in batches]
        self._journal.commit([s for group in grouped for s in group])
        return [_total([s.receipt for s in group]) for group in grouped]

    def append_table(self, model: str, kind: Kind, table: pa.Table) -> Receipt:
        """Keep a whole table whose columns are named as in `predictions`.

        Raises
        ------
        RecordError
            If the column of ids or times is missing or has nulls, or a column that every table
            has is of another type.
        BusyError, StoreError
            Nothing was written.
        """
        submission = submission_of_table(model, kind, table)
        self._journal.commit([submission])
        return _total([submission.receipt])

    def seal(self, *, now: datetime | None = None) -> SealReport:
        """Move everything in the journal to sealed Parquet files."""
        del now
        return seal(self._database, self.folder)

    def predictions(
        self,
        model: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        since_sequence: int = 0,
        up_to_sequence: int | None = None,
        with_labels: bool = True,
    ) -> pa.Table:
        """Return predictions with ``start <= time < end`` and the label known so far.

        Parameters
        ----------
        since_sequence
            Only predictions that arrived after this journal entry.
        up_to_sequence
            Only what had arrived with this journal entry, outcomes too.
        with_labels
            Whether to look for outcomes; without, ``label`` and ``label_time`` are left out.

        Returns
        -------
        Sorted by time and id: ``prediction_id``, ``time``, ``version``, ``variant``, ``entity``,
        ``latency_seconds``, ``cost_usd``, ``error``, ``trace_id``, ``sequence``; ``output`` or
        ``output:<class>``, ``feature:<name>``, ``tag:<name>``, ``misfit:<name>`` as far as
        there are any; ``label`` and ``label_time``.
        """
        found = read_rows(
            self._database,
            self.folder,
            model,
            "prediction",
            start=start,
            end=end,
            after_sequence=since_sequence,
            up_to_sequence=up_to_sequence,
        )
        if not with_labels:
            return found.sort_by([("time", "ascending"), ("prediction_id", "ascending")])
        outcomes = read_rows(
            self._database,
            self.folder,
            model,
            "outcome",
            start=None,
            end=None,
            after_sequence=0,
            up_to_sequence=up_to_sequence,
        )
        return join_outcomes(found, outcomes)

    def feedback(
        self, model: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> pa.Table:
        """Return feedback with ``start <= time < end``, sorted by time."""
        found = read_rows(
            self._database,
            self.folder,
            model,
            "feedback",
            start=start,
            end=end,
            after_sequence=0,
            up_to_sequence=None,
        )
        return found.sort_by([("time", "ascending"), ("feedback_id", "ascending")])

    def models(self) -> list[ModelSummary]:
        """Return the models, by name."""
        counts: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for table in (journal, sealed_files):
                query = sa.select(
                    table.c.model, table.c.kind, sa.func.sum(table.c.rows).label("total")
                ).group_by(table.c.model, table.c.kind)
                for row in connection.execute(query):
                    kinds = counts.setdefault(row.model, {})
                    kinds[row.kind] = kinds.get(row.kind, 0) + int(row.total)
        return [
            ModelSummary(
                model=model,
                predictions=kinds.get("prediction", 0),
                outcomes=kinds.get("outcome", 0),
                feedback=kinds.get("feedback", 0),
            )
            for model, kinds in sorted(counts.items())
        ]

    def last_sequence(self, model: str | None = None) -> int:
        """Return the number of the newest journal entry, of one model or of all; 0 for none."""
        newest = 0
        with self._database.reading() as connection:
            for column, table in (
                (journal.c.sequence, journal),
                (sealed_files.c.last_sequence, sealed_files),
            ):
                query = sa.select(sa.func.max(column))
                if model:
                    query = query.where(table.c.model == model)
                newest = max(newest, int(connection.execute(query).scalar() or 0))
        return newest

    def newest_time(self, model: str) -> datetime | None:
        """Return the latest event time of the model's predictions, ``None`` without any."""
        texts = []
        with self._database.reading() as connection:
            for table in (journal, sealed_files):
                query = sa.select(sa.func.max(table.c.newest)).where(
                    table.c.model == model, table.c.kind == "prediction"
                )
                texts.append(str(connection.execute(query).scalar() or ""))
        return datetime.fromisoformat(max(texts)) if any(texts) else None

    def close(self) -> None:
        """Close all files."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _total(receipts: Sequence[Receipt | None]) -> Receipt:
    given = [r for r in receipts if r is not None]
    return Receipt(
        sequence=max((r.sequence for r in given), default=0),
        accepted=sum(r.accepted for r in given),
        duplicates=sum(r.duplicates for r in given),
    )
