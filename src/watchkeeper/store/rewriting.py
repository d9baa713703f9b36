"""Rows taken out of sealed files: a new file takes the place of one that held some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.errors import StoreError
from watchkeeper.store import catalog
from watchkeeper.store.catalog import SealedFile
from watchkeeper.store.files import remove, write_files

Doomed: TypeAlias = Callable[[pa.Table], pa.Array | pa.ChunkedArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A sealed file and what takes its place; nothing, if no row is left.

    Attributes
    ----------
    removed
        Rows that are in the old file and in none of the new ones.
    """

    old: SealedFile
    new: tuple[SealedFile, ...]
    removed: int


def read_columns(
    folder: Path,
    file: SealedFile,
    columns: Sequence[str] | None = None,
    *,
    where: pc.Expression | None = None,
) -> pa.Table:
    """Return columns of a sealed file, all of them by default.

    Raises
    ------
    StoreError
        If it is missing or damaged.
    """
    wanted = None if columns is None else list(columns)
    try:
        return pq.read_table(folder / file.path, columns=wanted, filters=where, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        message = (
            f"the sealed file {file.path} is missing or damaged: {error}. Restore it from a backup,"
            " then try again: nothing was changed"
        )
        raise StoreError(message) from error


def without(folder: Path, file: SealedFile, doomed: Doomed) -> Replacement | None:
    """Write the rows of a file that stay to a new one; ``None`` if all do.

    The rows keep their sequence and row, so that every read gives what it gave before, but for
    those that are gone. The new file is on disk; nobody reads it before `replace` names it.

    Parameters
    ----------
    doomed
        Tells of a table which rows are taken out.
    """
    table = read_columns(folder, file)
    stay = pc.invert(pc.fill_null(doomed(table), False))
    kept = table.filter(stay)
    removed = table.num_rows - kept.num_rows
    if not removed:
        return None
    new = write_files(folder, file.model, file.kind, kept) if kept.num_rows else []
    return Replacement(old=file, new=tuple(new), removed=removed)


def replace(
    connection: sa.Connection, replacements: Sequence[Replacement], *, now: datetime
) -> None:
    """Name the new files in place of the old ones, in the caller's transaction."""
    catalog.strike(connection, [one.old.path for one in replacements])
    catalog.enter(connection, [file for one in replacements for file in one.new], now=now)


def remove_old(folder: Path, replacements: Sequence[Replacement]) -> None:
    """Remove the files that were replaced, once that is committed."""
    remove(folder, [one.old.path for one in replacements])
