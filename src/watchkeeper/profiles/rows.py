"""Rows as plain columns, for methods that need the rows and not their summary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.profiles.categories import python_values, shorten, text_of
from watchkeeper.profiles.extract import Category, extract
from watchkeeper.profiles.numbers import flat


def rows_as_columns(
    table: pa.Table, schema: Schema
) -> dict[str, NDArray[np.float64] | pa.ChunkedArray]:
    """Return the profiled columns of a table, in the order of the derived schema.

    Numbers are float64 of shape (rows,), NaN where there is none; categories are text, null where
    there is none. A column that the table lacks is null in every row.
    """
    data = extract(table, schema)
    columns: dict[str, NDArray[np.float64] | pa.ChunkedArray] = {
        name: numbers.values for name, numbers in data.numbers.items()
    }
    for name, category in data.categories.items():
        columns[name] = category_texts(category)
    return columns


def category_texts(category: Category) -> pa.ChunkedArray:
    """Return a category's values by the names that they are counted under."""
    chunks = [_text_chunk(chunk) for chunk in category.column.chunks]
    return pa.chunked_array(chunks, pa.string())


def _text_chunk(chunk: pa.Array) -> pa.Array:
    """Return values by the names that they are counted under."""
    plain = flat(chunk)
    encoded = plain if pa.types.is_dictionary(plain.type) else plain.dictionary_encode()
    names = [
        None if name is None else shorten(name)
        for name in map(text_of, python_values(flat(encoded.dictionary)))
    ]
    return pa.array(names, pa.string()).take(encoded.indices)
