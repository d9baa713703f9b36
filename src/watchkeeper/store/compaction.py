"""Many small files of a day become one: an hour of sealing every minute would leave sixty."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import StoreError
from watchkeeper.store import catalog
from watchkeeper.store.columns import Kind, unified
from watchkeeper.store.database import Database
from watchkeeper.store.files import remove, write_files

_SMALL_ROWS = 250_000
_MANY = 16


def compact(
    database: Database, folder: Path, model: str, kind: Kind, day: str, *, now: datetime
) -> int:
    """Merge a day's small files if there are many, and return how many were merged.

    The rows keep their sequence and row, so that every read gives what it gave before. The
    new file is complete on disk before one transaction names it in place of the old ones.
    """
    with database.reading() as connection:
        old = catalog.files_of_day(connection, model, kind, day, fewer_rows_than=_SMALL_ROWS)
    if len(old) < _MANY:
        return 0
    try:
        tables = [pq.read_table(folder / file.path, partitioning=None) for file in old]
    except (OSError, pa.ArrowInvalid) as error:
        message = f"a sealed file of {model}, {kind}, {day} is missing or damaged: {error}"
        raise StoreError(message) from error
    new = write_files(folder, model, kind, unified(tables))
    with database.writing() as connection:
        catalog.strike(connection, [file.path for file in old])
        catalog.enter(connection, new, now=now)
    remove(folder, [file.path for file in old])
    return len(old)
