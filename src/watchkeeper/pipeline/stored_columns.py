"""Columns of stored predictions, found by the plain names that people write."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.events import stored_names

Floats = NDArray[np.float64]


def candidates(name: str) -> tuple[str, ...]:
    """Return the stored columns that a plain name can mean, the first that is there counts.

    Examples
    --------
    >>> candidates("country")
    ('country', 'feature:country', 'tag:country')
    >>> candidates("prediction")
    ('output',)
    """
    if name == "prediction":
        return ("output",)
    own = stored_names(name)
    return own if name in own else (name, *own)


class StoredColumns:
    """A table of stored predictions, or some of its columns, read by plain names."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def find(self, name: str) -> pa.ChunkedArray | None:
        """Return a column, ``None`` if it is not there."""
        return next(iter(self._all(name)), None)

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers, shape (rows,); NaN where it is missing or no number.

        Tags are texts, and count as the number they spell. Where a feature says nothing, a tag of
        the same name does.
        """
        found: Floats = np.full(self.table.num_rows, np.nan)
        for column in self._all(name):
            found = np.where(np.isnan(found), _numbers(column), found)
        return found

    def texts(self, name: str) -> pa.ChunkedArray:
        """Return a column as texts, null where it is missing or of a type that has none."""
        found = pa.chunked_array([pa.nulls(self.table.num_rows, pa.string())])
        for column in self._all(name):
            try:
                found = pc.coalesce(found, column.cast(pa.string()))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                continue
        return found

    def _all(self, name: str) -> list[pa.ChunkedArray]:
        names = self.table.column_names
        return [self.table.column(one) for one in candidates(name) if one in names]


def _numbers(column: pa.ChunkedArray) -> Floats:
    if pa.types.is_string(column.type):
        return np.array([_number(text) for text in column.to_pylist()], dtype=np.float64)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return np.full(len(column), np.nan)
    numbers: Floats = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
    return numbers


def _number(text: str | None) -> float:
    try:
        return float("nan" if text is None else text)
    except ValueError:
        return float("nan")
