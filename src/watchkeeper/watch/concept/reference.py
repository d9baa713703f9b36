"""The risk that is held for normal: learned from a baseline, from the stream's start, or both."""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept.dependence import FIRST_BLOCK, Dependence

MOST_ROWS: Final = 100_000
"""A reference of so many rows takes in no more, so that a slow creep is not taken for normal."""

_LEAST_SPREAD = 1e-9


class Reference(msgspec.Struct, kw_only=True):
    """Losses that are held for normal, added up.

    Attributes
    ----------
    rows
        How many.
    total, squares
        Sums of the losses, and of their squares.
    dependence
        Sums over blocks, for the integrated autocorrelation time.
    time
        That time as it was last looked at: when the number of rows had doubled.
    time_rows
        Rows that it was learned from, before a turn perhaps.
    look
        Rows at which it is looked at next.
    """

    rows: int
    total: float
    squares: float
    dependence: Dependence
    time: float
    time_rows: int
    look: int

    @classmethod
    def none(cls) -> Reference:
        """Return a reference without rows."""
        return cls(
            rows=0,
            total=0.0,
            squares=0.0,
            dependence=Dependence.none(),
            time=1.0,
            time_rows=0,
            look=128,
        )

    @classmethod
    def of(cls, losses: NDArray[np.float64]) -> Reference:
        """Learn from losses in the order of time, each from 0 to 1; all rows count."""
        found = cls.none()
        for total in np.add.accumulate(_whole(losses), axis=1)[:, -1]:
            found.dependence.add(float(total))
        found.rows = len(losses)
        found.total, found.squares = float(losses.sum()), float((losses * losses).sum())
        found.look_again()
        return found

    def add(self, rows: int, total: float, squares: float) -> None:
        """Take in rows whose blocks of 8 were added to the dependence before."""
        self.rows += rows
        self.total += total
        self.squares += squares
        if self.rows >= self.look:
            self.look_again()

    def take_in(self, other: Reference) -> None:
        """Take in the rows of another, unless this one is full."""
        if self.is_full:
            return
        self.dependence.take_in(other.dependence)
        self.add(other.rows, other.total, other.squares)

    def look_again(self) -> None:
        """Estimate the autocorrelation time, and put off the next look."""
        if self.rows >= self.time_rows:
            self.time = self.dependence.time(self.mean, self.variance)
            self.time_rows = self.rows
        while self.look <= self.rows:
            self.look *= 2

    @property
    def is_full(self) -> bool:
        """Whether no more rows are taken in."""
        return self.rows >= MOST_ROWS

    @property
    def effective_rows(self) -> float:
        """How many independent rows would tell as much."""
        return self.rows / self.time

    @property
    def doubt(self) -> float:
        """How far the mean of dependent rows may lie off; 0 for independent ones.

        A standard error, as far as it comes of dependence: the time itself is known only roughly.
        """
        return (1.0 - 1.0 / self.time) * math.sqrt(self.variance * self.time / (self.rows + 1.0))

    @property
    def mean(self) -> float:
        """The risk, with half a row of loss 0 and of loss 1 added (Jeffreys 1946): in (0, 1)."""
        return (self.total + 0.5) / (self.rows + 1.0)

    @property
    def variance(self) -> float:
        """Variance of one row's loss, above 0."""
        return max((self.squares + 0.5) / (self.rows + 1.0) - self.mean**2, _LEAST_SPREAD)


def _whole(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    return losses[: len(losses) // FIRST_BLOCK * FIRST_BLOCK].reshape(-1, FIRST_BLOCK)
