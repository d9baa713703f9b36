"""The course of the risk until now, finer the nearer it is, in logarithmic memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

_SAME_SIZE: Final = 32


class Course(msgspec.Struct, kw_only=True):
    """Sums of the losses of consecutive blocks of rows, oldest first.

    At most 32 blocks have the same length; then the two oldest of them become one.

    Attributes
    ----------
    rows
        Rows of each block.
    totals, squares
        Sums of their losses, and of the squares of these.
    """

    rows: list[int]
    totals: list[float]
    squares: list[float]

    @classmethod
    def none(cls) -> Course:
        """Return a course without rows."""
        return cls(rows=[], totals=[], squares=[])

    def add(self, rows: int, total: float, squares: float) -> None:
        """Append a block."""
        self.rows.append(rows)
        self.totals.append(total)
        self.squares.append(squares)
        end = len(self.rows)
        while True:
            size, start = self.rows[end - 1], end - 1
            while start > 0 and self.rows[start - 1] == size:
                start -= 1
            if end - start <= _SAME_SIZE:
                return
            self._merge(start)
            end = start + 1

    def _merge(self, at: int) -> None:
        self.rows[at] += self.rows.pop(at + 1)
        self.totals[at] += self.totals.pop(at + 1)
        self.squares[at] += self.squares.pop(at + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """Where a change most likely began.

    Attributes
    ----------
    block
        First block of the course after it.
    rows, total, squares
        Rows since, and sums of their losses and squares.
    rows_before, total_before
        The same of the rows before.
    """

    block: int
    rows: int
    total: float
    squares: float
    rows_before: int
    total_before: float


def find_onset(course: Course, *, rises: bool) -> Onset | None:
    """Return the most likely beginning of a rise, or of a fall; ``None`` if nothing of the kind.

    Notes
    -----
    The split with the largest two-sample statistic, ``n1 n2 / n (mean2 - mean1)**2``: least
    squares, as for one change of a mean (Hinkley 1970).
    """
    rows, total, squares = sum(course.rows), sum(course.totals), sum(course.squares)
    sign = 1.0 if rises else -1.0
    best, found = 0.0, None
    before, total_before, squares_before = 0, 0.0, 0.0
    for at in range(1, len(course.rows)):
        before += course.rows[at - 1]
        total_before += course.totals[at - 1]
        squares_before += course.squares[at - 1]
        after = rows - before
        step = (total - total_before) / after - total_before / before
        if sign * step <= 0.0:
            continue
        clear = step * step * before * after / rows
        if clear > best:
            best = clear
            found = Onset(
                block=at,
                rows=after,
                total=total - total_before,
                squares=squares - squares_before,
                rows_before=before,
                total_before=total_before,
            )
    return found
