"""Predictions that arrived after some journal entry, of the few columns that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.events.wire import from_msgpack
from watchkeeper.store.database import Database
from watchkeeper.store.record_columns import table_of_records
from watchkeeper.store.tables import journal, sealed_files, service_progress

_ROWS_AT_ONCE = 65_536
AT_ONCE = 500_000
"""Rows, about, that are taken up in one step, which a kill can cost."""

_GROUPS = (("features", "feature:"), ("tags", "tag:"), ("explanation", "explanation:"))

ColumnsOf = Callable[[str], Sequence[str]]


@dataclass(slots=True, kw_only=True)
class Arrived:
    """What of one model has arrived and was not taken up yet.

    Attributes
    ----------
    after_sequence
        Up to where it was taken up; 0 for a new model.
    up_to_sequence
        With these rows it will be taken up to here.
    files
        Sealed files that hold some of the rows, and perhaps rows of before.
    journaled
        Rows of the journal.
    """

    model: str
    after_sequence: int
    up_to_sequence: int
    files: list[str] = field(default_factory=list)
    journaled: list[pa.Table] = field(default_factory=list)


def look(
    database: Database, columns_of: ColumnsOf, *, after: int, most_rows: int = AT_ONCE
) -> tuple[list[Arrived], int] | None:
    """Return what arrived, by model, and up to where all of it was seen; ``None`` for nothing.

    Parameters
    ----------
    columns_of
        Names the columns that are wanted of a model, besides the time.
    after
        Up to where everything was taken up before, of every model.
    most_rows
        Of sealed files, and of the journal, about so many rows: what is more comes with the next
        look.
    """
    with database.reading() as connection:
        newest = _last_sequence(connection)
        if newest <= after:
            return None
        found: dict[str, Arrived] = {}
        oldest = connection.execute(sa.select(sa.func.min(journal.c.sequence))).scalar()
        behind: set[str] = set()
        if oldest is None or oldest > after + 1:
            behind = _add_sealed(connection, found, most_rows)
        seen = _add_journaled(
            connection, found, columns_of, after=after, most_rows=most_rows, but=behind
        )
    if behind:
        seen = after
    return list(found.values()), newest if seen is None else seen


def tables_of(folder: Path, arrived: Arrived, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of what arrived, as far as they have these columns, in parts of bounded size.

    Raises
    ------
    FileNotFoundError
        If a file was merged into another meanwhile: look again.
    StoreError
        If one is damaged.
    """
    for path in arrived.files:
        yield from _sealed_tables(folder / path, columns, arrived)
    for table in arrived.journaled:
        for at in range(0, table.num_rows, _ROWS_AT_ONCE):
            yield table.slice(at, _ROWS_AT_ONCE)


def _last_sequence(connection: sa.Connection) -> int:
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'journal'"
    return int(connection.exec_driver_sql(query).scalar() or 0)


def _add_sealed(connection: sa.Connection, found: dict[str, Arrived], most_rows: int) -> set[str]:
    """Add the next rows of sealed files; return the models of which more follow."""
    c, done = sealed_files.c, sa.func.coalesce(service_progress.c.sequence, 0)
    joined = sealed_files.outerjoin(service_progress, service_progress.c.model == c.model)
    query = (
        sa.select(c.model, c.path, c.rows, c.first_sequence, c.last_sequence, done.label("done"))
        .select_from(joined)
        .where(c.kind == "prediction", c.last_sequence > done)
        .order_by(c.model, c.last_sequence, c.path)
    )
    behind: set[str] = set()
    rows = 0
    files = [(str(row.model), row) for row in connection.execute(query)]
    for model, row in files:
        arrived = found.get(model)
        if rows >= most_rows and (arrived is None or row.last_sequence > arrived.up_to_sequence):
            behind.add(model)
        else:
            rows += row.rows
            if arrived is None:
                arrived = found[model] = Arrived(
                    model=model, after_sequence=row.done, up_to_sequence=row.done
                )
            arrived.up_to_sequence = row.last_sequence
    for model, row in files:
        # Of a file that ends later some rows may belong here.
        if model in found and row.first_sequence <= found[model].up_to_sequence:
            found[model].files.append(row.path)
    return behind


