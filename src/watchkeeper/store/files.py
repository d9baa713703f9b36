"""Sealed files: written once, whole under their name or not at all, and known by their hash."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchkeeper.errors import StoreError
from watchkeeper.store.catalog import SealedFile
from watchkeeper.store.columns import Kind, is_open

_ROW_GROUP = 131_072
HOURLY_ROWS = 500_000
"""Rows from which on a day is cut by hour."""
# Ids are looked up in files of any age: a Bloom filter for each row group spares reading most.
_LOOKED_UP = ("prediction_id", "entity")
_FALSE_POSITIVES = 0.01
_CAN_FILTER = "bloom_filter_options" in inspect.signature(pq.ParquetWriter.__init__).parameters
_DAY_MICROSECONDS = 86_400_000_000
HOUR_MICROSECONDS = 3_600_000_000


def write_files(folder: Path, model: str, kind: Kind, table: pa.Table) -> list[SealedFile]:
    """Write rows to files that are on disk when this returns, one per day of event time.

    A day of many rows is cut by hour too. Rows lie by time, then in the order they arrived.

    Raises
    ------
    StoreError
        If the disk is full or the folder cannot be written.
    """
    keys = [("time", "ascending"), ("sequence", "ascending"), ("row", "ascending")]
    table = table.take(pc.sort_indices(table.select([k for k, _ in keys]), sort_keys=keys))
    microseconds = table.column("time").cast(pa.int64())
    files = []
    for day, start, end in _runs(microseconds, _DAY_MICROSECONDS):
        date = str((pa.scalar(day, pa.int32()).cast(pa.date32())).as_py())
        if end - start < HOURLY_ROWS:
            files.append(_write(folder, model, kind, date, table.slice(start, end - start)))
            continue
        rows = microseconds.slice(start, end - start)
        for _, first, last in _runs(rows, HOUR_MICROSECONDS):
            part = table.slice(start + first, last - first)
            files.append(_write(folder, model, kind, date, part))
    with _told(folder):
        for directory in sorted({(folder / file.path).parent for file in files}):
            while directory != folder.parent:
                _sync(directory)
                directory = directory.parent
    return files


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(folder: Path, paths: Sequence[str]) -> None:
    """Remove files that are named no longer; a crash before leaves them to `remove_unknown`."""
    for path in paths:
        (folder / path).unlink(missing_ok=True)
    with _told(folder):
        for directory in sorted({(folder / path).parent for path in paths}):
            _sync(directory)


def unknown_files(folder: Path, known: set[str]) -> list[str]:
    """Return the files below ``events`` that a crash left behind, by their path below a folder."""
    found = (str(path.relative_to(folder)) for path in (folder / "events").rglob("*.parquet*"))
    return sorted(path for path in found if path not in known)


def remove_unknown(folder: Path, known: set[str]) -> int:
    """Remove files below ``events`` that a crash left behind, and return how many."""
    unknown = unknown_files(folder, known)
    for path in unknown:
        (folder / path).unlink(missing_ok=True)
    return len(unknown)


def _runs(microseconds: pa.ChunkedArray, unit: int) -> Iterator[tuple[int, int, int]]:
    """Yield (unit's number since 1970, first row, end) of sorted times."""
    values = microseconds.to_numpy() // unit
    start = 0
    while start < len(values):
        end = int(values.searchsorted(values[start], side="right"))
        yield int(values[start]), start, end
        start = end


def _write(folder: Path, model: str, kind: Kind, date: str, table: pa.Table) -> SealedFile:
    table = table.select([n for n in table.column_names if _is_wanted(n, table)])
    sequences = pc.min_max(table.column("sequence"))
    first, last = sequences["min"].as_py(), sequences["max"].as_py()
    where = Path("events") / f"model={quote(model, safe='')}" / f"kind={kind}" / f"date={date}"
    temporary = folder / where / f".{first}.parquet.{os.getpid()}"
    texts = [f.name for f in table.schema if f.type == pa.string() and not f.name.endswith("_id")]
    with _told(folder):
        (folder / where).mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            pq.write_table(
                table,
                file,
                compression="zstd",
                use_dictionary=texts,
                row_group_size=_ROW_GROUP,
                **_filters(table),
            )
            file.flush()
            os.fsync(file.fileno())
        digest = sha256_of(temporary)
        # Part of the hash in the name: no other content ever takes the place of a sealed file.
        path = where / f"{first:012d}-{last:012d}-{digest[:8]}.parquet"
        temporary.rename(folder / path)
    times = table.column("time").cast(pa.int64())
    return SealedFile(
        path=str(path),
        model=model,
        kind=kind,
        day=date,
        rows=table.num_rows,
        first_sequence=first,
        last_sequence=last,
        first_time=times[0].as_py(),
        last_time=times[-1].as_py(),
        sha256=digest,
    )


def _filters(table: pa.Table) -> dict[str, object]:
    if not _CAN_FILTER:
        return {}
    distinct = max(1, min(table.num_rows, _ROW_GROUP))
    wanted = {"ndv": distinct, "fpp": _FALSE_POSITIVES}
    return {"bloom_filter_options": {n: wanted for n in _LOOKED_UP if n in table.column_names}}


def _is_wanted(name: str, table: pa.Table) -> bool:
    return not is_open(name) or table.column(name).null_count < table.num_rows


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"the store {folder} cannot seal: {error}. Nothing is lost: the journal keeps the"
            " records. Make room on the disk, or see that the folder may be written"
        )
        raise StoreError(message) from error
