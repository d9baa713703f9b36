"""Arrow columns of any type, read as points in time."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.profiles.numbers import Numbers, flat, is_text, nulls_of, read_numbers

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def read_times(column: pa.ChunkedArray) -> Numbers:
    """Read time stamps, dates and ISO 8601 text as seconds since 1970 in UTC.

    A time without a zone is taken as UTC. Values of other types, and text that is no time, are
    misfits.
    """
    parts = [_read_chunk(chunk) for chunk in column.chunks]
    values = np.concatenate([np.zeros(0), *(part.values for part in parts)])
    misfits = np.concatenate(
        [
            np.zeros(0, dtype=np.bool_),
            *(
                np.zeros(part.values.size, dtype=np.bool_) if part.misfits is None else part.misfits
                for part in parts
            ),
        ]
    )
    return Numbers(values=values, misfits=misfits if misfits.any() else None)


def _read_chunk(chunk: pa.Array) -> Numbers:
    kind = chunk.type
    if pa.types.is_timestamp(kind):
        ticks = read_numbers(pa.chunked_array([chunk.cast(pa.int64())]))
        return Numbers(values=ticks.values / _PER_SECOND[kind.unit])
    if pa.types.is_date32(kind):
        days = read_numbers(pa.chunked_array([chunk.cast(pa.int32())]))
        return Numbers(values=days.values * 86_400.0)
    if pa.types.is_date64(kind):
        ticks = read_numbers(pa.chunked_array([chunk.cast(pa.int64())]))
        return Numbers(values=ticks.values / 1e3)
    if pa.types.is_dictionary(kind):
        return _read_chunk(chunk.dictionary_decode())
    if is_text(kind):
        return _read_text(chunk)
    simpler = flat(chunk)
    if simpler is not chunk:
        return _read_chunk(simpler)
    misfits = ~nulls_of(chunk)
    return Numbers(values=np.full(len(chunk), math.nan), misfits=misfits)


def _read_text(chunk: pa.Array) -> Numbers:
    encoded = pc.dictionary_encode(chunk)
    texts = encoded.dictionary.cast(pa.large_binary()).to_pylist()
    distinct = np.array([_parse(text.decode("utf-8", "replace")) for text in texts] + [math.nan])
    nulls = nulls_of(encoded.indices)
    places = encoded.indices.to_numpy(zero_copy_only=False)
    values = distinct[np.where(nulls, distinct.size - 1, places).astype(np.int64)]
    return Numbers(values=values, misfits=np.isnan(values) & ~nulls)


def _parse(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.timestamp()