def _add_journaled(
    connection: sa.Connection,
    found: dict[str, Arrived],
    columns_of: ColumnsOf,
    *,
    after: int,
    most_rows: int,
    but: Collection[str],
) -> int | None:
    """Add the next entries of the journal; return the last if more may follow.

    Those of some models wait for what was sealed of them before.
    """
    c, done = journal.c, sa.func.coalesce(service_progress.c.sequence, 0)
    joined = journal.outerjoin(service_progress, service_progress.c.model == c.model)
    query = (
        sa.select(c.sequence, c.model, c.codec, c.rows, c.blob, done.label("done"))
        .select_from(joined)
        .where(c.kind == "prediction", c.sequence > after, c.sequence > done)
        .where(c.model.not_in(sorted(but)))
        .order_by(c.sequence)
    )
    batches: dict[str, _Batch] = {}
    rows, full = 0, None
    for row in connection.execution_options(yield_per=16).execute(query):
        arrived = found.setdefault(
            row.model,
            Arrived(model=row.model, after_sequence=row.done, up_to_sequence=row.done),
        )
        arrived.up_to_sequence = row.sequence
        if row.model not in batches:
            batches[row.model] = _Batch(("time", *columns_of(row.model)))
        batches[row.model].add(row.codec, row.blob)
        rows += row.rows
        if rows >= most_rows:
            full = int(row.sequence)
            break
    for model, batch in batches.items():
        found[model].journaled = batch.tables()
    return full


class _Batch:
    """Entries of one model: those of one schema become one table."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._records: list[dict[str, Any]] = []
        self._tables: dict[pa.Schema, list[pa.Table]] = {}
        self._places: dict[bytes, list[int]] = {}

    def add(self, codec: str, blob: bytes) -> None:
        if codec == "msgpack":
            self._records += [_trimmed(record, self._columns) for record in from_msgpack(blob)]
            return
        table = self._projected(blob)
        self._tables.setdefault(table.schema, []).append(table)

    def tables(self) -> list[pa.Table]:
        found = [pa.concat_tables(tables) for tables in self._tables.values()]
        if self._records:
            table = table_of_records("prediction", self._records, {})
            found.append(table.select([n for n in table.column_names if n in self._columns]))
        return found

    def _projected(self, blob: bytes) -> pa.Table:
        """Read the columns that are wanted; the others are not unpacked."""
        # A stream begins with a marker, the size of its schema, and that: mostly one as before.
        schema = blob[: 8 + int.from_bytes(blob[4:8], "little")]
        if schema not in self._places:
            with pa.ipc.open_stream(blob) as reader:
                names = reader.schema.names
            self._places[schema] = [at for at, name in enumerate(names) if name in self._columns]
        options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=self._places[schema])
        with pa.ipc.open_stream(blob, options=options) as reader:
            return reader.read_all()


def _trimmed(record: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return a decoded record without the features, tags, ... that are not asked for."""
    slim = dict(record)
    for name, prefix in _GROUPS:
        given = record.get(name) or {}
        slim[name] = {key: value for key, value in given.items() if prefix + key in columns}
    output = record.get("output")
    if isinstance(output, dict):
        slim["output"] = {key: v for key, v in output.items() if f"output:{key}" in columns}
    elif "output" not in columns:
        slim["output"] = None
    return slim


def _sealed_tables(path: Path, columns: Sequence[str], arrived: Arrived) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            wanted = [name for name in ("time", "sequence", *columns) if name in names]
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=wanted, use_threads=False):
                table = pa.Table.from_batches([batch])
                sequence = table.column("sequence").to_numpy()
                new = (sequence > arrived.after_sequence) & (sequence <= arrived.up_to_sequence)
                if not new.all():
                    table = table.filter(pa.array(new))
                yield table.drop_columns(["sequence"])
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        message = f"the sealed file {path} is damaged: {error}. Restore it from a backup"
        raise StoreError(message) from error
