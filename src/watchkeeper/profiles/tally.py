"""Counting the rows of many columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

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

Sketch: TypeAlias = Literal["quantiles", "distinct"]
"""What can be kept of a column besides counts and moments."""

SKETCHES: tuple[Sketch, ...] = ("quantiles", "distinct")

_BLOCK = 1 << 17  # numbers worked on at once, so that they stay in the processor's cache


def tally_numbers(
    columns: Sequence[Numbers],
    edges: Sequence[NDArray[np.float64]],
    *,
    sketches: frozenset[Sketch],
) -> Iterator[ColumnProfile]:
    """Profile columns of equal length, given each one's bin edges.

    Each column is sorted first. That is faster than searching the bin of each number, and makes
    the sums independent of the order of the rows.
    """
    rows = columns[0].values.size if columns else 0
    step = max(1, _BLOCK // max(rows, 1))
    for start in range(0, len(columns), step):
        block = columns[start : start + step]
        matrix = np.stack([column.values for column in block])
        matrix.sort(axis=1)
        missing = np.isnan(matrix).sum(axis=1).tolist()
        moments = _moments(matrix, missing)
        for place, column in enumerate(block):
            present = matrix[place, : rows - missing[place]]
            misfits = 0 if column.misfits is None else int(np.count_nonzero(column.misfits))
            finite = present[_finite(present)] if sketches else present
            yield ColumnProfile(
                rows=rows,
                counts=_count(present, edges[start + place], missing[place] - misfits, misfits),
                moments=moments[place],
                quantiles=QuantileSketch.of_sorted(finite) if "quantiles" in sketches else None,
                distinct=_distinct(finite) if "distinct" in sketches else None,
            )


def _distinct(finite: NDArray[np.float64]) -> DistinctSketch:
    """Return the sketch of ascending numbers; of equal ones, one is hashed."""
    if not finite.size:
        return DistinctSketch.of(np.zeros(0, dtype=np.uint64))
    fresh = np.empty(finite.size, dtype=np.bool_)
    fresh[0] = True
    np.not_equal(finite[1:], finite[:-1], out=fresh[1:])
    return DistinctSketch.of(hash_numbers(finite[fresh]))


def _count(
    present: NDArray[np.float64], edges: NDArray[np.float64], nulls: int, misfits: int
) -> NDArray[np.int64]:
    """Count ascending numbers in bins that hold their lower edge but not their upper one."""
    counts = np.empty(FIRST + edges.size + 1, dtype=np.int64)
    counts[NULL] = nulls
    counts[MISFIT] = misfits
    if not edges.size:
        counts[FIRST] = present.size
        return counts
    below = present.searchsorted(edges, side="left")
    counts[FIRST] = below[0]
    np.subtract(below[1:], below[:-1], out=counts[FIRST + 1 : -1])
    counts[-1] = present.size - below[-1]
    return counts


def _moments(matrix: NDArray[np.float64], missing: Sequence[int]) -> list[Moments]:
    """Return the moments of each row of a matrix, ascending with NaN last."""
    if not matrix.shape[1]:
        return [Moments()] * matrix.shape[0]
    if matrix[:, 0].min() >= -LARGEST and matrix[:, -1].max() <= LARGEST:
        return _moments_of_finite(matrix)
    found = []
    for row, nulls in zip(matrix, missing, strict=True):
        present = row[: row.size - nulls]
        finite = present[_finite(present)]
        infinite = present.size - finite.size
        if finite.size:
            moments = _moments_of_finite(finite[None, :])[0]
            found.append(replace(moments, infinite=infinite) if infinite else moments)
        else:
            found.append(Moments(infinite=infinite))
    return found


def _finite(present: NDArray[np.float64]) -> slice:
    """Return where ascending numbers are within what moments can hold."""
    low, high = present.searchsorted(-LARGEST, "left"), present.searchsorted(LARGEST, "right")
    return slice(int(low), int(high))


def _moments_of_finite(matrix: NDArray[np.float64]) -> list[Moments]:
    """Return the moments of each row of a matrix, ascending, in two passes."""
    rows = matrix.shape[1]
    lowest, highest = matrix[:, 0], matrix[:, -1]
    means = np.clip(matrix.mean(axis=1), lowest, highest)
    deviations = matrix - means[:, None]
    squares = np.einsum("ij,ij->i", deviations, deviations)
    squares -= deviations.sum(axis=1) ** 2 / rows
    return [
        Moments(count=rows, mean=mean, m2=m2, minimum=low, maximum=high)
        for mean, m2, low, high in zip(
            means.tolist(),
            np.maximum(squares, 0.0).tolist(),
            lowest.tolist(),
            highest.tolist(),
            strict=True,
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLookup:
    """The bins of a category, ready to be asked for any value's."""

    bins: CategoryBins
    known: dict[str, tuple[str, int]]

    @classmethod
    def of(cls, bins: CategoryBins) -> CategoryLookup:
        """Prepare the bins of a category."""
        pairs = zip(bins.values, bins.bin_of, strict=True)
        return cls(bins=bins, known={name: (name, place) for name, place in pairs})

    def tally(self, counted: Counted, *, sketches: frozenset[Sketch]) -> ColumnProfile:
        """Profile a counted column."""
        counts = np.zeros(self.bins.size, dtype=np.int64)
        counts[NULL] = counted.nulls
        counts[MISFIT] = counted.misfits
        values: dict[str, int] = {}
        unseen: list[str] = []
        for name, rows in counted.counts.items():
            entry = self.known.get(name)
            if entry is None:
                unseen.append(name)
                values[name] = rows
            else:
                # The name in the bins is the same text, held once for all buckets.
                values[entry[0]] = rows
                counts[FIRST + entry[1]] += rows
        for name, place in zip(unseen, unseen_bins(self.bins, unseen), strict=True):
            counts[FIRST + place] += values[name]
        return ColumnProfile(
            rows=int(counts.sum()),
            counts=counts,
            categories=ValueCounts.of(values),
            unseen=sum(values[name] for name in unseen),
            distinct=(
                DistinctSketch.of(hash_texts(list(values))) if "distinct" in sketches else None
            ),
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
