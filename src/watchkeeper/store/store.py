"""A store: one folder with a state database and sealed event files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.events import PrivacySettings, Record
from watchkeeper.store import catalog
from watchkeeper.store.access import AccessKeys
from watchkeeper.store.arrivals import Arrival, arrival_of
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.bulk import canonical
from watchkeeper.store.business_log import BusinessLog
from watchkeeper.store.catalog import Window, microseconds_of, time_of
from watchkeeper.store.checkpoints import Checkpoints
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.decisions import DecisionLog
from watchkeeper.store.erasing import Erasures
from watchkeeper.store.estimate_log import EstimateLog
from watchkeeper.store.expiring import Retention
from watchkeeper.store.exploring import Explorer
from watchkeeper.store.files import unknown_files
from watchkeeper.store.incident_feed import IncidentFeed
from watchkeeper.store.journal import Journal, Receipt
from watchkeeper.store.kept_buckets import KeptBuckets
from watchkeeper.store.notice_log import NoticeLog
from watchkeeper.store.operating import Operating
from watchkeeper.store.outlier_log import OutlierLog
from watchkeeper.store.outlier_scorers import OutlierScorers
from watchkeeper.store.privacy_advice import advice
from watchkeeper.store.privacy_rules import PrivacyRules
from watchkeeper.store.quality_log import QualityLog
from watchkeeper.store.reading import read_feedback, read_predictions
from watchkeeper.store.sampling import Sampler
from watchkeeper.store.sealing import SealReport, seal
from watchkeeper.store.service_cells import ServiceCells
from watchkeeper.store.service_incidents import ServiceIncidents
from watchkeeper.store.settings_log import SettingsLog
from watchkeeper.store.submission import Submission, submission_of_table, submissions_of
from watchkeeper.store.tables import journal, sealed_files
from watchkeeper.store.upkeep import Upkeep
from watchkeeper.store.watch_log import WatchLog

_WORTH_SEALING_BYTES = 32 * 1024 * 1024


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
    explorer
        Looks single records up.
    sampler
        Draws samples of predictions.
    decisions
        What people decided about incidents.
    access_keys
        Who is let in over HTTP, for all projects of a server; kept with the project ``default``.
    incident_feed
        Which incidents changed, in order.
    notices
        What is to be told of incidents by which channel, and what became of it.
    kept_buckets, checkpoints
        Profiles and readings of judged buckets; states to which a watch can go back.
    settings
        What people put in force for models and alerts.
    service_cells
        What predictions took and cost, by minute and hour.
    quality
        How good predictions are whose label came, by hour and day.
    estimates
        How good predictions will turn out to be whose label has not come, by hour and day.
    outliers
        What tells outliers among a model's predictions, and how many there were, by hour.
    business
        Days of business metrics, as they were judged.
    service_incidents
        Breaches of service objectives and of cost budgets, and losses of quality.
    operating
        The settings of models among them, typed.
    erasures
        Erases entities, and knows what was erased.
    retention
        Removes what is older than it shall be kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database = Database(folder)
        self.settings = SettingsLog(self._database)
        self.operating = Operating(self.settings, folder)
        self.erasures = Erasures(self._database, folder, self.operating)
        self.retention = Retention(self._database, folder, self.operating)
        self._privacy = PrivacyRules(self._database, self.operating)
        self._scorers = OutlierScorers(self._database)
        self._journal = Journal(self._database, self._privacy)
        self._upkeep = Upkeep(
            self._seal, self._journal.size_bytes, worth_bytes=_WORTH_SEALING_BYTES
        )
        self.audit = AuditLog(self._database)
        self.watch_log = WatchLog(self._database)
        self.decisions = DecisionLog(self._database)
        self.kept_buckets = KeptBuckets(self._database)
        self.checkpoints = Checkpoints(self._database)
        self.explorer = Explorer(self._database, folder)
        self.sampler = Sampler(self._database, folder)
        self.access_keys = AccessKeys(self._database)
        self.incident_feed = IncidentFeed(self._database)
        self.notices = NoticeLog(self._database)
        self.service_cells = ServiceCells(self._database, folder)
        self.service_incidents = ServiceIncidents(self._database)
        self.quality = QualityLog(self._database, folder)
        self.estimates = EstimateLog(self._database, folder)
        self.outliers = OutlierLog(self._database, folder)
        self.business = BusinessLog(self._database)

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

        Records whose id the store has already are counted as duplicates and left out; an outcome
        is one only if time and label are the same too. Threads and processes may append at once;
        threads that wait share one write.

        Raises
        ------
        RecordError
            If a record cannot be written, for example for an integer of more than 64 bits. Nothing
            was written, as after any other error.
        BusyError
            If others held the store for half a minute.
        StoreError
            If the disk is full or the store damaged.
        """
        return _total(self._commit(self.prepare(records)))

    def prepare(self, records: Sequence[Record]) -> list[Submission]:
        """Write records out for `commit`, which then has little left to do.

        Raises
        ------
        RecordError
            If a record cannot be written.
        """
        return submissions_of(records, self._privacy.of, self._scorers.of)

    def prepare_table(self, model: str, kind: Kind, table: pa.Table) -> list[Submission]:
        """Write a table that `canonical` returned out for `commit`."""
        if not table.num_rows:
            return []
        scorer = self._scorers.of(model) if kind == "prediction" else None
        return [submission_of_table(model, kind, table, self._privacy.of(model), scorer)]

    def commit(self, batches: Sequence[Sequence[Submission]]) -> list[Receipt]:
        """Keep several prepared batches in one durable write, with a receipt for each.

        Raises
        ------
        BusyError, StoreError
            As for `append`; nothing was written.
        """
        receipts = iter(self._commit([s for batch in batches for s in batch]))
        return [_total([next(receipts) for _ in batch]) for batch in batches]

    def append_table(self, model: str, kind: Kind, table: pa.Table) -> Receipt:
        """Keep a whole table whose columns are named as in `predictions`.

        Outcomes are ``prediction_id``, ``time`` and ``label``; feedback has the names of its
        record's fields. Columns that may be null may be left out.

        Raises
        ------
        RecordError
            If a column is unknown or there twice, ids or times are missing or null, or a column
            is not of a type that can be read.
        BusyError, StoreError
            As for `append`.
        """
        if table.num_rows:
            table = canonical(kind, table)
        return _total(self._commit(self.prepare_table(model, kind, table)))

    def seal(self, *, now: datetime | None = None) -> SealReport:
        """Move everything in the journal to sealed Parquet files.

        The store does so by itself, in the background, when the journal has grown to 32 MiB; that
        is waited for. Any process may call it at any time; when another one is at it already,
        nothing is done.

        Parameters
        ----------
        now
            When the files were sealed, for the record; by default the present.

        Raises
        ------
        StoreError
            If the disk is full. The journal then keeps the records.
        """
        self._upkeep.close()
        return self._seal(now=now)

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

        The same arguments give the same table for ever if ``up_to_sequence`` is given, however the
        rows were sealed meanwhile.

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
        ``latency_seconds``, ``cost_usd``, ``error``, ``trace_id``, ``sequence``, ``label_time``;
        ``output`` or ``output:<class>``, ``feature:<name>``, ``tag:<name>``, ``label``,
        ``outlier_score``, ``outlier_columns`` and ``misfit:<name>``, as far as there are any
        values.
        """
        window = Window(
            start=start, end=end, after_sequence=since_sequence, up_to_sequence=up_to_sequence
        )
        return read_predictions(self._database, self.folder, model, window, with_labels=with_labels)

    def feedback(
        self, model: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> pa.Table:
        """Return feedback with ``start <= time < end``, sorted by time and id."""
        return read_feedback(self._database, self.folder, model, Window(start=start, end=end))

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

    def privacy_advice(self, model: str, privacy: PrivacySettings) -> list[str]:
        """Return what to know of private columns before they are put in force."""
        with self._database.reading() as connection:
            return advice(connection, self.folder, model, privacy)

    def has_private_columns(self, model: str) -> bool:
        """Return whether something of the model's records is changed before it is stored."""
        privacy = self.operating.in_force(model).privacy
        return privacy is not None and privacy.columns != ()

    def stored_entity(self, model: str, entity: str) -> str | None:
        """Return how an entity of a model is stored by what is in force: hashed, masked, or not.

        Raises
        ------
        StoreError
            If entities are hashed and the key is missing.
        """
        with self._database.reading() as connection:
            self._privacy.refresh(connection)
        privacy = self._privacy.of(model)
        stored: str | None = entity if privacy is None else privacy.value("entity", entity)
        return stored

    def unknown_files(self) -> list[str]:
        """Return files that a crash left, which nobody reads and the next seal removes.

        Those that another process is just writing are among them, unless the seal lock is held.
        """
        with self._database.reading() as connection:
            known = {file.path for file in catalog.all_files(connection)}
        return unknown_files(self.folder, known)

    def journal_bytes(self) -> int:
        """Return how much was journaled and waits to be sealed into files."""
        return self._journal.size_bytes()

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

    def newest_time(self, model: str, kind: Kind = "prediction") -> datetime | None:
        """Return the latest event time of the model's records of a kind, ``None`` without any."""
        times: list[int] = []
        with self._database.reading() as connection:
            for table in (journal, sealed_files):
                query = sa.select(sa.func.max(table.c.last_time)).where(
                    table.c.model == model, table.c.kind == kind
                )
                times += [t for t in connection.execute(query).scalars() if t is not None]
        return time_of(max(times)) if times else None

    def came_after(self, model: str, sequence: int, *, before: datetime) -> bool:
        """Return whether predictions came after a journal entry whose time may be before a given.

        Sealed predictions are known by the file, so that it may turn out that there are none.
        """
        moment = microseconds_of(before)
        with self._database.reading() as connection:
            for table, column in (
                (journal, journal.c.sequence),
                (sealed_files, sealed_files.c.last_sequence),
            ):
                query = sa.select(sa.literal(1)).where(
                    table.c.model == model,
                    table.c.kind == "prediction",
                    column > sequence,
                    sa.func.coalesce(table.c.first_time, moment - 1) < moment,
                )
                if connection.execute(query.limit(1)).first() is not None:
                    return True
        return False

    def arrival(self, model: str) -> Arrival | None:
        """Return when the model's newest predictions came, ``None`` if none has come."""
        with self._database.reading() as connection:
            return arrival_of(connection, model)

    def close(self) -> None:
        """Wait for a seal under way, and close all files."""
        self._upkeep.close()
        self._database.close()

    def _seal(self, *, now: datetime | None = None) -> SealReport:
        return seal(self._database, self.folder, now=now or datetime.now(tz=UTC))

    def _commit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        receipts = self._journal.commit(submissions)
        self._upkeep.note(sum(len(submission.blob) for submission in submissions))
        return receipts

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _total(receipts: Sequence[Receipt]) -> Receipt:
    return Receipt(
        sequence=max((receipt.sequence for receipt in receipts), default=0),
        accepted=sum(receipt.accepted for receipt in receipts),
        duplicates=sum(receipt.duplicates for receipt in receipts),
    )
