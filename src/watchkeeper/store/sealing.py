"""From the journal to sealed Parquet files that are never written again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.events.wire import from_msgpack
from watchkeeper.store import catalog
from watchkeeper.store.bulk import conform
from watchkeeper.store.columns import ColumnKind, Kind, unified
from watchkeeper.store.compaction import compact
from watchkeeper.store.database import Database
from watchkeeper.store.files import remove_unknown, write_files
from watchkeeper.store.keys import settle
from watchkeeper.store.lock import FileLock
from watchkeeper.store.record_columns import table_of_records
from watchkeeper.store.tables import column_types, journal

_MOST_BYTES = 128 * 1024 * 1024
_ROWS_AT_ONCE = 4_096
_ONE_THREAD = pa.ipc.IpcReadOptions(use_threads=False)


class SealReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a seal did.

    Attributes
    ----------
    files, rows
        Files written from the journal, and the rows in them.
    merged
        Small files of earlier seals that were merged into larger ones.
    orphans
        Files of a seal that crashed, removed.
    busy
        Another process is sealing, so nothing was done.
    """

    files: int = 0
    rows: int = 0
    merged: int = 0
    orphans: int = 0
    busy: bool = False


def seal(database: Database, folder: Path, *, now: datetime) -> SealReport:
    """Write all journal entries to Parquet files, by model, kind and day of event time.

    A file is complete on disk under its final name before one transaction enters it in
    ``sealed_files`` and takes its rows out of the journal; a crash in between leaves an orphan that
    nobody reads and the next seal removes.
    """
    lock = FileLock(folder / "seal.lock")
    if not lock.take(wait=False):
        return SealReport(busy=True)
    with lock:
        return seal_locked(database, folder, now=now)


def seal_locked(database: Database, folder: Path, *, now: datetime) -> SealReport:
    """Do as `seal`, for who holds the lock: every entry there is now is sealed when it returns."""
    files = rows = merged = 0
    with database.reading() as connection:
        known = {file.path for file in catalog.all_files(connection)}
        last = connection.execute(sa.select(sa.func.max(journal.c.sequence))).scalar() or 0
    orphans = remove_unknown(folder, known)
    touched: set[tuple[str, Kind, str]] = set()
    # What comes in meanwhile may be sealed too; it is not waited for, or this might never end.
    while written := _seal_some(database, folder, up_to=last, now=now):
        files += len(written)
        rows += sum(file.rows for file in written)
        touched |= {(file.model, file.kind, file.day) for file in written}
    for model, kind, day in sorted(touched):
        merged += compact(database, folder, model, kind, day, now=now)
    settle(database)
    return SealReport(files=files, rows=rows, merged=merged, orphans=orphans)


def journal_tables(
    connection: sa.Connection,
    types: dict[str, dict[str, ColumnKind]],
    *,
    model: str | None = None,
    kind: Kind | None = None,
    most_bytes: int | None = None,
) -> Iterator[tuple[str, Kind, pa.Table]]:
    """Yield (model, kind, table) of journal entries, in their order.

    Each row has the ``sequence`` of its entry and its ``row`` in it, from 0.

    Parameters
    ----------
    types
        Known kinds of open columns by model; entries add theirs.
    model, kind
        Only entries of these.
    most_bytes
        Stop after the entry that reaches so many.
    """
    query = sa.select(journal).order_by(journal.c.sequence)
    if model is not None:
        query = query.where(journal.c.model == model)
    if kind is not None:
        query = query.where(journal.c.kind == kind)
    size = 0
    waiting: dict[tuple[str, Kind], _Run] = {}
    for row in connection.execution_options(yield_per=8).execute(query):
        group, entry = (row.model, row.kind), _entry_of(row)
        run = waiting.get(group)
        if run is not None and not run.takes(entry):
            yield *group, run.table(row.kind, types.setdefault(row.model, {}))
            run = None
        if run is None:
            run = waiting[group] = _Run()
        run.add(entry)
        size += len(row.blob)
        if most_bytes is not None and size >= most_bytes:
            break
    for (name, what), run in waiting.items():
        yield name, what, run.table(what, types.setdefault(name, {}))


