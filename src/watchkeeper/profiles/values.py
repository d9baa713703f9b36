"""How often each value of a category came, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from watchkeeper.profiles.hashing import hash_texts

MAX_VALUES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCounts:
    """Rows per value, for at most 100,000 different values.

    Of more, those with the smallest hashes are kept. A value kept from all rows is then kept from
    any part of them too, so its count is exact and merging is exact in any grouping and order.

    Attributes
    ----------
    counts
        Rows per value; treat as read-only.
    overflow
        Rows of the values that are not kept.
    """

    counts: dict[str, int]
    overflow: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], overflow: int = 0) -> ValueCounts:
        """Return the counts, cut to the bound."""
        if len(counts) <= MAX_VALUES:
            return cls(counts=dict(counts), overflow=overflow)
        names = list(counts)
        hashes = hash_texts(names)
        most = np.partition(hashes, MAX_VALUES - 1)[MAX_VALUES - 1]
        kept = {names[place]: counts[names[place]] for place in np.flatnonzero(hashes <= most)}
        return cls(counts=kept, overflow=overflow + sum(counts.values()) - sum(kept.values()))

    def merge(self, other: ValueCounts) -> ValueCounts:
        """Return the counts of both sets of rows together."""
        large, small = sorted((self.counts, other.counts), key=len, reverse=True)
        counts = dict(large)
        for value, rows in small.items():
            counts[value] = counts.get(value, 0) + rows
        return ValueCounts.of(counts, self.overflow + other.overflow)
