"""Counting the rows of many columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.bins import FIRST, MISFIT, NULL, CategoryBins, NumberBins
from watchkeeper.profiles.categories import Counted
from watchkeeper.profiles.column import ColumnProfile
from watchkeeper.profiles.distinct import DistinctSketch
from watchkeeper.profiles.hashing import hash_numbers, hash_texts
from watchkeeper.profiles.moments import LARGEST, Moments
from watchkeeper.profiles.numbers import Numbers
from watchkeeper.profiles.quantiles import QuantileSketch
from watchkeeper.profiles.values import ValueCounts

_BLOCK = 1 << 17  # numbers worked on at once, so that they stay in the processor's cache


def tally_numbers(
    columns: Sequence[Numbers], edges: Sequence[NDArray[np.float64]], *, sketches: bool
) -> Iterator[ColumnProfile]:
    """Profile columns of equal length, given each one's bin edges."""
    rows = columns[0].values.size if columns else 0
    step = max(1, _BLOCK // max(rows, 1))
    for start in range(0, len(columns), step):
        block = columns[start : start + step]
        matrix = np.stack([column.values for column in block])
        moments = _moments(matrix)
        missing = np.isnan(matrix).sum(axis=1).tolist()
        for place, column in enumerate(block):
            bounds = edges[start + place]
            row = matrix[place]
            counts = np.zeros(FIRST + bounds.size + 1, dtype=np.int64)
            # Searching puts NaN, as the largest, in the last bin; it is taken out again below.
            counts[FIRST:] = np.bincount(
                bounds.searchsorted(row, side="right"), minlength=bounds.size + 1
            )
            if missing[place]:
                misfits = 0 if column.misfits is None else int(column.misfits.sum())
                counts[-1] -= missing[place]
                counts[NULL] = missing[place] - misfits
                counts[MISFIT] = misfits
            finite = row[np.abs(row) <= LARGEST] if sketches else row
            yield ColumnProfile(
                rows=rows,
                counts=counts,
                moments=moments[place],
                quantiles=QuantileSketch.of(finite) if sketches else None,
                distinct=DistinctSketch.of(hash_numbers(finite)) if sketches else None,
            )


def _moments(matrix: NDArray[np.float64]) -> list[Moments]:
    """Return the moments of each row of a matrix, in two passes."""
    rows = matrix.shape[1]
    if not rows:
        return [Moments()] * matrix.shape[0]
    lowest, highest = matrix.min(axis=1), matrix.max(axis=1)
    if not (lowest.min() >= -LARGEST and highest.max() <= LARGEST):
        return [_moments_with_gaps(row) for row in matrix]
    means = matrix.mean(axis=1)
    deviations = matrix - means[:, None]
    squares = np.einsum("ij,ij->i", deviations, deviations)
    squares -= deviations.sum(axis=1) ** 2 / rows
    squares[lowest == highest] = 0.0
    return [
        Moments(count=rows, mean=mean, m2=m2, minimum=low, maximum=high)
        for mean, m2, low, high in zip(
            np.clip(means, lowest, highest).tolist(),
            np.maximum(squares, 0.0).tolist(),
            lowest.tolist(),
            highest.tolist(),
            strict=True,
        )
    ]


def _moments_with_gaps(row: NDArray[np.float64]) -> Moments:
    finite = row[np.abs(row) <= LARGEST]
    infinite = row.size - finite.size - int(np.isnan(row).sum())
    if not finite.size:
        return Moments(infinite=infinite)
    whole = _moments(finite[None, :])[0]
    return Moments(
        count=whole.count,
        mean=whole.mean,
        m2=whole.m2,
        minimum=whole.minimum,
        maximum=whole.maximum,
        infinite=infinite,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLookup:
    """The bin of every value of a category, ready to be asked."""

    bins: CategoryBins
    bin_of: dict[str, int]

    @classmethod
    def of(cls, bins: CategoryBins) -> CategoryLookup:
        """Prepare the bins of a category."""
        return cls(bins=bins, bin_of=dict(zip(bins.values, bins.bin_of, strict=True)))

    def tally(self, counted: Counted, *, sketches: bool) -> ColumnProfile:
        """Profile a counted column."""
        counts = np.zeros(self.bins.size, dtype=np.int64)
        counts[NULL] = counted.nulls
        counts[MISFIT] = counted.misfits
        unseen: list[str] = []
        bin_of = self.bin_of
        for name, rows in counted.counts.items():
            place = bin_of.get(name)
            if place is None:
                unseen.append(name)
            else:
                counts[FIRST + place] += rows
        for name, place in zip(unseen, unseen_bins(self.bins, unseen), strict=True):
            counts[FIRST + place] += counted.counts[name]
        return ColumnProfile(
            rows=int(counts.sum()),
            counts=counts,
            categories=ValueCounts.of(counted.counts),
            unseen=sum(counted.counts[name] for name in unseen),
            distinct=DistinctSketch.of(hash_texts(list(counted.counts))) if sketches else None,
        )


def unseen_bins(bins: CategoryBins, names: Sequence[str]) -> list[int]:
    """Return the bin of each value that the reference never showed."""
    last = bins.bins - 1
    if not bins.is_open or not names:
        return [last] * len(names)
    return [last - bins.pools + pool for pool in pool_of(names, bins.pools)]


def pool_of(names: Sequence[str], pools: int) -> list[int]:
    """Return the pool of each rare value, counted from 0, by its hash."""
    chosen: list[int] = (hash_texts(names) % np.uint64(pools)).tolist()
    return chosen


def edge_array(bins: NumberBins) -> NDArray[np.float64]:
    """Return the edges of a number's bins as an array."""
    return np.asarray(bins.edges, dtype=np.float64)
