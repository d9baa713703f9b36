"""All that is kept of one entity goes, from every model of a project, and is shown to be gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from watchkeeper.errors import UsageError
from watchkeeper.store import catalog
from watchkeeper.store.audit import append_entry
from watchkeeper.store.catalog import SealedFile
from watchkeeper.store.columns import Kind
from watchkeeper.store.database import Database
from watchkeeper.store.lock import FileLock
from watchkeeper.store.operating import Operating
from watchkeeper.store.rewriting import Replacement, read_columns, remove_old, replace, without
from watchkeeper.store.scrubbing import scrub
from watchkeeper.store.sealing import journal_tables, known_types, seal_locked
from watchkeeper.store.tables import audit_entries, erasures, estimators

BACKUP_ACTION: Final = "store.backup"
_SUBJECT_BYTES: Final = 16
_NEEDED: Final[dict[Kind, tuple[str, ...]]] = {
    "prediction": ("prediction_id", "entity"),
    "outcome": ("prediction_id",),
    "feedback": ("prediction_id", "entity"),
}


class ErasedRows(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of a model were erased."""

    model: str
    predictions: int
    outcomes: int
    feedback: int


class RewrittenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed file that held something, and those that took its place, by their SHA-256."""

    path: str
    sha256: str
    removed: int
    became: dict[str, str]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased.

    Attributes
    ----------
    number
        Of this project's erasures, from 1; ``None`` for one that only looked.
    subject
        Keyed hash of the entity's id: who has the project's key and the id can tell that it was
        this one, and nobody else can tell anything.
    models
        Models that had something.
    rows_left
        Records found in a second look at every file and the journal, those left out that came in
        after the erasure began; ``None`` for one that only looked.
    overwritten_bytes
        Room of the state database in which deleted records may have stood, overwritten.
    not_covered
        What may still tell of the entity, and what to do about it.
    """

    number: int | None
    erased_at: str
    actor: str
    subject: str
    models: list[ErasedRows]
    files: list[RewrittenFile]
    rows_left: int | None
    overwritten_bytes: int
    not_covered: list[str]


