"""A bounded, deterministic sample of the numbers of a column that streams by."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles.hashing import mix
from watchkeeper.profiles.moments import LARGEST


class NumberSample:
    """Keeps about `size` finite numbers of a stream, chosen by their place, and exact extremes.

    A number is kept when the hash of its place in the stream is below a threshold that halves
    whenever the sample overflows. So the sample is the same however the stream is cut into
    tables, and follows no rhythm of the data as every n-th number would.

    Parameters
    ----------
    size
        At most twice as many are held at any moment, and at most `size` in the end.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threshold = 1 << 32
        self._numbers: list[NDArray[np.float64]] = []
        self._hashes: list[NDArray[np.uint32]] = []
        self._held = 0
        self.minimum = math.inf
        self.maximum = -math.inf

    def add(self, numbers: NDArray[np.float64], places: NDArray[np.uint32]) -> None:
        """Add numbers (NaN is none) with the `hash_places` of their places in the stream."""
        finite = np.abs(numbers) <= LARGEST
        if not finite.all():
            numbers, places = numbers[finite], places[finite]
        if not numbers.size:
            return
        self.minimum = min(self.minimum, float(numbers.min())) + 0.0
        self.maximum = max(self.maximum, float(numbers.max())) + 0.0
        # Many at once would be cut down again and again; only what is kept is copied.
        while np.count_nonzero(places < self._threshold) > self._size:
            self._threshold //= 2
        if self._threshold < 1 << 32:
            numbers, places = _below(numbers, places, self._threshold)
        self._numbers.append(np.array(numbers))
        self._hashes.append(places)
        self._held += numbers.size
        while self._held > self._size:
            self._thin()

    def sorted(self) -> NDArray[np.float64]:
        """Return the sample in ascending order."""
        return np.sort(np.concatenate([np.zeros(0), *self._numbers]) + 0.0)

    def _thin(self) -> None:
        self._threshold //= 2
        numbers, hashes = _below(
            np.concatenate(self._numbers), np.concatenate(self._hashes), self._threshold
        )
        self._numbers, self._hashes, self._held = [numbers], [hashes], numbers.size


@lru_cache(maxsize=2)
def hash_places(first: int, count: int) -> NDArray[np.uint32]:
    """Return the hashes of `count` consecutive places of a stream from `first` on; read only.

    Columns of a table that are read one after another have the same places.
    """
    places = np.arange(first, first + count, dtype=np.uint64)
    return (mix(places) >> np.uint64(32)).astype(np.uint32)


def _below(
    numbers: NDArray[np.float64], hashes: NDArray[np.uint32], threshold: int
) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    # To take by place is several times as fast as by a mask.
    kept = np.flatnonzero(hashes < threshold)
    return numbers[kept], hashes[kept]
