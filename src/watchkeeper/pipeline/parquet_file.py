"""Parquet, row group by row group."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_types import (
    INTEGER,
    NUMBER,
    TEXT,
    as_text,
    canonical,
    conform,
)
from watchkeeper.pipeline.parts import BadCell, Batch
from watchkeeper.pipeline.rejections import Rejection
from watchkeeper.pipeline.row_groups import RowGroups, row_groups

_BATCH_ROWS = 65_536
_TRAPS = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)


class ParquetFile:
    """One Parquet file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DataError
        The file is cut short or is not Parquet, a column name comes twice, or it has no columns
        or rows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        self.size_bytes = path.stat().st_size
        try:
            with pq.ParquetFile(path) as file:
                self._stored = file.schema_arrow
                self._rows = int(file.metadata.num_rows)
        except _TRAPS as error:
            raise DataError(
                f"{path} is cut short or damaged: its Parquet footer cannot be read ({error}). "
                "Copy or write it again."
            ) from error
        require_names(self.name, self._stored.names)
        if self._rows <= 0:
            raise DataError(f"{path} has columns but no rows.")
        self.schema = canonical_schema(self._stored)

    @property
    def rows(self) -> int | None:
        """Rows according to the footer."""
        return self._rows

    def read(self, target: pa.Schema, *, timezone: str | None) -> Iterator[Batch]:
        """Yield about 64 thousand rows at a time; a damaged row group is one rejection."""
        names = [name for name in target.names if name in self.schema.names]
        before = 0
        with pq.ParquetFile(self._path) as file:
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                done = self.size_bytes * (group + 1) // file.num_row_groups
                read = 0
                try:
                    for piece in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=names):
                        rows = np.arange(piece.num_rows) + before + read + 1
                        yield conform_batch(
                            piece, rows, target, timezone=timezone, names=names, read_bytes=done
                        )
                        read += piece.num_rows
                except _TRAPS as error:
                    yield self._damaged(target, names, before + read, before + count, error, done)
                before += count

    def read_whole(self, target: pa.Schema) -> pa.Table | None:
        """Return all rows of columns as they are stored, text as dictionaries.

        ``None`` where that will not do: a column is missing, stored in a type that has to be made
        to fit, or cannot be read.
        """
        stored = {field.name: field.type for field in self._stored}
        if not all(f.name in stored and _fits(stored[f.name], f.type) for f in target):
            return None
        texts = [field.name for field in target if field.type == TEXT]
        try:
            with pq.ParquetFile(self._path, read_dictionary=texts) as file:
                return file.read(columns=target.names, use_threads=False)
        except _TRAPS:
            return None

    def row_groups(
        self, target: pa.Schema, *, made_to_fit: Collection[str] = ()
    ) -> list[RowGroups] | None:
        """Return pieces to read by themselves, columns as stored, text as dictionaries.

        ``None`` where that will not do, see `read_whole`; columns that the caller has
        ``made_to_fit`` may be stored in any type.
        """
        stored = {field.name: field.type for field in self._stored}
        for field in target:
            if field.name not in stored:
                return None
            kind = stored[field.name]
            encoded = pa.types.is_dictionary(kind) and canonical(kind) == field.type == TEXT
            if not (encoded or field.name in made_to_fit or _fits(kind, field.type)):
                return None
        texts = [field.name for field in target if field.type == TEXT]
        return row_groups(self._path, target.names, texts)

    def _damaged(
        self,
        target: pa.Schema,
        names: list[str],
        first: int,
        end: int,
        error: BaseException,
        done: int,
    ) -> Batch:
        reason = f"rows {first + 1} to {end} cannot be read: the file is damaged ({error})"
        rejection = Rejection(file=self.name, row=first + 1, column=None, reason=reason)
        table = pa.schema([target.field(name) for name in names]).empty_table()
        rows = np.zeros(0, np.int64)
        return Batch(table=table, rows=rows, rejections=[rejection], read_bytes=done)


def _fits(stored: pa.DataType, target: pa.DataType) -> bool:
    """Whether values can be profiled as they are stored."""
    plain = (
        pa.types.is_integer(stored)
        or pa.types.is_floating(stored)
        or pa.types.is_boolean(stored)
        or pa.types.is_string(stored)
        or pa.types.is_large_string(stored)
    )
    inside = canonical(stored)
    return bool(plain and (inside == target or (inside == INTEGER and target == NUMBER)))


def canonical_schema(stored: pa.Schema) -> pa.Schema:
    """Return the columns in the types that they have inside."""
    return pa.schema([pa.field(field.name, canonical(field.type)) for field in stored])


def require_names(name: str, names: list[str]) -> None:
    """Raise ``DataError`` when there are no columns, or two of the same name."""
    if not names:
        raise DataError(f"{name} has no columns.")
    twice = sorted({one for one in names if names.count(one) > 1}) if _twice(names) else []
    if twice:
        shown = ", ".join(map(repr, twice))
        raise DataError(f"{name} has more than one column named {shown}. Rename all but one.")


def _twice(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def conform_batch(
    piece: pa.RecordBatch,
    rows: np.ndarray,
    target: pa.Schema,
    *,
    timezone: str | None,
    names: list[str],
    read_bytes: int = 0,
) -> Batch:
    """Return Arrow data in the target's types."""
    columns, bad_cells = [], []
    for name in names:
        stored = piece.column(name)
        values, bad = conform(stored, target.field(name).type, timezone=timezone)
        columns.append(values)
        bad_cells += [BadCell(position=at, column=name, value=_shown(stored, at)) for at in bad]
    schema = pa.schema([target.field(name) for name in names])
    table = pa.table(columns, schema=schema)
    return Batch(table=table, rows=rows, bad_cells=bad_cells, read_bytes=read_bytes)


def _shown(stored: pa.Array, at: int) -> str:
    try:
        return as_text(stored[at].as_py())
    except (ValueError, OverflowError, pa.ArrowException):
        return str(stored[at])
