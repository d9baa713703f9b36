"""Arrow columns of any type, read as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# What `float` accepts but no data file means as a number: "1_000".
_NUMBER = re.compile(
    r"\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|infinity|nan)\s*", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column read as numbers.

    Attributes
    ----------
    values
        float64, NaN where there is no number.
    misfits
        True where there is a value that is no number; ``None`` when there is none.
    """

    values: NDArray[np.float64]
    misfits: NDArray[np.bool_] | None = None

    def take(self, rows: NDArray[np.int64]) -> Numbers:
        """Return the rows at these places."""
        return Numbers(
            values=self.values[rows], misfits=None if self.misfits is None else self.misfits[rows]
        )


def read_numbers(column: pa.ChunkedArray) -> Numbers:
    """Read integers, floats, decimals, booleans (0, 1), durations (seconds) and text as numbers.

    Text that spells a decimal number is that number; any other text, and every value of a type
    not listed, is a misfit. NaN is null. Integers beyond 2**53 are rounded to the nearest double.
    """
    if column.num_chunks == 1:
        return _read_chunk(column.chunk(0))
    return _join(_read_chunk(chunk) for chunk in column.chunks)


def flat(chunk: pa.Array) -> pa.Array:
    """Return the same values in a type that Arrow can take from, compare and count.

    Extension types, run-end encoding and views go; all else stays as it is.
    """
    if isinstance(chunk, pa.ExtensionArray):
        chunk = chunk.storage
    if pa.types.is_run_end_encoded(chunk.type):
        chunk = pc.run_end_decode(chunk)
    if pa.types.is_string_view(chunk.type):
        chunk = chunk.cast(pa.large_string())
    elif pa.types.is_binary_view(chunk.type):
        chunk = chunk.cast(pa.large_binary())
    return chunk


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this Arrow type are text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def nulls_of(chunk: pa.Array) -> NDArray[np.bool_]:
    """Return where a chunk is null; NaN is not."""
    mask: NDArray[np.bool_] = chunk.is_null().to_numpy(zero_copy_only=False)
    return mask


def _read_chunk(chunk: pa.Array) -> Numbers:
    kind = chunk.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        values = chunk.to_numpy(zero_copy_only=False)
        return Numbers(values=values.astype(np.float64, copy=False))
    if pa.types.is_boolean(kind):
        return _read_chunk(chunk.cast(pa.uint8()))
    if pa.types.is_dictionary(kind):
        places = chunk.indices.to_numpy(zero_copy_only=False)
        return _spread(_read_chunk(flat(chunk.dictionary)), places, nulls_of(chunk.indices))
    if is_text(kind):
        return _read_text(chunk)
    if pa.types.is_decimal(kind):
        return _read_chunk(chunk.cast(pa.float64()))
    if pa.types.is_duration(kind):
        per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return Numbers(values=_read_chunk(chunk.cast(pa.int64())).values / per_second)
    simpler = flat(chunk)
    if simpler is not chunk:
        return _read_chunk(simpler)
    return _all_misfits(chunk)


def _read_text(chunk: pa.Array) -> Numbers:
    encoded = pc.dictionary_encode(chunk)
    texts = encoded.dictionary.cast(pa.large_binary()).to_pylist()
    numbers = [_parse(text.decode("utf-8", "replace")) for text in texts]
    values = np.array([math.nan if n is None else n for n in numbers], dtype=np.float64)
    misfits = np.array([n is None for n in numbers], dtype=np.bool_)
    distinct = Numbers(values=values, misfits=misfits if misfits.any() else None)
    places = encoded.indices.to_numpy(zero_copy_only=False)
    return _spread(distinct, places, nulls_of(encoded.indices))


def _parse(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _spread(distinct: Numbers, places: NDArray[np.generic], nulls: NDArray[np.bool_]) -> Numbers:
    """Look distinct numbers up by the place each row points to."""
    safe = np.where(nulls, distinct.values.size, places).astype(np.int64)
    values = np.append(distinct.values, math.nan)[safe]
    if distinct.misfits is None:
        return Numbers(values=values)
    return Numbers(values=values, misfits=np.append(distinct.misfits, False)[safe])


def _all_misfits(chunk: pa.Array) -> Numbers:
    misfits = ~nulls_of(chunk)
    return Numbers(values=np.full(len(chunk), math.nan), misfits=misfits if misfits.any() else None)


def _join(parts: Iterable[Numbers]) -> Numbers:
    chunks = list(parts)
    values = [part.values for part in chunks]
    if all(part.misfits is None for part in chunks):
        return Numbers(values=np.concatenate([np.zeros(0), *values]))
    return Numbers(
        values=np.concatenate(values),
        misfits=np.concatenate(
            [
                np.zeros(part.values.size, dtype=np.bool_) if part.misfits is None else part.misfits
                for part in chunks
            ]
        ),
    )
