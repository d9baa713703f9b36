"""The values of a category, counted one by one on both sides."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import FIRST, ColumnProfile, ValueCounts, hash_texts

Floats = NDArray[np.float64]

_RARE = (1, 2, 4)


def value_cells(reference: ColumnProfile, current: ColumnProfile) -> tuple[Floats, Floats]:
    """Return rows per value on both sides: nulls, misfits, then each value that came on any side.

    The values of both sides count alike. Bins were chosen by the reference alone: values that
    happened to come often there would seem to have become rarer.

    Where a side had more values than are remembered, the values with small hashes are, with exact
    counts: those that either side would have remembered count one by one, all others together.
    """
    first, second = reference.categories, current.categories
    if first is None or second is None:
        return reference.counts.astype(np.float64), current.counts.astype(np.float64)
    names: Collection[str] = first.counts.keys() | second.counts.keys()
    if first.overflow or second.overflow:
        names = _remembered_by_both(first, second, names)
    ordered = sorted(names)
    return _side(reference, first, ordered), _side(current, second, ordered)


def by_value(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return frequent values one by one, and rare ones by how often they came on both sides.

    Given how often a value came in all, each of its rows is as likely to be of either side as any
    other row, so the cells are fair to compare; and a flood of new values, each too rare to
    show by itself, fills the cells of rare values on one side.

    Parameters
    ----------
    before, after
        As `value_cells` returns them, shape (columns, values).

    Returns
    -------
    tuple[ndarray, ndarray]
        Rows per cell, shape (columns, values + 3): rare values are empty, and in the last three
        cells together: those that came once, twice, three or four times.
    """
    pooled = before + after
    often = pooled > _RARE[-1]
    often[:, :FIRST] = True
    classes = [~often & (low < pooled) & (pooled <= high) for low, high in pairwise((0, *_RARE))]

    def cells(rows: Floats) -> Floats:
        rare = [np.where(chosen, rows, 0.0).sum(axis=1) for chosen in classes]
        return np.column_stack([np.where(often, rows, 0.0), *rare])

    return cells(before), cells(after)


def _remembered_by_both(
    first: ValueCounts, second: ValueCounts, names: Collection[str]
) -> list[str]:
    """Return the values that neither side can have forgotten."""
    limit = min(
        int(hash_texts(list(side.counts)).max()) for side in (first, second) if side.overflow
    )
    listed = list(names)
    hashes = hash_texts(listed)
    return [listed[place] for place in np.flatnonzero(hashes <= np.uint64(limit))]


def _side(profile: ColumnProfile, values: ValueCounts, names: list[str]) -> Floats:
    counted = np.array([values.counts.get(name, 0) for name in names], dtype=np.float64)
    nulls_and_misfits = profile.counts[:FIRST].astype(np.float64)
    rest = profile.rows - nulls_and_misfits.sum() - counted.sum()
    return np.concatenate([nulls_and_misfits, counted, [rest]])
