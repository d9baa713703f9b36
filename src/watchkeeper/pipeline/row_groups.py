"""Row groups of Parquet files as pieces of work, each of them read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import DataError

_LEAST_ROWS = 1 << 17
_MOST_ROWS = 1 << 20
_TRAPS = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroups:
    """Neighbouring row groups of a file: small ones are read together, huge ones in batches.

    Attributes
    ----------
    path
        The file.
    footer
        Its metadata, read once.
    groups
        Places of the row groups, ascending.
    rows
        Rows in them.
    columns
        Columns to read.
    texts
        Those of them to be read as dictionaries.
    """

    path: Path
    footer: pq.FileMetaData
    groups: tuple[int, ...]
    rows: int
    columns: tuple[str, ...]
    texts: tuple[str, ...]

    def tables(self) -> Iterator[pa.Table]:
        """Yield tables of at most about a million rows, in the file's order.

        Raises
        ------
        DataError
            When the file is damaged here.
        """
        columns, groups = list(self.columns), list(self.groups)
        try:
            with pq.ParquetFile(
                self.path, metadata=self.footer, read_dictionary=list(self.texts)
            ) as file:
                if self.rows <= _MOST_ROWS:
                    yield file.read_row_groups(groups, columns=columns, use_threads=False)
                    return
                for batch in file.iter_batches(
                    _MOST_ROWS, row_groups=groups, columns=columns, use_threads=False
                ):
                    yield pa.Table.from_batches([batch])
        except _TRAPS as error:
            raise DataError(
                f"Row groups {groups[0]} to {groups[-1]} of {self.path} cannot be read: the file "
                f"is damaged ({error}). Copy or write it again."
            ) from error


def row_groups(path: Path, columns: Sequence[str], texts: Sequence[str]) -> list[RowGroups]:
    """Divide a file into pieces of 131,072 rows or more, where there are so many."""
    with pq.ParquetFile(path) as file:
        footer = file.metadata
    pieces: list[RowGroups] = []
    waiting: list[int] = []
    rows = 0
    for group in range(footer.num_row_groups):
        waiting.append(group)
        rows += footer.row_group(group).num_rows
        if rows >= _LEAST_ROWS or group == footer.num_row_groups - 1:
            pieces.append(
                RowGroups(
                    path=path,
                    footer=footer,
                    groups=tuple(waiting),
                    rows=rows,
                    columns=tuple(columns),
                    texts=tuple(texts),
                )
            )
            waiting, rows = [], 0
    return pieces
