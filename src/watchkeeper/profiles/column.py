"""What is kept of one column in one bucket of time or rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import DataError
from watchkeeper.profiles.bins import MISFIT, NULL
from watchkeeper.profiles.distinct import DistinctSketch
from watchkeeper.profiles.moments import Moments
from watchkeeper.profiles.quantiles import QuantileSketch
from watchkeeper.profiles.values import ValueCounts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnProfile:
    """Mergeable summary of a column's values in one bucket.

    Attributes
    ----------
    rows
        All rows, nulls and misfits included.
    counts
        Rows per place, int64, laid out as in `watchkeeper.profiles.bins`: null, misfit, then one
        per bin. They sum to `rows`.
    moments
        Of a number; ``None`` for a category.
    categories
        Of a category, its values with their counts; ``None`` for a number.
    unseen
        Rows of a category whose value the reference never showed.
    quantiles, distinct
        Sketches, when they were asked for.
    """

    rows: int
    counts: NDArray[np.int64]
    moments: Moments | None = None
    categories: ValueCounts | None = None
    unseen: int = 0
    quantiles: QuantileSketch | None = None
    distinct: DistinctSketch | None = None

    @property
    def nulls(self) -> int:
        """Rows without a value."""
        return int(self.counts[NULL])

    @property
    def misfits(self) -> int:
        """Rows with a value of another type than the column's."""
        return int(self.counts[MISFIT])

    @property
    def values(self) -> dict[str, int]:
        """Rows per value of a category, empty for a number; bounded, see `ValueCounts`."""
        return self.categories.counts if self.categories is not None else {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ColumnProfile):
            return NotImplemented
        return (
            self.rows == other.rows
            and np.array_equal(self.counts, other.counts)
            and self.moments == other.moments
            and self.categories == other.categories
            and self.unseen == other.unseen
            and self.quantiles == other.quantiles
            and self.distinct == other.distinct
        )

    __hash__ = None  # type: ignore[assignment]  # holds an array; the way to say "unhashable"

    def merge(self, other: ColumnProfile) -> ColumnProfile:
        """Return the profile of both sets of rows together.

        Associative and commutative: exact but for the moments, which agree to 1e-9. A sketch that
        only one side has is dropped.

        Raises
        ------
        DataError
            When the two were not counted on the same bins.
        """
        if self.counts.shape != other.counts.shape:
            raise DataError(
                f"Expected two profiles on the same bins, got {self.counts.size} and "
                f"{other.counts.size} places. Profile both with the bins of one baseline."
            )
        return ColumnProfile(
            rows=self.rows + other.rows,
            counts=self.counts + other.counts,
            moments=(
                self.moments.merge(other.moments)
                if self.moments is not None and other.moments is not None
                else None
            ),
            categories=(
                self.categories.merge(other.categories)
                if self.categories is not None and other.categories is not None
                else None
            ),
            unseen=self.unseen + other.unseen,
            quantiles=(
                self.quantiles.merge(other.quantiles)
                if self.quantiles is not None and other.quantiles is not None
                else None
            ),
            distinct=(
                self.distinct.merge(other.distinct)
                if self.distinct is not None and other.distinct is not None
                else None
            ),
        )
