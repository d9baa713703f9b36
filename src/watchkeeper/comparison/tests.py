"""The two-sample tests of one column, from its two profiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison.cells import grouped
from watchkeeper.profiles import FIRST, Bins, ColumnProfile, NumberBins
from watchkeeper.stats import (
    ORDER,
    largest_cell_p_value,
    location_p_value,
    rank_components,
    shape_p_value,
    spread_p_value,
)

Floats = NDArray[np.float64]

_DEGREE_ROWS = 8
_ONCE = 1.0


def p_values(bins: Bins, reference: ColumnProfile, current: ColumnProfile) -> dict[str, float]:
    """Return the p-value of each test that suits the column, by name.

    ``location`` and ``shape`` (numbers) look at ranks, ``spread`` at all cells together, ``cell``
    at the one cell that changed most; nulls and misfits are cells. No test for no rows.

    Notes
    -----
    All are conditional on both samples taken together, so ties, nulls and rare values are no
    assumption but part of the calculation.
    """
    if not reference.rows or not current.rows:
        return {}
    before = reference.counts.astype(np.float64)
    after = current.counts.astype(np.float64)
    if isinstance(bins, NumberBins):
        return _of_number(before, after)
    before, after = _categories(reference, current, before, after)
    cells = len(before)
    found = {"cell": largest_cell_p_value(*_with_values_that_came_once(before, after))}
    if cells > FIRST + 2:
        found["spread"] = spread_p_value(before, after)
    return found


def together(tests: dict[str, float]) -> float | None:
    """Return one p-value for a column: the smallest times their number (Bonferroni)."""
    return min(1.0, len(tests) * min(tests.values())) if tests else None


def _of_number(before: Floats, after: Floats) -> dict[str, float]:
    found = {"cell": largest_cell_p_value(before, after)}
    if not before[FIRST:].any() or not after[FIRST:].any():
        return found
    fewest = min(before[FIRST:].sum(), after[FIRST:].sum())
    degree = int(max(1, min(ORDER, fewest // _DEGREE_ROWS)))
    components = rank_components(before[FIRST:], after[FIRST:], degree)
    if len(components):
        found["location"] = location_p_value(components)
    if len(components) > 1:
        found["shape"] = shape_p_value(components)
        found["spread"] = spread_p_value(*grouped(before, after))
    return found


def _categories(
    reference: ColumnProfile, current: ColumnProfile, before: Floats, after: Floats
) -> tuple[Floats, Floats]:
    """Return rows per value on both sides, nulls and misfits first.

    The values of both sides count alike. Bins were chosen by the reference alone: values that
    happened to come often there would seem to have become rarer.
    """
    first, second = reference.categories, current.categories
    if first is None or second is None or first.overflow or second.overflow:
        return before, after
    names = first.counts.keys() | second.counts.keys()
    ordered = sorted(names)
    return (
        np.array([*before[:FIRST], *(first.counts.get(n, 0) for n in ordered)], dtype=np.float64),
        np.array([*after[:FIRST], *(second.counts.get(n, 0) for n in ordered)], dtype=np.float64),
    )


def _with_values_that_came_once(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Add a cell for all values that came once: new names say nothing one by one."""
    once = before + after == _ONCE
    once[:FIRST] = False
    return np.append(before, before[once].sum()), np.append(after, after[once].sum())
