"""Rows of a table, all of them or always the same part of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.pipeline.cutting import Piece
from watchkeeper.profiles import hash_numbers

ROW = "row"
"""Column of the number of each row."""

_WORD = 2.0**64


class KeptRows:
    """At most so many rows: all of them, or one in 2, 4, 8 ... drawn by a hash of their numbers.

    Which rows are kept depends on their numbers only, however they come.

    Parameters
    ----------
    most
        Rows kept at most.
    """

    def __init__(self, most: int) -> None:
        self.one_in = 1
        self.rows = 0
        self._most = most
        self._tables: list[pa.Table] = []
        self._kept = 0

    def add(self, table: pa.Table) -> None:
        """Take in rows with their numbers."""
        self.rows += table.num_rows
        self._take(table if self.one_in == 1 else _thinned(table, self.one_in))
        while self._kept > self._most:
            self.one_in *= 2
            whole, self._tables, self._kept = self._tables, [], 0
            for one in whole:
                self._take(_thinned(one, self.one_in))

    def table(self) -> pa.Table | None:
        """Return the rows, ``None`` if none came."""
        if not self._tables:
            return None
        return pa.concat_tables(self._tables, promote_options="default").combine_chunks()

    def _take(self, table: pa.Table) -> None:
        if table.num_rows:
            self._tables.append(table)
            self._kept += table.num_rows


def by_bucket(
    tables: Iterable[pa.Table],
    cut: Callable[[pa.Table], Iterator[Piece]],
    *,
    ordered: bool,
    most: int,
) -> Iterator[tuple[int, KeptRows]]:
    """Yield each bucket's key and rows, by key.

    Parameters
    ----------
    cut
        Cuts a table into pieces by bucket.
    ordered
        Whether a bucket is whole as soon as the next begins; otherwise all are kept to the end.
    most
        Rows kept of a bucket at most.
    """
    begun: dict[int, KeptRows] = {}
    for table in tables:
        for piece in cut(table):
            if ordered:
                for key in sorted(key for key in begun if key < piece.key):
                    yield key, begun.pop(key)
            begun.setdefault(piece.key, KeptRows(most)).add(piece.table)
    for key in sorted(begun):
        yield key, begun.pop(key)


def _thinned(table: pa.Table, one_in: int) -> pa.Table:
    numbers = table.column(ROW).to_numpy().astype(np.float64)
    wanted: NDArray[np.bool_] = hash_numbers(numbers) < np.uint64(int(_WORD / one_in))
    return table.filter(pa.array(wanted))
