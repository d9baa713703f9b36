"""Arrow columns of any type, read as categories and counted."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.profiles.hashing import hash_texts
from watchkeeper.profiles.numbers import flat, is_text

NAME_LENGTH: Final = 256
_UNREADABLE: Final = (ValueError, OverflowError, KeyError, pa.ArrowException)
_BOOLEANS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows per value of a category, and rows without one."""

    counts: dict[str, int]
    nulls: int
    misfits: int = 0


def count_values(column: pa.ChunkedArray) -> Counted:
    """Count each value of a column, by its text.

    A whole number reads the same as integer, float or decimal (``3``); booleans are ``true`` and
    ``false``; times are ISO 8601; lists and records are JSON; bytes are UTF-8 with escapes. NaN is
    null. A text longer than 256 characters is known by its start and its hash.
    """
    counts: dict[str, int] = {}
    nulls = 0
    for chunk in column.chunks:
        for value, rows in _distinct(chunk):
            name = value if type(value) is str else text_of(value)
            if name is None:
                nulls += rows
                continue
            if len(name) > NAME_LENGTH:
                name = shorten(name)
            counts[name] = counts.get(name, 0) + rows
    return Counted(counts=counts, nulls=nulls)


def as_booleans(counted: Counted) -> Counted:
    """Fold values into ``true`` and ``false``: also 1 and 0, and any case; others are misfits."""
    counts = {"false": 0, "true": 0}
    misfits = counted.misfits
    for name, rows in counted.counts.items():
        truth = truth_of(name)
        if truth is None:
            misfits += rows
        else:
            counts[truth] += rows
    seen = {name: rows for name, rows in counts.items() if rows}
    return Counted(counts=seen, nulls=counted.nulls, misfits=misfits)


def truth_of(name: str) -> str | None:
    """Return ``true`` or ``false`` for a boolean's text, ``None`` for any other."""
    return _BOOLEANS.get(name.lower())


def shorten(name: str) -> str:
    """Return a name of at most 256 characters that still tells long texts apart.

    Examples
    --------
    >>> len(shorten("x" * 10_000)), shorten("short")
    (256, 'short')
    """
    if len(name) <= NAME_LENGTH:
        return name
    mark = f"...#{int(hash_texts([name])[0]):016x}"
    return name[: NAME_LENGTH - len(mark)] + mark


def text_of(value: object) -> str | None:
    """Return the text of a value of any type; ``None`` for null and NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, default=text_of, ensure_ascii=False, sort_keys=True)
    text = str(value)
    whole, _, fraction = text.partition(".")
    return whole if fraction and not fraction.strip("0") else text


def python_values(chunk: pa.Array) -> list[object]:
    """Return the values of a chunk as Python ones; text that is not UTF-8 gets escapes."""
    kind = chunk.type
    if is_text(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            values: list[object] = chunk.to_pylist()
        except UnicodeDecodeError:
            values = chunk.cast(pa.large_binary()).to_pylist()
        return values
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        chunk = chunk.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        values = chunk.to_pylist()
    except _UNREADABLE:
        values = [_python_value(scalar) for scalar in chunk]
    return values


def _python_value(scalar: pa.Scalar) -> object:
    """Return one value, or what still tells it apart where Python has none for it."""
    try:
        return scalar.as_py()
    except _UNREADABLE:
        # A time outside of Python's years or in an unknown zone has its ticks; text that is not
        # UTF-8 inside of a list or a record has nothing.
        return getattr(scalar, "value", "(unreadable)")


def _distinct(chunk: pa.Array) -> zip[tuple[object, int]]:
    """Pair the different values of a chunk with their rows; a value may come twice."""
    kind = chunk.type
    if pa.types.is_dictionary(kind):
        if len(chunk.dictionary) <= len(chunk):
            return _counted_places(chunk)
        counted = pc.value_counts(chunk.indices)
        values = python_values(flat(chunk.dictionary.take(counted.field(0))))
        return zip(values, counted.field(1).to_numpy().tolist(), strict=True)
    try:
        counted = pc.value_counts(chunk)
    except pa.ArrowNotImplementedError:
        values = python_values(flat(chunk))
        return zip(values, [1] * len(values), strict=True)
    return zip(
        python_values(flat(counted.field(0))), counted.field(1).to_numpy().tolist(), strict=True
    )


def _counted_places(chunk: pa.DictionaryArray) -> zip[tuple[object, int]]:
    """Count a column of places in a dictionary no longer than itself, without hashing."""
    size = len(chunk.dictionary)
    indices = chunk.indices.cast(pa.int64())
    if indices.null_count:
        indices = indices.fill_null(size)
    rows = np.bincount(indices.to_numpy(zero_copy_only=False), minlength=size + 1)
    seen = np.flatnonzero(rows[:size])
    values = python_values(flat(chunk.dictionary.take(pa.array(seen))))
    counts = rows[seen].tolist()
    if rows[size]:
        values, counts = [*values, None], [*counts, int(rows[size])]
    return zip(values, counts, strict=True)
