"""Which columns a scorer looks at, and how they are read from tables as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.profiles import shorten

Stored: TypeAlias = Literal["number", "text", "boolean"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LONG_BYTES: Final = 256
_CATEGORY: Final[Mapping[Stored, pa.DataType]] = {
    "number": pa.float64(),
    "text": pa.string(),
    "boolean": pa.string(),
}


class OutlierColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of stored predictions.

    Attributes
    ----------
    name
        As people write it.
    stored, misfit
        Where its values are, and those that were of another type than the column's.
    kind
        What its values are in the store; any other is a misfit.
    is_number
        Whether it is scored as a number, else as a category.
    """

    name: str
    stored: str
    misfit: str
    kind: Stored
    is_number: bool


class StoredRows:
    """Rows as they are stored; each column's place is looked up once."""

    def __init__(self, table: pa.Table) -> None:
        self.rows: int = table.num_rows
        self._table = table
        self._places = {name: at for at, name in enumerate(table.column_names)}

    def numbers(self, column: OutlierColumn, out: Floats) -> Bools | None:
        """Write a column's numbers, NaN where there is none; return the misfits if any."""
        found, misfits = self._read(column)
        out[:] = np.nan if found is None else found.to_numpy(zero_copy_only=False)
        if misfits is not None:
            out[misfits] = np.nan
        return misfits

    def categories(self, column: OutlierColumn) -> tuple[pa.Array, Bools | None]:
        """Return a column's values as texts or numbers, null where there is none, and misfits."""
        found, misfits = self._read(column)
        if found is None:
            return pa.nulls(self.rows, _CATEGORY[column.kind]), misfits
        values = found.cast(_CATEGORY[column.kind], safe=False)
        if column.kind == "text":
            values = _without_long(values)
        elif column.kind == "number":
            values = pc.if_else(pc.is_nan(values), None, values)
        if misfits is not None:
            values = pc.if_else(pa.array(misfits), None, values)
        return values, misfits

    def _read(self, column: OutlierColumn) -> tuple[pa.Array | None, Bools | None]:
        """Return the values of the column's own type, ``None`` if there are none, and misfits."""
        misfits: Bools | None = None
        at = self._places.get(column.misfit)
        if at is not None:
            misfits = _valid(self._table.column(at))
        at = self._places.get(column.stored)
        if at is None:
            return None, misfits
        given = self._table.column(at)
        found = given.chunk(0) if given.num_chunks == 1 else given.combine_chunks()
        if _is_of(found.type, column.kind):
            return found, misfits
        odd = _valid(found)
        return None, odd if misfits is None else odd | misfits


def _without_long(texts: pa.Array) -> pa.Array:
    """Return texts with the long ones known by their start and their hash."""
    if (pc.max(pc.binary_length(texts)).as_py() or 0) <= _LONG_BYTES:
        return texts
    return pa.array([None if text is None else shorten(text) for text in texts.to_pylist()])


def _valid(column: pa.ChunkedArray | pa.Array) -> Bools:
    mask: Bools = column.is_valid().to_numpy(zero_copy_only=False)
    return mask


def _is_of(kind: pa.DataType, stored: Stored) -> bool:
    if stored == "number":
        return bool(pt.is_floating(kind) or pt.is_integer(kind))
    if stored == "boolean":
        return bool(pt.is_boolean(kind))
    return bool(pt.is_string(kind) or pt.is_large_string(kind))
