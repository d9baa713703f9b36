"""Columns of stored predictions as codes that segments are searched by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.diagnosis import CodedColumn, code_categories, code_numbers
from watchkeeper.events.calendar_columns import EventTimes

MOST_COLUMNS = 200
_LEFT_OUT = ("misfit:", "output:", "explanation:")
_NOT_INPUTS = {
    "prediction_id",
    "time",
    "entity",
    "trace_id",
    "sequence",
    "label",
    "label_time",
    "output",
    "error",
    "latency_seconds",
    "cost_usd",
    "outlier_score",
    "outlier_columns",
}


def coded_inputs(table: pa.Table) -> list[CodedColumn]:
    """Return what was known of predictions when they were made: features, tags, version, variant.

    By their plain names; of two of one name the second keeps its prefix. Columns of one value, of
    vectors and of times are left out, and those after the first 200.
    """
    found: list[CodedColumn] = []
    for name, column in _inputs(table):
        coded = code(name, column)
        if coded is not None and len(found) < MOST_COLUMNS:
            found.append(coded)
    return found


def clock_columns(table: pa.Table) -> set[str]:
    """Return the inputs, by their plain names, that only repeat the time of the prediction.

    Two times differ in them by definition, as hour and weekday do.
    """
    times = EventTimes(table.column("time"))
    return {name for name, column in _inputs(table) if times.part_repeated_by(name, column)}


def code(name: str, column: pa.ChunkedArray) -> CodedColumn | None:
    """Return a column as codes, ``None`` if it has one value only or none that can be compared."""
    kind = column.type
    if pt.is_floating(kind) or pt.is_integer(kind):
        numbers = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy()
        coded = code_numbers(name, numbers)
    elif pt.is_string(kind) or pt.is_large_string(kind) or pt.is_boolean(kind):
        encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
        places = pc.fill_null(encoded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        coded = code_categories(name, places, encoded.dictionary.to_pylist())
    else:
        return None
    counts = np.bincount(coded.codes)
    return coded if (counts > 0).sum() > 1 else None


def _inputs(table: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    taken: set[str] = set()
    for name in table.column_names:
        if name in _NOT_INPUTS or name.startswith(_LEFT_OUT):
            continue
        plain = name.removeprefix("feature:").removeprefix("tag:")
        plain = name if plain in taken else plain
        taken.add(plain)
        yield plain, table.column(name)
