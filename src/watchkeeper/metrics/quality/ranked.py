"""Ranked lists whose relevant items are known: what metrics of ranking are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.scored import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRows:
    """Items of ``m`` ranked lists, one row for each item that was shown or was relevant.

    Parameters
    ----------
    lists
        Which list a row belongs to, from 0 to m - 1, shape (n,).
    positions
        Place of the item in its list, 1 for the first; 0 if it was relevant but not shown.
        Shape (n,). No place is taken twice.
    gains
        How relevant the item turned out to be, 0 or more, shape (n,).
    items
        Code of the item, from 0, shape (n,); the columns below are looked up by it. ``None``
        leaves out what needs to know the items.
    count
        Number of lists m, at least ``lists.max() + 1``.
    entities
        Code of the user of each list, shape (m,). Lists of one user are not independent.
    catalogue
        Number of items that could be shown; ``None``: unknown.
    popularity
        How often each item was taken before, by item code, shape (items,).
    traits
        What each item is made of (genres, topics), shares of 0 and up, shape (items, g).
    tastes
        What each list's user took before, as shares of the same traits, shape (m, g).

    Raises
    ------
    DataError
        If shapes disagree, a gain is negative or not finite, or a position is negative.
    """

    lists: Integers
    positions: Integers
    gains: Floats
    count: int
    items: Integers | None = None
    entities: Integers | None = None
    catalogue: int | None = None
    popularity: Floats | None = None
    traits: Floats | None = None
    tastes: Floats | None = None

    def __post_init__(self) -> None:
        rows = len(self.lists)
        for name in ("positions", "gains", "items"):
            values = getattr(self, name)
            if values is not None and len(values) != rows:
                raise DataError(f"Expected {rows} {name}, one for each row; got {len(values)}.")
        for name in ("entities", "tastes"):
            values = getattr(self, name)
            if values is not None and len(values) != self.count:
                raise DataError(f"Expected {self.count} {name}, one a list; got {len(values)}.")
        wrong = ~(np.isfinite(self.gains) & (self.gains >= 0) & (self.positions >= 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise DataError(
                f"Row {row} has position {self.positions[row]} and gain {self.gains[row]}; "
                "positions begin at 1 (0: not shown), and gains are finite and not negative."
            )
        if rows and not 0 <= self.lists.min() <= self.lists.max() < self.count:
            raise DataError(f"lists must be codes from 0 to {self.count - 1}.")

    def per_list(self, values: NDArray[Any]) -> Floats:
        """Return the sum of a value of rows, shape (n,), over each list, shape (m,)."""
        return np.bincount(self.lists, values, minlength=self.count).astype(np.float64)
