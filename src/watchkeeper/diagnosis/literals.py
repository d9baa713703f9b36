"""The best condition that each column has to offer, found from its tallies alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import MOST_CODES, NULL_CODE, CodedColumn
from watchkeeper.diagnosis.contrast import COUNT, Contrast

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_COARSE = 20


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """The rows whose code in the column at ``place`` is ``low`` to ``high``, both included."""

    place: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A literal and how far its rows stand out."""

    literal: Literal
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Literals:
    """Finds literals of columns against a contrast.

    Numbers offer every range of consecutive codes: first of 20 groups of codes, then shifted code
    by code. Categories offer each value, both of them null.
    """

    columns: Sequence[CodedColumn]
    contrast: Contrast
    least_rows: float

    def choices(self, place: int) -> float:
        """Return the logarithm of how many literals all columns offer, as seen from one of them."""
        size = self.columns[place].size
        own = size * (size + 1) / 2 if self.columns[place].edges is not None else size
        return float(np.log(max(own, 1.0)) + np.log(len(self.columns)))

    def offers(self, cells: Floats, places: Sequence[int], *, each: int = 1) -> list[Offer]:
        """Return the best literals of columns by their sums, shape (6, columns, codes).

        Of one column no two overlap. Ranges are of whole groups of codes; see `refined`.
        """
        found: list[Offer] = []
        numbers = [i for i, p in enumerate(places) if self.columns[p].edges is not None]
        others = [i for i, p in enumerate(places) if self.columns[p].edges is None]
        if others:
            z = self._z(cells[:, others])
            for row, at in zip(z, others, strict=True):
                for code in np.argsort(-row)[:each]:
                    if row[code] > 0.0:
                        literal = Literal(places[at], int(code), int(code))
                        found.append(Offer(literal=literal, z=float(row[code])))
        if numbers:
            found += self._ranges(cells[:, numbers], [places[i] for i in numbers], each)
        return found

    def refined(self, cells: Floats, literal: Literal) -> Offer:
        """Return a literal with its ends moved to where they serve best.

        Parameters
        ----------
        cells
            Sums of its column by code, shape (6, codes).
        """
        column = self.columns[literal.place]
        low, high = literal.low, literal.high
        if column.edges is not None and low != NULL_CODE:
            sums = np.concatenate([np.zeros((len(cells), 1)), np.cumsum(cells, axis=1)], axis=1)
            for _ in range(8):
                before = low, high
                lows = np.arange(1, high + 1)
                low = int(lows[np.argmax(self._z(sums[:, [high + 1]] - sums[:, lows]))])
                highs = np.arange(low, column.size)
                high = int(highs[np.argmax(self._z(sums[:, highs + 1] - sums[:, [low]]))])
                if (low, high) == before:
                    break
        within = cells[:, low : high + 1].sum(axis=1)
        return Offer(
            literal=Literal(literal.place, low, high), z=float(self._z(within[:, None])[0])
        )

    def _ranges(self, cells: Floats, places: Sequence[int], each: int) -> list[Offer]:
        bounds = np.stack([_bounds(self.columns[place].size) for place in places])
        lows, highs = np.triu_indices(_COARSE)
        sums = np.concatenate([np.zeros((*cells.shape[:2], 1)), np.cumsum(cells, axis=2)], axis=2)
        at = np.take_along_axis(sums, bounds[None], axis=2)
        z = self._z(at[:, :, highs + 1] - at[:, :, lows])
        null = self._z(cells[:, :, NULL_CODE])
        found: list[Offer] = []
        for row, place, bound, null_z in zip(z, places, bounds, null, strict=True):
            if null_z > 0.0:
                found.append(Offer(literal=Literal(place, NULL_CODE, NULL_CODE), z=float(null_z)))
            row = row.copy()
            for _ in range(each):
                best = int(np.argmax(row))
                if row[best] <= 0.0:
                    break
                low, high = lows[best], highs[best]
                literal = Literal(place, int(bound[low]), int(bound[high + 1]) - 1)
                found.append(Offer(literal=literal, z=float(row[best])))
                row[(lows <= high) & (highs >= low)] = 0.0
        return found

    def _z(self, sums: Floats) -> Floats:
        return np.where(sums[COUNT] >= self.least_rows, self.contrast.z(sums), 0.0)


def _bounds(size: int) -> Ints:
    """Return where each group of codes begins, and where the last ends; groups may be empty."""
    assert size <= MOST_CODES
    return np.rint(np.linspace(1, size, _COARSE + 1)).astype(np.intp)
