"""Bins of a column, fixed by the baseline, so that every later profile counts in the same ones."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

NULL = 0
"""Place of nulls (and NaN) in every array of counts."""
MISFIT = 1
"""Place of values of another type than the column's."""
FIRST = 2
"""Place of the first bin of values."""


class NumberBins(msgspec.Struct, frozen=True, kw_only=True, tag="number"):
    """Bins of a number: ``(-inf, e0), [e0, e1), ..., [ek, inf)``.

    ``e0`` is the reference's minimum and ``ek`` the next number above its maximum, so the first
    and the last bin hold what the reference never showed. A value that carries much of the
    reference (a tie) has a bin of its own.
    """

    edges: tuple[float, ...]

    @property
    def size(self) -> int:
        """Length of an array of counts: null, misfit, then one per bin."""
        return FIRST + len(self.edges) + 1


class CategoryBins(msgspec.Struct, frozen=True, kw_only=True, tag="category"):
    """Bins of a category: one per common value, pools of rare ones, one for unseen ones.

    ``values`` lists the reference's values, most frequent first; ``bin_of[i]`` is the bin of
    ``values[i]``, counted from 0. The last bin, ``bins - 1``, holds values that the reference
    never showed. The ``pools`` bins before it pool rare values by their hash.

    When new values were still coming at the end of the reference (some came only once), the set of
    values is *open*: then an unseen value goes to the pool of its hash, like a rare one, and the
    last bin stays empty. So the share of a pool in the reference is an unbiased estimate of its
    share later on, and a trickle of new values is no news. A profile counts them apart anyway.
    """

    values: tuple[str, ...]
    bin_of: tuple[int, ...]
    bins: int
    pools: int = 0
    is_open: bool = False

    @property
    def size(self) -> int:
        """Length of an array of counts: null, misfit, then one per bin."""
        return FIRST + self.bins


Bins: TypeAlias = NumberBins | CategoryBins
