"""Any quantile of a column to 1 % of its value, from counts that merge exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ACCURACY_RATIO = 0.01
_SMALLEST = 1e-140
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
        """Return the sketch of finite numbers, shape (n,)."""
        sizes = np.abs(numbers)
        large = sizes >= _SMALLEST
        steps = np.ceil(np.log(np.where(large, sizes, 1.0)) / _LOG_GAMMA).astype(np.int64)
        keys = np.where(large, np.where(numbers < 0, -1, 1) * (steps + _OFFSET), 0)
        found, counts = np.unique(keys, return_counts=True)
        return cls(keys=found, counts=counts.astype(np.int64))

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
        if not self.keys.size:
            return math.nan
        rank = math.floor(q * (self.count - 1))
        place = int(np.searchsorted(np.cumsum(self.counts), rank, side="right"))
        key = int(self.keys[place])
        if key == 0:
            return 0.0
        size = 2 * math.exp((abs(key) - _OFFSET) * _LOG_GAMMA) / (_GAMMA + 1)
        return math.copysign(size, key)

    def merge(self, other: QuantileSketch) -> QuantileSketch:
        """Return the sketch of both sets of numbers together."""
        keys, places = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        counts = np.zeros(keys.size, dtype=np.int64)
        np.add.at(counts, places, np.concatenate([self.counts, other.counts]))
        return QuantileSketch(keys=keys, counts=counts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QuantileSketch):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.counts, other.counts)

    __hash__ = None  # type: ignore[assignment]  # holds an array; the way to say "unhashable"


# Makes every key of a non-zero number positive before it takes the number's sign.
_OFFSET = 1 - math.floor(math.log(_SMALLEST) / _LOG_GAMMA)
