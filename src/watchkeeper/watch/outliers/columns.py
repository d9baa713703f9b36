"""Which columns a scorer looks at, and how they are read from tables as they are stored."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from watchkeeper.profiles import shorten, text_of

Stored: TypeAlias = Literal["number", "text", "boolean"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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
        return misfits

    def categories(self, column: OutlierColumn) -> tuple[list[str], NDArray[np.intp], Bools | None]:
        """Return a column's different values, the place of each row's, and the misfits if any.

        A null has the place after the last value.
        """
        found, misfits = self._read(column)
        if found is None:
            return [], np.zeros(self.rows, dtype=np.intp), misfits
        encoded = found.dictionary_encode()
        names = [text_of(value) for value in encoded.dictionary.to_pylist()]
        indices = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
        places = indices.astype(np.intp)
        if None in names:  # NaN is null
            nothing = np.array([name is None for name in names] + [True])
            places = np.where(nothing[places], len(names), places)
        return [shorten(name or "") for name in names], places, misfits

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


def _valid(column: pa.ChunkedArray | pa.Array) -> Bools:
    mask: Bools = column.is_valid().to_numpy(zero_copy_only=False)
    return mask


def _is_of(kind: pa.DataType, stored: Stored) -> bool:
    if stored == "number":
        return bool(pt.is_floating(kind) or pt.is_integer(kind))
    if stored == "boolean":
        return bool(pt.is_boolean(kind))
    return bool(pt.is_string(kind) or pt.is_large_string(kind))
