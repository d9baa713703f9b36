"""Measures of texts that need no knowledge of their language."""

from __future__ import annotations

import functools
import sys
import unicodedata

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.profiles.categories import python_values, text_of
from watchkeeper.profiles.numbers import flat

_DIGIT, _UPPER, _PUNCTUATION, _SPACE = 1, 2, 4, 8


def measure_texts(column: pa.ChunkedArray) -> dict[str, NDArray[np.float64]]:
    """Measure each text: characters, words, and four ratios of its characters.

    Words are runs of characters between white space. Digits, upper-case letters, and punctuation
    with symbols are those of Unicode; every ratio of an empty text is 0. Values of other types are
    measured by their text form. NaN where the text is null.

    Returns
    -------
    dict
        ``length``, ``words``, ``digit_ratio``, ``upper_ratio``, ``non_ascii_ratio`` and
        ``punctuation_ratio``, each of shape (rows,).
    """
    texts = [
        text_of(value) for chunk in column.chunks for value in python_values(flat(_decoded(chunk)))
    ]
    null = np.fromiter((text is None for text in texts), dtype=np.bool_, count=len(texts))
    whole = "".join(text for text in texts if text)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter((len(text or "") for text in texts), dtype=np.int64, count=len(texts))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    flags = _flags()[codes]

    def count(marks: NDArray[np.bool_]) -> NDArray[np.float64]:
        sums = np.concatenate([[0], np.cumsum(marks)])
        return np.where(null, np.nan, sums[ends] - sums[starts])

    solid = (flags & _SPACE) == 0
    begins = solid.copy()
    begins[1:] &= ~solid[:-1]
    first = starts[lengths > 0]
    begins[first] = solid[first]
    characters = np.maximum(lengths, 1)
    return {
        "length": np.where(null, np.nan, lengths),
        "words": count(begins),
        "digit_ratio": count((flags & _DIGIT) != 0) / characters,
        "upper_ratio": count((flags & _UPPER) != 0) / characters,
        "non_ascii_ratio": count(codes > 127) / characters,
        "punctuation_ratio": count((flags & _PUNCTUATION) != 0) / characters,
    }


def _decoded(chunk: pa.Array) -> pa.Array:
    return chunk.dictionary_decode() if pa.types.is_dictionary(chunk.type) else chunk


@functools.cache
def _flags() -> NDArray[np.uint8]:
    """Tell for every Unicode character what it counts as; 1.1 MB, built once."""
    flags = np.zeros(sys.maxunicode + 1, dtype=np.uint8)
    for code in range(sys.maxunicode + 1):
        kind = unicodedata.category(chr(code))
        if kind == "Nd":
            flags[code] = _DIGIT
        elif kind in ("Lu", "Lt"):
            flags[code] = _UPPER
        elif kind[0] in "PS":
            flags[code] = _PUNCTUATION
        elif kind[0] == "Z" or chr(code).isspace():
            flags[code] = _SPACE
    return flags