class Erasures:
    """Erases entities of one project, and knows what was erased."""

    def __init__(self, database: Database, folder: Path, operating: Operating) -> None:
        self._database = database
        self._folder = folder
        self._operating = operating

    def all(self) -> list[Erasure]:
        """Return what was erased, newest first."""
        query = sa.select(erasures).order_by(erasures.c.number.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        found = ((row, msgspec.json.decode(row.payload, type=Erasure)) for row in rows)
        return [msgspec.structs.replace(one, number=row.number) for row, one in found]

    def look(self, entity: str, *, actor: str, now: datetime) -> Erasure:
        """Return what `erase` would do now; nothing is changed, and nothing noted."""
        _require_id(entity)
        subject = _Subject.of(entity, self._operating)
        # Nobody merges files away meanwhile.
        with FileLock(self._folder / "seal.lock"), self._database.reading() as connection:
            found = _found(connection, self._folder, subject)
        return Erasure(
            number=None,
            erased_at=now.isoformat(),
            actor=actor,
            subject=subject.name,
            models=[erased for erased in found if _rows(erased)],
            files=[],
            rows_left=None,
            overwritten_bytes=0,
            not_covered=self._not_covered(),
        )

    def erase(self, entity: str, *, actor: str, now: datetime) -> Erasure:
        """Erase every prediction of an entity, their outcomes, and its feedback and theirs.

        What arrived before this was called is erased at once or, after an error or a crash, not at
        all. Records that come later are ordinary ones. The keys of the erased records are kept (a
        hash of each id), so that one which is sent again stays a duplicate.

        Raises
        ------
        UsageError
            If the id is empty.
        StoreError
            If a sealed file is missing or damaged, or the disk is full; nothing was changed.
        BusyError
            If a reader kept the database's log from being emptied. All else is done: another
            `erase` of the same entity finishes it.
        """
        _require_id(entity)
        self._operating.make_key(actor=actor, now=now)
        subject = _Subject.of(entity, self._operating)
        with FileLock(self._folder / "seal.lock"):
            last = self._last_sequence()
            seal_locked(self._database, self._folder, now=now)
            replacements = list(self._replacements(subject))
            erasure = Erasure(
                number=None,
                erased_at=now.isoformat(),
                actor=actor,
                subject=subject.name,
                models=_counted(replacements),
                files=[_rewritten(one) for one in replacements],
                rows_left=None,
                overwritten_bytes=0,
                not_covered=self._not_covered(),
            )
            number = self._enter(erasure, replacements, now)
            remove_old(self._folder, replacements)
            rows_left = self._left(subject, up_to=last)
        overwritten = scrub(self._database.path)
        return self._shown(number, erasure, rows_left, overwritten)

    def _not_covered(self) -> list[str]:
        query = sa.select(audit_entries.c.payload).where(audit_entries.c.action == BACKUP_ACTION)
        with self._database.reading() as connection:
            noted = [msgspec.json.decode(p) for p in connection.execute(query).scalars()]
        places = ", ".join(sorted({str(one["destination"]) for one in noted}))
        told = [
            "backups made before: make new ones, and remove the old"
            + (f"; some were made in {places}" if places else ""),
            "profiles, baselines and incidents count values of many; those of a column that names"
            " people, such as an e-mail address, may list some of them: hash or drop such a column",
            "the hash of each erased id, by which a record that is sent again is known",
        ]
        copies = sorted(str(path) for path in self._folder.glob("state-*.sqlite"))
        if copies:
            told.append(f"copies of the database as it was before an upgrade: {', '.join(copies)}")
        masked = [
            model
            for model, settings in self._operating.models().items()
            if settings.privacy is not None and "entity" in settings.privacy.mask
        ]
        if masked:
            names = ", ".join(sorted(masked))
            told.append(
                f"masked entities cannot be told apart, so nothing of theirs is found: {names}"
            )
        return told

    def _last_sequence(self) -> int:
        """Return the number of the newest entry that ever was in the journal."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'journal'"
        with self._database.reading() as connection:
            return int(connection.exec_driver_sql(query).scalar() or 0)

    def _replacements(self, subject: _Subject) -> Iterator[Replacement]:
        with self._database.reading() as connection:
            files = catalog.all_files(connection)
        for model in sorted({file.model for file in files}):
            of_model = [file for file in files if file.model == model]
            ids = subject.prediction_ids(_read(self._folder, of_model, "prediction"))
            for file in of_model:
                needed = read_columns(self._folder, file, _NEEDED[file.kind])
                if not pc.any(subject.rows(file.kind, needed, ids)).as_py():
                    continue
                found = without(self._folder, file, partial(subject.rows, file.kind, ids=ids))
                if found is not None:
                    yield found

    def _enter(self, erasure: Erasure, replacements: Sequence[Replacement], now: datetime) -> int:
        """Name the new files, and note the erasure with its entry in the audit log, all at once."""
        details = {
            "subject": erasure.subject,
            "models": [msgspec.to_builtins(one) for one in erasure.models],
            "files": [msgspec.to_builtins(one) for one in erasure.files],
        }
        with self._database.writing() as connection:
            replace(connection, replacements, now=now)
            result = connection.execute(
                sa.insert(erasures).values(
                    erased_at=erasure.erased_at,
                    actor=erasure.actor,
                    subject=erasure.subject,
                    payload=msgspec.json.encode(erasure),
                )
            )
            # They remember some rows of the reference; others are fitted from what is left.
            touched = [one.model for one in erasure.models if _rows(one)]
            connection.execute(sa.delete(estimators).where(estimators.c.model.in_(touched)))
            append_entry(connection, erasure.actor, "entity.erase", details, now=now)
            assert result.inserted_primary_key is not None
            return int(result.inserted_primary_key[0])

    def _left(self, subject: _Subject, *, up_to: int) -> int:
        with self._database.reading() as connection:
            found = _found(connection, self._folder, subject, up_to=up_to)
        return sum(_rows(erased) for erased in found)

    def _shown(
        self, number: int, erasure: Erasure, rows_left: int, overwritten_bytes: int
    ) -> Erasure:
        """Note what the second look found, too."""
        erasure = msgspec.structs.replace(
            erasure, rows_left=rows_left, overwritten_bytes=overwritten_bytes
        )
        with self._database.writing() as connection:
            connection.execute(
                sa.update(erasures)
                .where(erasures.c.number == number)
                .values(payload=msgspec.json.encode(erasure))
            )
        return msgspec.structs.replace(erasure, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """An entity, by the forms in which it may be stored."""

    name: str
    forms: pa.Array

    @classmethod
    def of(cls, entity: str, operating: Operating) -> _Subject:
        name = ""
        if operating.has_key():
            text = b"erased\x1f" + entity.encode("utf-8", "surrogatepass")
            name = blake2b(text, key=operating.key(), digest_size=_SUBJECT_BYTES).hexdigest()
        return cls(name=name, forms=pa.array(operating.entity_forms(entity), pa.string()))

    def prediction_ids(self, tables: Iterator[pa.Table]) -> pa.Array:
        """Return the ids of the entity's predictions."""
        ids = [t.column("prediction_id").filter(self._is_it(t)).combine_chunks() for t in tables]
        return pa.concat_arrays(ids) if ids else pa.array([], pa.string())

    def rows(self, kind: Kind, table: pa.Table, ids: pa.Array) -> pa.Array | pa.ChunkedArray:
        """Return which rows are to go, null for none."""
        if kind == "prediction":
            return self._is_it(table)
        of_prediction = pc.is_in(table.column("prediction_id"), value_set=ids)
        if kind == "outcome":
            return of_prediction
        return pc.or_(of_prediction, self._is_it(table))

    def _is_it(self, table: pa.Table) -> pa.ChunkedArray:
        return pc.is_in(table.column("entity"), value_set=self.forms)


def _found(
    connection: sa.Connection, folder: Path, subject: _Subject, *, up_to: int | None = None
) -> list[ErasedRows]:
    """Count what is kept of a subject in all files and in the journal.

    Parameters
    ----------
    up_to
        Only of what had arrived with this journal entry.
    """
    files = catalog.all_files(connection)
    journaled: dict[tuple[str, Kind], list[pa.Table]] = {}
    for model, kind, table in journal_tables(connection, known_types(connection)):
        journaled.setdefault((model, kind), []).append(table)
    found = []
    for model in sorted({file.model for file in files} | {model for model, _ in journaled}):
        of_model = [file for file in files if file.model == model]
        counts: dict[Kind, int] = {}
        ids = pa.array([], pa.string())
        for kind in _NEEDED:
            tables = [*_read(folder, of_model, kind, "sequence"), *journaled.get((model, kind), ())]
            if up_to is not None:
                tables = [t.filter(pc.less_equal(t.column("sequence"), up_to)) for t in tables]
            if kind == "prediction":
                ids = subject.prediction_ids(iter(tables))
            rows = (pc.sum(subject.rows(kind, table, ids)).as_py() or 0 for table in tables)
            counts[kind] = sum(rows)
        found.append(_erased(model, counts))
    return found


def _read(folder: Path, files: Sequence[SealedFile], kind: Kind, *more: str) -> Iterator[pa.Table]:
    columns = [*_NEEDED[kind], *more]
    yield from (read_columns(folder, file, columns) for file in files if file.kind == kind)


def _counted(replacements: Sequence[Replacement]) -> list[ErasedRows]:
    counts: dict[str, dict[Kind, int]] = {}
    for one in replacements:
        of_model = counts.setdefault(one.old.model, {})
        of_model[one.old.kind] = of_model.get(one.old.kind, 0) + one.removed
    return [_erased(model, counts[model]) for model in sorted(counts)]


def _erased(model: str, counts: dict[Kind, int]) -> ErasedRows:
    return ErasedRows(
        model=model,
        predictions=counts.get("prediction", 0),
        outcomes=counts.get("outcome", 0),
        feedback=counts.get("feedback", 0),
    )


def _rows(erased: ErasedRows) -> int:
    return erased.predictions + erased.outcomes + erased.feedback


def _rewritten(one: Replacement) -> RewrittenFile:
    became = {file.path: file.sha256 for file in one.new}
    return RewrittenFile(
        path=one.old.path, sha256=one.old.sha256, removed=one.removed, became=became
    )


def _require_id(entity: str) -> None:
    if not entity:
        raise UsageError("an entity's id is a text that is not empty")
