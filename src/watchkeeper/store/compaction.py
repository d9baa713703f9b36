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
_ROWS_AT_ONCE = 500_000
"""Rows that are in memory at once, about, where the files of an hour are merged."""


def compact(
    database: Database, folder: Path, model: str, kind: Kind, day: str, *, now: datetime
) -> int:
    """Merge a day's small files if there are many, and return how many were merged.

    The rows keep their sequence and row, so that every read gives what it gave before. The
    new file is complete on disk before one transaction names it in place of the old ones.
    """
    with database.reading() as connection:
        small = catalog.files_of_day(connection, model, kind, day, fewer_rows_than=_SMALL_ROWS)
    return sum(_merge(database, folder, batch, now=now) for batch in _batches(small))


def _merge(
    database: Database, folder: Path, old: list[catalog.SealedFile], *, now: datetime
) -> int:
    """Merge some files of one day, and return how many of them are there no longer."""
    model, kind, day = old[0].model, old[0].kind, old[0].day
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


def _batches(small: list[catalog.SealedFile]) -> list[list[catalog.SealedFile]]:
    """Return which of a day's small files become far fewer, in lists that are merged one by one.

    A day of few rows is merged whole. Of a busy day, which is cut by hour, the files of an hour
    become one for some hundred thousand rows, and those of several hours become one, or one of each
    hour. So a few hundred thousand rows are in memory at once, however busy the day is.
    """
    if sum(file.rows for file in small) < HOURLY_ROWS:
        return [small] if len(small) >= _MANY else []
    hours = [(f.first_time // HOUR_MICROSECONDS, f.last_time // HOUR_MICROSECONDS) for f in small]
    placed = list(zip(hours, small, strict=True))
    of_several = [file for (first, last), file in placed if first != last]
    files_in = Counter(first for first, last in hours if first == last)
    shared = [(first, f) for (first, last), f in placed if first == last and files_in[first] > 1]
    batches = _by_hour(shared) if len(shared) >= _MANY else []
    if len(of_several) >= _MANY or sum(file.rows for file in of_several) >= HOURLY_ROWS:
        batches.append(of_several)
    return batches


def _by_hour(placed: list[tuple[int, catalog.SealedFile]]) -> list[list[catalog.SealedFile]]:
    """Return the files of each hour, cut where they have too many rows together."""
    batches: list[list[catalog.SealedFile]] = []
    rows, last = 0, -1
    for hour, file in sorted(placed, key=lambda one: (one[0], one[1].first_sequence, one[1].path)):
        if hour != last or rows + file.rows > _ROWS_AT_ONCE:
            batches.append([])
            rows, last = 0, hour
        batches[-1].append(file)
        rows += file.rows
    return [batch for batch in batches if len(batch) > 1]
