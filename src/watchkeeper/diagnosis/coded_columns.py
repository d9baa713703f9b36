"""Columns of any type as one byte per row, so that segments are counted, not looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]
Ints = NDArray[np.int64]

NULL_CODE = 0
MOST_CODES = 256
_MOST_POINTS = 64
_NUMBER_CODES = 254
_MOST_VALUES = 253
_SAMPLE_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedColumn:
    """A column whose values are codes; 0 is null, the others begin at 1.

    Attributes
    ----------
    codes
        Shape (rows,).
    edges
        Of a number, ascending: code ``c`` holds ``edges[c - 2] <= x < edges[c - 1]``, without a
        limit at either end. ``None`` for a category.
    points
        The only values of a number that has few, by code from 1; ``None`` if it has many.
    numbers
        A number as it was, shape (rows,).
    values
        Of a category, by code from 1, most frequent first.
    has_rest
        Whether the code after the last of ``values`` holds all rarer ones.
    """

    name: str
    codes: Codes
    edges: Floats | None = None
    points: Floats | None = None
    numbers: Floats | None = None
    values: tuple[str, ...] = ()
    has_rest: bool = False

    @property
    def size(self) -> int:
        """Number of codes, null included."""
        if self.edges is not None:
            return len(self.edges) + 2
        return len(self.values) + 1 + int(self.has_rest)

    def only(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> CodedColumn:
        """Return the column of some rows, by their places or a mask."""
        numbers = None if self.numbers is None else self.numbers[rows]
        return replace(self, codes=self.codes[rows], numbers=numbers)


def code_numbers(name: str, values: Floats) -> CodedColumn:
    """Code numbers by their quantiles, or one by one where there are no more than 64.

    Parameters
    ----------
    values
        Shape (rows,); NaN is null.

    Examples
    --------
    >>> code_numbers("hour", np.array([7.0, 9.0, np.nan, 7.0])).codes
    array([1, 2, 0, 1], dtype=uint8)
    """
    step = max(1, len(values) // _SAMPLE_ROWS)
    sample = values[::step]
    sample = sample[np.isfinite(sample)]
    distinct = np.unique(sample)
    points: Floats | None = None
    if len(distinct) <= _MOST_POINTS:
        points = distinct
        edges = distinct[1:]
    else:
        steps = np.arange(1, _NUMBER_CODES) / _NUMBER_CODES
        # A value that holds many rows keeps them to itself.
        edges = np.unique(np.quantile(sample, steps, method="inverted_cdf"))
    codes = np.searchsorted(edges, values, side="right").astype(np.uint8)
    codes += np.uint8(1)
    codes[np.isnan(values)] = NULL_CODE
    if points is not None and step > 1 and not _are_all(values, points, codes):
        points = None
    return CodedColumn(name=name, codes=codes, edges=edges, points=points, numbers=values)


def code_between(column: CodedColumn, low: float, high: float) -> CodedColumn:
    """Return a column of numbers coded anew: 1 below ``low``, 2 up to ``high``, 3 from there on."""
    assert column.numbers is not None
    edges = np.array([low, high])
    codes = np.searchsorted(edges, column.numbers, side="right").astype(np.uint8) + np.uint8(1)
    codes[np.isnan(column.numbers)] = NULL_CODE
    return CodedColumn(name=column.name, codes=codes, edges=edges, numbers=column.numbers)


def code_categories(name: str, places: NDArray[np.integer], values: Sequence[str]) -> CodedColumn:
    """Code categories: the 253 most frequent each by its own, all others by one.

    Parameters
    ----------
    places
        Place of each row's value among ``values``, shape (rows,); below 0 is null.

    Examples
    --------
    >>> coded = code_categories("carrier", np.array([1, 1, 0, -1]), ["AA", "UA"])
    >>> coded.values, coded.codes
    (('UA', 'AA'), array([1, 1, 2, 0], dtype=uint8))
    """
    known = len(values)
    counts = np.bincount(np.where(places < 0, known, places), minlength=known + 1)[:known]
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i] > 0]
    kept = order[:_MOST_VALUES]
    code_of = np.full(known + 1, len(kept) + 1, dtype=np.uint8)
    code_of[kept] = np.arange(1, len(kept) + 1)
    code_of[known] = NULL_CODE
    return CodedColumn(
        name=name,
        codes=code_of[np.where(places < 0, known, places)],
        values=tuple(values[i] for i in kept),
        has_rest=len(order) > len(kept),
    )


def grouped(codes: Codes, most: int = 10) -> Ints:
    """Return codes put together into no more than so many groups of about as many rows."""
    counts = np.bincount(codes, minlength=MOST_CODES)
    before = np.cumsum(counts) - counts
    groups = (before * most // max(len(codes), 1)).astype(np.int64)
    found: Ints = np.unique(groups[codes], return_inverse=True)[1]
    return found


def _are_all(values: Floats, points: Floats, codes: Codes) -> bool:
    known = np.concatenate([[np.nan], points])[codes]
    return bool(((known == values) | np.isnan(values)).all())
