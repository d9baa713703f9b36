"""The rows that an estimate is made from: what a model saw, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """A column of categories: an index into ``names`` for each row, below 0 for null."""

    codes: NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Columns by name, all of equally many rows; numbers have NaN for null."""

    rows: int
    columns: Mapping[str, Floats | Categories] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: pa.Table) -> Inputs:
        """Return the columns of a table that can be used: numbers, booleans, categories, text.

        Others (times, vectors) are left out.
        """
        found: dict[str, Floats | Categories] = {}
        for name in table.column_names:
            column = _column(table.column(name))
            if column is not None:
                found[name] = column
        return cls(rows=table.num_rows, columns=found)

    def take(self, rows: NDArray[np.int64]) -> Inputs:
        """Return some of the rows, in the order asked for."""
        columns = {
            name: Categories(codes=column.codes[rows], names=column.names)
            if isinstance(column, Categories)
            else column[rows]
            for name, column in self.columns.items()
        }
        return Inputs(rows=len(rows), columns=columns)


def _column(column: pa.ChunkedArray) -> Floats | Categories | None:
    kind = column.type
    if pt.is_boolean(kind):
        column, kind = pc.cast(column, pa.int8()), pa.int8()
    if pt.is_integer(kind) or pt.is_floating(kind):
        return np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64)
    if pt.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = column.type
    if pt.is_string(kind) or pt.is_large_string(kind):
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return Categories(codes=codes, names=tuple(encoded.dictionary.to_pylist()))
    return None
