"""The two-sample tests of columns, from their profiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison.block import Block
from watchkeeper.profiles import FIRST
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


def p_values(block: Block) -> list[dict[str, float]]:
    """Return for each column the p-value of each test that suits it, by name.

    ``location`` and ``shape`` (numbers) look at ranks, ``spread`` at all cells together, ``cell``
    at the one cell that changed most; nulls and misfits are cells.

    Notes
    -----
    All are conditional on both samples taken together, so ties, nulls and rare values are no
    assumption but part of the calculation.
    """
    return _of_numbers(block) if block.numbers else _of_categories(block)


def together(tests: dict[str, float]) -> float | None:
    """Return one p-value for a column: the smallest times their number (Bonferroni)."""
    return min(1.0, len(tests) * min(tests.values())) if tests else None


def _of_numbers(block: Block) -> list[dict[str, float]]:
    found = [{"cell": p} for p in largest_cell_p_value(block.before, block.after).tolist()]
    before, after = block.before[:, FIRST:], block.after[:, FIRST:]
    fewest = np.minimum(before.sum(axis=1), after.sum(axis=1))
    valued = np.flatnonzero(fewest > 0)
    if not valued.size:
        return found
    degree = np.clip(fewest[valued] // _DEGREE_ROWS, 1, ORDER)
    components = rank_components(before[valued], after[valued], degree)
    known = np.count_nonzero(~np.isnan(components), axis=1).tolist()
    spread = spread_p_value(block.first_cells[valued], block.second_cells[valued]).tolist()
    location = location_p_value(components).tolist()
    shape = shape_p_value(components).tolist()
    for row, place in enumerate(valued.tolist()):
        if known[row]:
            found[place]["location"] = location[row]
        if known[row] > 1:
            found[place]["shape"] = shape[row]
            found[place]["spread"] = spread[row]
    return found


def _of_categories(block: Block) -> list[dict[str, float]]:
    before, after = block.values
    cell = largest_cell_p_value(*_with_values_that_came_once(before, after)).tolist()
    spread = spread_p_value(before, after).tolist()
    return [
        # With two values or fewer, one cell says all that there is.
        {"cell": p, "spread": q} if values > 2 else {"cell": p}
        for p, q, values in zip(cell, spread, block.value_counts, strict=True)
    ]


def _with_values_that_came_once(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Add a cell for all values that came once: new names say nothing one by one."""
    once = before + after == _ONCE
    once[:, :FIRST] = False
    return (
        np.column_stack([before, np.where(once, before, 0.0).sum(axis=1)]),
        np.column_stack([after, np.where(once, after, 0.0).sum(axis=1)]),
    )
