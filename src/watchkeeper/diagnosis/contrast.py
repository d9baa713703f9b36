"""How much more a quantity changed in some rows than in all rows, in standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNT, SUM, SQUARES, REFERENCE_COUNT, REFERENCE_SUM, REFERENCE_SQUARES = range(6)
SUMS = 6
# As many rows of the whole reference stand for those that a segment may not have in it.
_PRIOR_ROWS = 20.0
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What a segment is held against: the change over all rows.

    Sums are arrays whose first axis has six entries: count, sum and sum of squares of the
    quantity over current rows, then over the reference's. Without a reference the latter are 0,
    and a segment is held against the mean of all current rows.

    Attributes
    ----------
    mean, reference_mean
        Over all rows of a side; the same without a reference.
    variance
        Of the quantity within the sides.
    """

    mean: float
    reference_mean: float
    variance: float
    has_reference: bool

    @classmethod
    def of(cls, total: Floats) -> Contrast:
        """Return the contrast of all rows by their sums, shape (6,)."""
        has_reference = bool(total[REFERENCE_COUNT] > 0)
        mean = float(total[SUM] / total[COUNT])
        before = float(total[REFERENCE_SUM] / total[REFERENCE_COUNT]) if has_reference else mean
        return cls(
            mean=mean,
            reference_mean=before,
            variance=max(float(_within(total)), _LEAST_VARIANCE),
            has_reference=has_reference,
        )

    @property
    def change(self) -> float:
        """Change of the mean over all rows; 0 without a reference."""
        return self.mean - self.reference_mean

    def expected(self, sums: Floats) -> Floats:
        """Return the mean expected of segments if they changed as all rows did."""
        if not self.has_reference:
            return np.full(sums.shape[1:], self.mean)
        rows = sums[REFERENCE_COUNT] + _PRIOR_ROWS
        before = (sums[REFERENCE_SUM] + _PRIOR_ROWS * self.reference_mean) / rows
        expected: Floats = before + self.change
        return expected

    def excess(self, sums: Floats) -> Floats:
        """Return the sum of the quantity beyond what is expected."""
        excess: Floats = sums[SUM] - sums[COUNT] * self.expected(sums)
        return excess

    def z(self, sums: Floats) -> Floats:
        """Return the excess in standard errors; 0 where there are no rows.

        A segment counts with its own variance where that is larger than that of all rows.
        """
        count = np.maximum(sums[COUNT], 1e-9)
        inverse = 1.0 / count
        if self.has_reference:
            inverse = inverse + 1.0 / (sums[REFERENCE_COUNT] + _PRIOR_ROWS)
        variance = np.maximum(_within(sums), self.variance)
        z: Floats = self.excess(sums) / count / np.sqrt(variance * inverse)
        return np.where(sums[COUNT] > 0.5, z, 0.0)

    def largest_z(self, positive: float, largest: float, rows: float, least_rows: float) -> float:
        """Return a bound on z of any part of a segment with so many rows, not fewer than the least.

        The best part of ``m`` rows has an excess of no more than ``m`` times the largest, and none
        more than all the positive ones together.

        Parameters
        ----------
        positive
            Sum of what the segment's current rows are above the least that can be expected.
        largest
            The largest of those.
        """
        if rows < least_rows or largest <= 0.0:
            return 0.0
        at = min(max(least_rows, positive / largest), rows)
        return float(min(largest * at, positive) / np.sqrt(at * self.variance))


def _within(sums: Floats) -> Floats:
    """Return the variance within the sides."""
    counts = np.maximum(sums[[COUNT, REFERENCE_COUNT]], 1e-9)
    squares = sums[[SQUARES, REFERENCE_SQUARES]] - sums[[SUM, REFERENCE_SUM]] ** 2 / counts
    variance: Floats = np.maximum(squares, 0.0).sum(axis=0) / np.maximum(counts.sum(axis=0), 1.0)
    return variance
