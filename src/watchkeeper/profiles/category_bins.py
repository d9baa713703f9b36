"""Bins of a category, chosen from how often each value came."""

from __future__ import annotations

from collections.abc import Mapping

from watchkeeper.profiles.bins import CategoryBins
from watchkeeper.profiles.tally import pool_of

_POOLS = 16
_POOL_VALUES = 4  # values that a pool holds on average, at least
_LEAST_ROWS = 5
_LEAST_RATIO = 0.001


def bins_of_values(
    counts: Mapping[str, int], category_bins: int, max_categories: int
) -> CategoryBins:
    """Choose the bins of a category.

    A value gets a bin of its own when it came often enough (5 rows and one in a thousand) and is
    among the most frequent ones; the rest is pooled by hash, which pool shares then estimate
    without bias. The set of values is open when some came only once, or too many came: by Good
    and Turing, the share of the values that came once is the share of values yet unseen.

    Parameters
    ----------
    counts
        Rows per value in the reference; 0 for a declared value that did not come.
    category_bins
        Largest number of bins.
    max_categories
        Largest number of values that are remembered.

    References
    ----------
    I. J. Good (1953), The population frequencies of species and the estimation of population
    parameters, Biometrika 40.

    Examples
    --------
    >>> bins_of_values({"a": 900, "b": 90, "typo": 1}, 64, 100_000)
    CategoryBins(values=('a', 'b', 'typo'), bin_of=(0, 1, 2), bins=4, pools=1, is_open=True)
    """
    values = sorted(counts, key=lambda value: (-counts[value], value))
    total = sum(counts.values())
    is_open = len(values) > max_categories or any(rows == 1 for rows in counts.values())
    values = values[:max_categories]
    floor = max(_LEAST_ROWS, _LEAST_RATIO * total)
    own = min(sum(counts[value] >= floor for value in values), category_bins - 1)
    if own < len(values) or is_open:
        pools = max(1, min(_POOLS, (len(values) - own) // _POOL_VALUES, category_bins // 4))
        own = min(own, category_bins - 1 - pools)
        pools = max(1, min(_POOLS, (len(values) - own) // _POOL_VALUES, category_bins // 4))
        own = min(own, category_bins - 1 - pools)
    else:
        pools = 0
    rare = values[own:]
    return CategoryBins(
        values=tuple(values),
        bin_of=(*range(own), *(own + pool for pool in (pool_of(rare, pools) if pools else ()))),
        bins=own + pools + 1,
        pools=pools,
        is_open=is_open,
    )
