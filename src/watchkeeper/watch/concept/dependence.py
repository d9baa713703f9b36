"""How much rows that lie near each other share: sums of ever longer blocks, in little memory."""

from __future__ import annotations

import math
from typing import Final

import msgspec

FIRST_BLOCK: Final = 8
"""Rows of the shortest blocks; each next level has twice as many."""

_LEAST_BLOCKS = 16
_LEVELS = 24


class Dependence(msgspec.Struct, kw_only=True):
    """Sums of squares of block sums, for blocks of 8, 16, 32, ... rows.

    Attributes
    ----------
    counts
        Complete blocks of each level.
    squares
        Sum of the squares of their sums.
    waiting
        Sum of a block whose other half has not come yet; ``None`` if none waits.
    """

    counts: list[int]
    squares: list[float]
    waiting: list[float | None]

    @classmethod
    def none(cls) -> Dependence:
        """Return what is known before any row."""
        return cls(counts=[], squares=[], waiting=[])

    def add(self, total: float) -> None:
        """Take in the sum of the next 8 rows."""
        for level in range(_LEVELS):
            if level == len(self.counts):
                self.counts.append(0)
                self.squares.append(0.0)
                self.waiting.append(None)
            self.counts[level] += 1
            self.squares[level] += total * total
            other = self.waiting[level]
            if other is None:
                self.waiting[level] = total
                return
            self.waiting[level] = None
            total = other + total

    def take_in(self, other: Dependence) -> None:
        """Take in the complete blocks of another."""
        for level, (count, squares) in enumerate(zip(other.counts, other.squares, strict=True)):
            if level == len(self.counts):
                self.counts.append(0)
                self.squares.append(0.0)
                self.waiting.append(None)
            self.counts[level] += count
            self.squares[level] += squares

    def time(self, mean: float, variance: float) -> float:
        """Return the integrated autocorrelation time of the rows, at least 1.

        Parameters
        ----------
        mean, variance
            Of one row.

        Notes
        -----
        The variance of a block's sum over that of as many independent rows rises with the length
        of the block to the integrated autocorrelation time (the method of batch means: Flegal,
        Jones 2010). The largest ratio counts that chance does not explain (deviations of a
        chi-square variable: Wilson, Hilferty 1931; two for the first rows, where a mistake is soon
        put right, four later), half a standard error larger, since too short a time makes false
        alarms and one a little too long only costs rows.
        """
        rows = FIRST_BLOCK * self.counts[0] if self.counts else 0
        clear = min(4.0, 2.0 + 0.5 * math.log2(max(rows, 128) / 128))
        longest = 1.0
        for level, count in enumerate(self.counts):
            if count < _LEAST_BLOCKS:
                break
            rows = FIRST_BLOCK << level
            spread = self.squares[level] / count - (mean * rows) ** 2
            ratio = spread / (variance * rows) * (count / (count - 1.0))
            part = 2.0 / (9.0 * (count - 1.0))
            if ratio > (1.0 - part + clear * math.sqrt(part)) ** 3:
                longest = max(longest, ratio * (1.0 + 0.5 * math.sqrt(2.0 / count)))
        return longest
