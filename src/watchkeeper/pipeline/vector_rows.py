"""Some rows of a column of vectors, without ever holding all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.comparison import VectorComparison
from watchkeeper.errors import DataError
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.column_types import NUMBERS
from watchkeeper.stats import separate_vectors

Vectors: TypeAlias = NDArray[np.float32]
Embed: TypeAlias = Callable[[list[str]], object]

_MOST_ROWS = 10_000
_MOST_TEXTS = 2_000
_SEED = 20_130_102


def vector_columns(reader: ColumnReader) -> list[str]:
    """Return the names of the columns that hold lists of numbers."""
    return [name for name in reader.names if reader.source.schema.field(name).type == NUMBERS]


def compare_vectors(
    name: str, first: ColumnReader, second: ColumnReader
) -> VectorComparison | None:
    """Compare a column of vectors; ``None`` when neither side has any."""
    rows = [_lists(reader, name) for reader in (first, second)]
    dimensions = _usual_length(rows[0]) or _usual_length(rows[1])
    if not dimensions:
        return None
    return _compared(*(_stacked(side, dimensions) for side in rows))


def compare_texts(
    name: str, first: ColumnReader, second: ColumnReader, embed: Embed
) -> VectorComparison | None:
    """Compare a column of text by the vectors that a model gives for some of its rows.

    Raises
    ------
    DataError
        When the model does not give one vector per text, of equal lengths.
    """
    sides = []
    for reader in (first, second):
        texts = _sampled(reader, name, _MOST_TEXTS).cast(pa.large_string()).drop_null().to_pylist()
        if not texts:
            return None
        vectors = np.asarray(embed(texts), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise DataError(
                f"Expected the embedding model to give one vector for each of {len(texts)} texts of"
                f" {name!r}, got an array of shape {vectors.shape}. Return an array of shape"
                " (texts, dimensions)."
            )
        sides.append(vectors)
    if sides[0].shape[1] != sides[1].shape[1]:
        raise DataError(
            f"Expected vectors of one length for {name!r}, got {sides[0].shape[1]} and"
            f" {sides[1].shape[1]} dimensions. Use one embedding model for both sides."
        )
    return _compared(*sides)


def _compared(first: Vectors, second: Vectors) -> VectorComparison:
    found = separate_vectors(first, second)
    return VectorComparison(
        dimensions=first.shape[1],
        drifted=False,
        inconclusive=False,
        auc=round(found.auc, 6),
        auc_low=round(found.auc_low, 6),
        auc_high=round(found.auc_high, 6),
        p_value=found.p_value,
        adjusted_p_value=found.p_value,
        rows=len(first) + len(second),
        reference_null_ratio=_null_ratio(first),
        current_null_ratio=_null_ratio(second),
        message="",
    )


def _null_ratio(vectors: Vectors) -> float:
    return round(float((~np.isfinite(vectors).all(axis=1)).mean()), 6) if len(vectors) else 0.0


def _lists(reader: ColumnReader, name: str) -> list[Sequence[float] | None]:
    rows: list[Sequence[float] | None] = _sampled(reader, name, _MOST_ROWS).to_pylist()
    return rows


def _sampled(reader: ColumnReader, name: str, most: int) -> pa.ChunkedArray:
    """Return up to ``most`` rows of a column, read batch by batch."""
    places = np.arange(reader.rows)
    if reader.rows > most:
        drawn = np.random.default_rng(_SEED).choice(reader.rows, most, replace=False)
        places = np.sort(drawn)
    taken, begin = [], 0
    for batch in reader.batches(name):
        end = begin + len(batch)
        inside = places[np.searchsorted(places, begin) : np.searchsorted(places, end)] - begin
        if len(inside):
            taken.append(batch.take(pa.array(inside)))
        begin = end
    chunks = [chunk for column in taken for chunk in column.chunks]
    return pa.chunked_array(chunks, reader.source.schema.field(name).type)


def _usual_length(rows: list[Sequence[float] | None]) -> int:
    lengths = np.array([len(row) for row in rows if row], dtype=np.int64)
    return int(np.bincount(lengths).argmax()) if len(lengths) else 0


def _stacked(rows: list[Sequence[float] | None], dimensions: int) -> Vectors:
    """Return rows as vectors; one of another length is null all through."""
    stacked = np.full((len(rows), dimensions), np.nan, dtype=np.float32)
    for place, row in enumerate(rows):
        if row is not None and len(row) == dimensions:
            stacked[place] = [np.nan if value is None else value for value in row]
    return stacked
