"""Any quantile of a column to 1 % of its value, from counts that merge exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray

ACCURACY_RATIO = 0.01
_SMALLEST = 1e-140
_LARGEST = 1.7976931348623157e308
_GAMMA = (1 + ACCURACY_RATIO) / (1 - ACCURACY_RATIO)
_LOG_GAMMA = math.log(_GAMMA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantileSketch:
    """Counts of finite numbers in buckets whose ends grow by a constant ratio (DDSketch).

    Buckets are never collapsed, so merging is exact in any grouping and order, and every quantile
    is within 1 % of a number of that rank. A number nearer to 0 than 1e-140 counts as 0.

    Attributes
    ----------
    keys
        Sorted, int64. Bucket k > 0 or k < 0 holds numbers of that sign; the further from 0, the
        larger in size; key 0 holds zeros.
    counts
        Numbers per key, int64, all positive.

    References
    ----------
    C. Masson, J. E. Rim, H. K. Lee (2019), DDSketch: a fast and fully-mergeable quantile sketch
    with relative-error guarantees, PVLDB 12.

    Examples
    --------
    >>> sketch = QuantileSketch.of(np.arange(1.0, 1001.0))
    >>> bool(abs(sketch.quantile(0.5) - 500) <= 5), bool(abs(sketch.quantile(0.99) - 990) <= 10)
    (True, True)
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, numbers: NDArray[np.float64]) -> QuantileSketch:
        """Return the sketch of finite numbers, shape (n,), in any order."""
        return cls.of_sorted(np.sort(numbers))

    @classmethod
    def of_sorted(cls, numbers: NDArray[np.float64]) -> QuantileSketch:
        """Return the sketch of finite numbers, ascending: ends of buckets are sought, not keys."""
        negative = int(numbers.searchsorted(-_SMALLEST, "right"))
        positive = int(numbers.searchsorted(_SMALLEST, "left"))
        below, below_counts = _count_sizes(-numbers[:negative][::-1])
        above, above_counts = _count_sizes(numbers[positive:])
        zeros = [positive - negative] if positive > negative else []
        return cls(
            keys=np.concatenate([-below[::-1], np.zeros(len(zeros), np.int64), above]),
            counts=np.concatenate(
                [below_counts[::-1], np.array(zeros, dtype=np.int64), above_counts]
            ),
        )

    @classmethod
    def merged(cls, sketches: Sequence[QuantileSketch]) -> QuantileSketch:
        """Return the sketch of the numbers of all, empty for none."""
        filled = [sketch for sketch in sketches if sketch.keys.size]
        if not filled:
            return cls(keys=np.zeros(0, dtype=np.int64), counts=np.zeros(0, dtype=np.int64))
        if len(filled) == 1:
            return filled[0]
        low = min(int(sketch.keys[0]) for sketch in filled)
        counts = np.zeros(max(int(s.keys[-1]) for s in filled) - low + 1, dtype=np.int64)
        for sketch in filled:
            counts[sketch.keys - low] += sketch.counts
        places = np.flatnonzero(counts)
        return cls(keys=places + low, counts=counts[places])

    @property
    def count(self) -> int:
        """Numbers seen."""
        return int(self.counts.sum())

    def quantile(self, q: float) -> float:
        """Return a number within 1 % of the one at rank ``floor(q * (count - 1))``; NaN if none.

        Parameters
        ----------
        q
            0 to 1, both included.
        """
        return float(self.quantiles(np.array([q]))[0])

    def quantiles(self, qs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `quantile` of each of ``qs``, shape (m,), each 0 to 1."""
        if not self.keys.size:
            return np.full(qs.shape, math.nan)
        ranks = np.floor(qs * (self.count - 1))
        return _values(self.keys[np.searchsorted(np.cumsum(self.counts), ranks, side="right")])

    def count_at_most(self, limit: float) -> int:
        """Return how many numbers are at most this; one within 1 % of it may count either way."""
        return int(self.counts[_values(self.keys) <= limit].sum())

    def merge(self, other: QuantileSketch) -> QuantileSketch:
        """Return the sketch of both sets of numbers together."""
        return QuantileSketch.merged([self, other])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QuantileSketch):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]  # holds an array; the way to say "unhashable"


def sketch_keys(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the key that a `QuantileSketch` counts each finite number under, in any order.

    Examples
    --------
    >>> numbers = np.array([3.0, -1.0, 0.0, 3.001])
    >>> counted, counts = np.unique(sketch_keys(numbers), return_counts=True)
    >>> QuantileSketch(keys=counted, counts=counts) == QuantileSketch.of(numbers)
    True
    """
    sizes = np.abs(numbers)
    is_zero = sizes < _SMALLEST
    if is_zero.all():
        return np.zeros(sizes.shape, dtype=np.int64)
    ends = _bucket_ends()
    least, most = sizes[~is_zero].min(), sizes.max()
    first, last = (int(place) for place in ends.searchsorted([least, most], "left"))
    # Few ends lie between the numbers of one column, and so near to each other in memory.
    places = ends[first : last + 1].searchsorted(sizes, "left") + (first + 1)
    found: NDArray[np.int64] = np.where(is_zero, 0, np.where(numbers < 0, -places, places))
    return found


def _values(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the number that stands for each key: within 1 % of all that are counted under it."""
    sizes = 2 * np.exp((np.abs(keys) - _OFFSET) * _LOG_GAMMA) / (_GAMMA + 1)
    found: NDArray[np.float64] = np.sign(keys) * sizes
    return found


# Makes every key of a non-zero number positive before it takes the number's sign.
_OFFSET = 1 - math.floor(math.log(_SMALLEST) / _LOG_GAMMA)


def _count_sizes(sizes: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the keys of ascending sizes, all at least 1e-140, and how many have each."""
    if not sizes.size:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ends = _bucket_ends()
    first, last = (int(place) for place in ends.searchsorted(sizes[[0, -1]], "left"))
    if last - first < sizes.size:
        reached = sizes.searchsorted(ends[first : last + 1], "right")
        counts = np.diff(reached, prepend=0)
    else:
        counts = np.bincount(ends.searchsorted(sizes, "left") - first)
    places = np.flatnonzero(counts)
    return places + (first + 1), counts[places].astype(np.int64)


@cache
def _bucket_ends() -> NDArray[np.float64]:
    """Return the largest number of each bucket from key 1 on, ascending.

    Powers of 101/99 by decimal arithmetic, which is the same on every machine: a number is of the
    same bucket wherever, and with whatever others, it is counted.
    """
    context = Context(prec=40)
    gamma = context.divide(Decimal(101), Decimal(99))
    end = context.power(gamma, 1 - _OFFSET)
    ends = []
    while (size := float(end)) <= _LARGEST:
        ends.append(size)
        end = context.multiply(end, gamma)
    return np.array([*ends, math.inf])
