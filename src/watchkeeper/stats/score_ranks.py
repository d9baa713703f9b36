"""Rows of two sides in the order of their scores, ties together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRanks:
    """What the ranks of ``n`` scores say, by groups of equal scores from the highest down.

    Attributes
    ----------
    order
        Rows from the highest score to the lowest, shape (n,).
    group
        Group of each place in ``order``, shape (n,).
    rows, positives
        Rows and positive rows of each group, shape (groups,).
    """

    order: Integers
    group: Integers
    rows: Floats
    positives: Floats

    @classmethod
    def of(cls, scores: Floats, positive: NDArray[np.bool_]) -> ScoreRanks:
        """Sort ``scores``, shape (n,) with n above 0, no NaN; ``positive`` tells the side.

        Examples
        --------
        >>> ranks = ScoreRanks.of(np.array([0.1, 0.9, 0.9]), np.array([False, True, False]))
        >>> ranks.rows.tolist(), ranks.positives.tolist()
        ([2.0, 1.0], [1.0, 0.0])
        """
        order = np.argsort(scores)[::-1]
        ordered = scores[order]
        ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        rows = np.diff(ends, prepend=-1)
        until = np.cumsum(positive[order])[ends]
        return cls(
            order=order,
            group=np.repeat(np.arange(len(ends)), rows),
            rows=rows.astype(np.float64),
            positives=np.diff(until, prepend=0).astype(np.float64),
        )

    def placements(self) -> tuple[Floats, Floats]:
        """Return, by group, the part of negatives below it and of positives above it.

        Ties count half. Both sides must have a row. The mean of the first over the positives,
        and of the second over the negatives, is the area under the ROC curve.

        Examples
        --------
        >>> ranks = ScoreRanks.of(np.array([2.0, 1.0, 2.0]), np.array([True, False, False]))
        >>> [part.tolist() for part in ranks.placements()]
        [[0.75, 0.25], [0.5, 1.0]]
        """
        negatives = self.rows - self.positives
        below = np.cumsum(negatives[::-1])[::-1] - negatives
        above = np.cumsum(self.positives) - self.positives
        return (
            (2.0 * below + negatives) / (2.0 * negatives.sum()),
            (2.0 * above + self.positives) / (2.0 * self.positives.sum()),
        )

    def per_row(self, values: Floats) -> Floats:
        """Return each row's value, in the order that the scores came in, from its group's."""
        result = np.empty(len(self.order))
        result[self.order] = values[self.group]
        return result
