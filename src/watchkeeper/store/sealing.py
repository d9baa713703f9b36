"""From the journal to sealed Parquet files that are never written again."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.store.columns import ColumnKind, conform, table_of_records, unified
from watchkeeper.store.database import Database
from watchkeeper.store.journal import time_text
from watchkeeper.store.tables import column_types, journal, sealed_files

_MOST_BYTES = 256 * 1024 * 1024


class SealReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a seal did: files written, rows in them, and orphans of a crash removed.

    ``busy`` says that another process was sealing, so nothing was done.
    """

    files: int = 0
    rows: int = 0
    orphans: int = 0
    busy: bool = False


def seal(database: Database, folder: Path) -> SealReport:
    """Write all journal entries to Parquet, one file per model, kind and day of event time.

    A file is complete on disk under its final name before one transaction enters it in
    ``sealed_files`` and takes its rows out of the journal; a crash in between leaves an orphan that
    nobody reads and the next seal removes.
    """
    with (folder / "seal.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return SealReport(busy=True)
        orphans = _remove_orphans(database, folder)
        files = rows = 0
        while True:
            more_files, more_rows = _seal_some(database, folder)
            if not more_rows:
                return SealReport(files=files, rows=rows, orphans=orphans)
            files, rows = files + more_files, rows + more_rows


def journal_tables(
    connection: sa.Connection, types: dict[str, dict[str, ColumnKind]], **wanted: object
) -> Iterator[tuple[int, str, str, pa.Table]]:
    """Yield (sequence, model, kind, table) of journal entries, oldest first.

    Parameters
    ----------
    types
        Known column types by model; entries add theirs, in their order.
    wanted
        ``model`` and ``kind`` to choose by; ``most_bytes`` to stop after so many.
    """
    query = sa.select(journal).order_by(journal.c.sequence)
    for name in ("model", "kind"):
        if name in wanted:
            query = query.where(journal.c[name] == wanted[name])
    most = wanted.get("most_bytes")
    size = 0
    for row in connection.execution_options(yield_per=50).execute(query):
        known = types.setdefault(row.model, {})
        if row.codec == "arrow":
            table = conform(row.kind, pa.ipc.open_stream(row.blob).read_all(), known)
        else:
            table = table_of_records(row.kind, msgspec.msgpack.decode(row.blob), known)
        sequence = pa.repeat(pa.scalar(row.sequence, pa.int64()), table.num_rows)
        yield row.sequence, row.model, row.kind, table.append_column("sequence", sequence)
        size += len(row.blob)
        if isinstance(most, int) and size >= most:
            return


def known_types(connection: sa.Connection) -> dict[str, dict[str, ColumnKind]]:
    """Return the column types of every model."""
    types: dict[str, dict[str, ColumnKind]] = {}
    for row in connection.execute(sa.select(column_types)):
        types.setdefault(row.model, {})[row.name] = row.type
    return types


def _seal_some(database: Database, folder: Path) -> tuple[int, int]:
    with database.reading() as connection:
        types = known_types(connection)
        before = {model: dict(known) for model, known in types.items()}
        groups: dict[tuple[str, str], list[pa.Table]] = {}
        sequences: list[int] = []
        for sequence, model, kind, table in journal_tables(
            connection, types, most_bytes=_MOST_BYTES
        ):
            groups.setdefault((model, kind), []).append(table)
            sequences.append(sequence)
    if not sequences:
        return 0, 0
    written = []
    rows = 0
    for (model, kind), tables in groups.items():
        whole = unified(tables)
        rows += whole.num_rows
        written.extend(_write_days(folder, model, kind, whole))
    for directory in {up for f in written for up in Path(str(f["path"])).parents}:
        _sync(folder / directory)
    with database.writing() as connection:
        connection.execute(sa.insert(sealed_files), written)
        connection.execute(
            sa.delete(journal).where(
                journal.c.sequence >= sequences[0], journal.c.sequence <= sequences[-1]
            )
        )
        _save_types(connection, types, before)
    return len(written), rows


def _write_days(folder: Path, model: str, kind: str, table: pa.Table) -> list[dict[str, object]]:
    day = pc.floor_temporal(table.column("time"), unit="day").cast(pa.date32())
    order = pc.sort_indices(
        pa.table({"time": table.column("time"), "sequence": table.column("sequence")}),
        sort_keys=[("time", "ascending"), ("sequence", "ascending")],
    )
    table, day = table.take(order), day.take(order)
    files = []
    runs = pc.run_end_encode(day.combine_chunks() if isinstance(day, pa.ChunkedArray) else day)
    start = 0
    for end, value in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        part = table.slice(start, end - start)
        files.append(_write_file(folder, model, kind, value.isoformat(), part))
        start = end
    return files


def _write_file(
    folder: Path, model: str, kind: str, day: str, table: pa.Table
) -> dict[str, object]:
    first, last = (pc.min_max(table.column("sequence")).as_py()[end] for end in ("min", "max"))
    empty = [n for n in table.column_names if table.column(n).null_count == table.num_rows]
    open_ones = [n for n in empty if n.startswith(("feature:", "output", "tag:", "misfit:"))]
    table = table.drop_columns(open_ones) if open_ones else table
    where = Path("events") / f"model={quote(model, safe='')}" / f"kind={kind}" / f"date={day}"
    (folder / where).mkdir(parents=True, exist_ok=True)
    name = f"{first:012d}-{last:012d}.parquet"
    temporary = folder / where / f".{name}.{os.getpid()}"
    pq.write_table(table, temporary, compression="zstd")
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    _sync(temporary)
    temporary.rename(folder / where / name)
    return {
        "path": str(where / name),
        "model": model,
        "kind": kind,
        "day": day,
        "rows": table.num_rows,
        "first_sequence": first,
        "last_sequence": last,
        "newest": time_text(pc.max(table.column("time")).as_py()),
        "sha256": digest,
    }


def _save_types(
    connection: sa.Connection,
    types: dict[str, dict[str, ColumnKind]],
    before: dict[str, dict[str, ColumnKind]],
) -> None:
    new = [
        {"model": model, "name": name, "type": kind}
        for model, known in types.items()
        for name, kind in known.items()
        if name not in before.get(model, {})
    ]
    if new:
        connection.execute(sa.insert(column_types), new)


def _remove_orphans(database: Database, folder: Path) -> int:
    with database.reading() as connection:
        known = {row.path for row in connection.execute(sa.select(sealed_files.c.path))}
    orphans = 0
    for path in (folder / "events").rglob("*.parquet*"):
        if str(path.relative_to(folder)) not in known:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                orphans += 1
    return orphans


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
