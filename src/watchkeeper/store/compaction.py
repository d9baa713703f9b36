"""Many small files of a day become one: an hour of sealing every minute would leave sixty."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import StoreError
from watchkeeper.store import catalog
from watchkeeper.store.columns import Kind, unified
from watchkeeper.store.database import Database
from watchkeeper.store.files import HOUR_MICROSECONDS, HOURLY_ROWS, remove, write_files

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
        small = catalog.files_of_day(connection, model, kind, day, fewer_rows_than=_SMALL_ROWS)
    old = _worth_merging(small)
    if not old:
        return 0
    try:
        tables = [pq.read_table(folder / file.path, partitioning=None) for file in old]
    except (OSError, pa.ArrowInvalid) as error:
        message = f"a sealed file of {model}, {kind}, {day} is missing or damaged: {error}"
        raise StoreError(message) from error
    new = write_files(folder, model, kind, unified(tables))
    # What comes out as it went in has the same name, and stays.
    before, after = {file.path for file in old}, {file.path for file in new}
    with database.writing() as connection:
        catalog.strike(connection, sorted(before - after))
        catalog.enter(connection, [file for file in new if file.path not in before], now=now)
    remove(folder, sorted(before - after))
    return len(before - after)


def _worth_merging(small: list[catalog.SealedFile]) -> list[catalog.SealedFile]:
    """Return which of a day's small files become far fewer when they are merged.

    A busy day is cut by hour: of each hour one file would be left.
    """
    if sum(file.rows for file in small) < HOURLY_ROWS:
        return small if len(small) >= _MANY else []
    hours = [(f.first_time // HOUR_MICROSECONDS, f.last_time // HOUR_MICROSECONDS) for f in small]
    if any(first != last for first, last in hours):
        return small if len(small) >= _MANY + len({first for first, _ in hours}) else []
    files_in = Counter(first for first, _ in hours)
    shared = [f for f, (hour, _) in zip(small, hours, strict=True) if files_in[hour] > 1]
    return shared if len(shared) >= _MANY else []
