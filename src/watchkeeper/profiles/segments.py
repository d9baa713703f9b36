"""The values of a column that rows are told apart by."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.errors import DataError, nearest
from watchkeeper.profiles.categories import count_values, python_values, shorten, text_of
from watchkeeper.profiles.numbers import flat, nulls_of

MAX_SEGMENTS = 20
OTHER = "(other)"
"""Segment of the rows whose value is none of the segments asked for, nulls included."""


def top_segments(
    tables: Iterable[pa.Table], column: str, *, limit: int = MAX_SEGMENTS
) -> list[str]:
    """Return the most frequent values of a column, by their text, most frequent first.

    Parameters
    ----------
    tables
        The reference's rows.
    column
        The column to tell rows apart by.
    limit
        Largest number of values.

    Raises
    ------
    DataError
        When a table has no such column.

    Examples
    --------
    >>> top_segments([pa.table({"country": ["CH", "FR", "CH", None]})], "country")
    ['CH', 'FR']
    """
    counts: dict[str, int] = {}
    for table in tables:
        for name, rows in count_values(_column(table, column)).counts.items():
            counts[name] = counts.get(name, 0) + rows
    return sorted(counts, key=lambda name: (-counts[name], name))[:limit]


def rows_by_segment(
    table: pa.Table, column: str, segments: Iterable[str]
) -> list[tuple[str, NDArray[np.int64]]]:
    """Return the places of the rows of each segment that has any; the last may be `OTHER`."""
    codes = {name: code for code, name in enumerate(segments)}
    wanted = _codes(_column(table, column), codes)
    order = np.argsort(wanted, kind="stable")
    bounds = np.searchsorted(wanted[order], np.arange(len(codes) + 2))
    names = [*codes, OTHER]
    return [
        (names[code], order[low:high])
        for code, (low, high) in enumerate(itertools.pairwise(bounds))
        if high > low
    ]


def segment_codes(column: pa.ChunkedArray, segments: Sequence[str]) -> NDArray[np.int64]:
    """Return the place of each row's value among the segments; ``len(segments)`` for all others.

    Examples
    --------
    >>> segment_codes(pa.chunked_array([["CH", None, "DE", "FR"]]), ["CH", "FR"]).tolist()
    [0, 2, 2, 1]
    """
    return _codes(column, {name: code for code, name in enumerate(segments)})


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise DataError(
            f"Expected a column {name!r} to tell segments apart, but the table has none."
            f"{nearest(name, table.column_names)}"
        )
    return table.column(name)


def _codes(column: pa.ChunkedArray, codes: dict[str, int]) -> NDArray[np.int64]:
    """Return the code of each row's value, and one past the last code for all others."""
    other = len(codes)
    parts = [np.zeros(0, dtype=np.int64)]
    for chunk in column.chunks:
        plain = flat(chunk)
        try:
            encoded = plain.dictionary_encode()
            values = python_values(flat(encoded.dictionary))
            places = np.where(nulls_of(encoded.indices), len(values), encoded.indices.fill_null(0))
        except pa.ArrowNotImplementedError:
            values = python_values(plain)
            places = np.arange(len(values))
        found = [codes.get(shorten(text_of(value) or ""), other) for value in values]
        parts.append(np.array([*found, other], dtype=np.int64)[places.astype(np.int64)])
    return np.concatenate(parts)
