"""When the rows of a stream were made, as a few marks that can be kept."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

_MOST = 2_048


class Timeline(msgspec.Struct, kw_only=True):
    """Times at some rows; every second mark is dropped when there are more than 2,048.

    Attributes
    ----------
    rows, times
        Number of a row, and when its prediction was made, microseconds since 1970.
    step
        Rows between two marks.
    """

    rows: list[int]
    times: list[int]
    step: int

    @classmethod
    def none(cls) -> Timeline:
        """Return a timeline without marks."""
        return cls(rows=[], times=[], step=16)

    def add(self, first: int, times: NDArray[np.int64]) -> None:
        """Mark rows; ``first`` is the number of the first of them."""
        row = first + -first % self.step
        while row < first + len(times):
            self.rows.append(row)
            self.times.append(int(times[row - first]))
            if len(self.rows) > _MOST:
                self.rows, self.times = self.rows[::2], self.times[::2]
                self.step *= 2
            row += 1
            row += -row % self.step

    def time_at(self, row: int) -> int | None:
        """Return when the row, or the last marked one before it, was made."""
        at = int(np.searchsorted(self.rows, row, side="right")) - 1
        return self.times[max(at, 0)] if self.times else None