def known_types(connection: sa.Connection) -> dict[str, dict[str, ColumnKind]]:
    """Return the kinds of every model's open columns, as far as they are sealed."""
    types: dict[str, dict[str, ColumnKind]] = {}
    for row in connection.execute(sa.select(column_types)):
        types.setdefault(row.model, {})[row.name] = row.type
    return types


def _seal_some(
    database: Database, folder: Path, *, up_to: int, now: datetime
) -> list[catalog.SealedFile]:
    """Seal a part of the journal, nothing if no entry up to one is left in it."""
    with database.reading() as connection:
        first = connection.execute(sa.select(sa.func.min(journal.c.sequence))).scalar()
        if first is None or first > up_to:
            return []
        types = known_types(connection)
        before = {model: set(known) for model, known in types.items()}
        groups: dict[tuple[str, Kind], list[pa.Table]] = {}
        for model, kind, table in journal_tables(connection, types, most_bytes=_MOST_BYTES):
            groups.setdefault((model, kind), []).append(table)
    files: list[catalog.SealedFile] = []
    for (model, kind), tables in groups.items():
        files += write_files(folder, model, kind, unified(tables))
    if files:
        last = max(file.last_sequence for file in files)
        with database.writing() as connection:
            catalog.enter(connection, files, now=now)
            connection.execute(sa.delete(journal).where(journal.c.sequence <= last))
            _save_types(connection, types, before)
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One journal entry: records, or a canonical table."""

    sequence: int
    content: list[dict[str, Any]] | pa.Table

    def __len__(self) -> int:
        return len(self.content)


@dataclass(slots=True)
class _Run:
    """Entries of one model and kind that follow each other and become one table.

    What takes a step per column is done once for many entries.
    """

    entries: list[_Entry] = field(default_factory=list)
    rows: int = 0

    def takes(self, entry: _Entry) -> bool:
        first, content = self.entries[0].content, entry.content
        if self.rows >= _ROWS_AT_ONCE:
            return False
        if isinstance(first, list) or isinstance(content, list):
            return isinstance(first, list) and isinstance(content, list)
        return bool(first.schema.equals(content.schema))

    def add(self, entry: _Entry) -> None:
        self.entries.append(entry)
        self.rows += len(entry)

    def table(self, kind: Kind, types: dict[str, ColumnKind]) -> pa.Table:
        contents = [entry.content for entry in self.entries]
        if isinstance(contents[0], list):
            table = table_of_records(kind, list(chain.from_iterable(contents)), types)
        else:
            table = conform(pa.concat_tables(contents), types)
        return _numbered(table, [(entry.sequence, len(entry)) for entry in self.entries])


def _entry_of(row: sa.Row[Any]) -> _Entry:
    if row.codec == "msgpack":
        return _Entry(sequence=row.sequence, content=from_msgpack(row.blob))
    # Of a batch as it arrived, handing columns to threads takes longer than unpacking them.
    with pa.ipc.open_stream(row.blob, options=_ONE_THREAD) as reader:
        return _Entry(sequence=row.sequence, content=reader.read_all())


def _numbered(table: pa.Table, entries: list[tuple[int, int]]) -> pa.Table:
    sequences = np.repeat([s for s, _ in entries], [n for _, n in entries]).astype(np.int64)
    rows = np.concatenate([np.arange(n, dtype=np.int32) for _, n in entries])
    table = table.append_column("sequence", pa.array(sequences))
    return table.append_column("row", pa.array(rows))


def _save_types(
    connection: sa.Connection,
    types: dict[str, dict[str, ColumnKind]],
    before: dict[str, set[str]],
) -> None:
    new = [
        {"model": model, "name": name, "type": kind}
        for model, known in types.items()
        for name, kind in known.items()
        if name not in before.get(model, set())
    ]
    if new:
        connection.execute(sa.insert(column_types), new)
