"""Sums of a quantity by the codes of every column, over some rows: all that a search looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import MOST_CODES, CodedColumn
from watchkeeper.diagnosis.contrast import SUMS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Places of rows, ascending: of the current ones and of the reference's."""

    current: Places
    reference: Places

    def within(self, codes: NDArray[np.uint8], low: int, high: int) -> Rows:
        """Return the rows whose codes are in a range, both ends included."""
        return Rows(
            current=_within(self.current, codes, low, high),
            reference=_within(self.reference, codes, low, high),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Counts a quantity by codes.

    Attributes
    ----------
    values
        The quantity, shape (rows,).
    pool
        Columns are counted in its threads; ``None`` for this one.
    """

    columns: Sequence[CodedColumn]
    values: Floats
    pool: Executor | None = None
    _is_flag: bool = field(init=False)

    def __post_init__(self) -> None:
        """See whether the quantity is 0 or 1: then counting does for summing."""
        is_flag = bool(((self.values == 0.0) | (self.values == 1.0)).all())
        object.__setattr__(self, "_is_flag", is_flag)

    def total(self, rows: Rows) -> Floats:
        """Return the sums over some rows, shape (6,)."""
        sums = np.empty(SUMS)
        for place, side in ((0, rows.current), (3, rows.reference)):
            values = self.values[side]
            sums[place : place + 3] = len(side), values.sum(), values @ values
        return sums

    def cells(self, rows: Rows, places: Sequence[int], *, about: int | None = None) -> Floats:
        """Return the sums by column and code, shape (6, columns, codes).

        Parameters
        ----------
        about
            Of many rows, so many of each side stand for all; of a quantity that is 0 or 1, so many
            of those with either, so that the rarer one is counted in full as long as can be.
        """
        parts = [part for side in (0, 3) for part in self._parts(rows, side, about)]
        codes = (self.columns[place].codes for place in places)

        def count(own: NDArray[np.uint8]) -> Floats:
            sums = np.zeros((SUMS, MOST_CODES))
            for part in parts:
                part.add(own, sums)
            return sums

        found = list(self._each(count, codes))
        return np.stack(found, axis=1) if found else np.zeros((SUMS, 0, MOST_CODES))

    def _each(
        self, count: Callable[[NDArray[np.uint8]], Floats], codes: Iterable[NDArray[np.uint8]]
    ) -> Iterable[Floats]:
        return map(count, codes) if self.pool is None else self.pool.map(count, codes)

    def _parts(self, rows: Rows, side: int, about: int | None) -> Iterator[_Part]:
        own = rows.reference if side else rows.current
        values = self.values[own]
        if not self._is_flag:
            yield _Part.of(own, about, side, self.values)
            return
        yield _Part.of(own[values > 0.0], about, side, 1.0)
        yield _Part.of(own[values == 0.0], about, side, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Rows of one side, each standing for so many, whose values are all the same, or are not."""

    rows: Places
    weight: float
    side: int
    value: float | None
    values: Floats | None

    @classmethod
    def of(cls, rows: Places, about: int | None, side: int, values: Floats | float) -> _Part:
        weight = 1.0
        if about is not None and len(rows) > about:
            weight = len(rows) / about
            rows = rows[(np.arange(about) * weight).astype(np.intp)]
        if isinstance(values, float):
            return cls(rows=rows, weight=weight, side=side, value=values, values=None)
        return cls(rows=rows, weight=weight, side=side, value=None, values=values[rows])

    def add(self, codes: NDArray[np.uint8], sums: Floats) -> None:
        """Add the part to the sums by code, shape (6, codes)."""
        own, side = codes[self.rows], self.side
        if self.values is None:
            counts = self.weight * np.bincount(own, minlength=MOST_CODES)
            sums[side] += counts
            if self.value:
                sums[side + 1] += counts
                sums[side + 2] += counts
            return
        places = own.astype(np.intp)
        sums[side] += self.weight * np.bincount(places, minlength=MOST_CODES)
        for power, weights in ((1, self.values), (2, self.values * self.values)):
            counted = np.bincount(places, weights=weights, minlength=MOST_CODES)
            sums[side + power] += self.weight * counted


def _within(rows: Places, codes: NDArray[np.uint8], low: int, high: int) -> Places:
    own = codes[rows]
    # One comparison: below low wraps around to far above.
    return rows[(own - np.uint8(low)) <= np.uint8(high - low)]
