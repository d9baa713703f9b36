"""Ends of ranges moved from between two codes to the very numbers where a segment ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import NULL_CODE, CodedColumn, code_between
from watchkeeper.diagnosis.literals import Literal
from watchkeeper.diagnosis.segment_search import Candidate
from watchkeeper.diagnosis.tallies import Places

Floats = NDArray[np.float64]

_LEAST_OUTSIDE = 20


def sharpened(
    columns: list[CodedColumn], values: Floats, rows: Places, candidate: Candidate
) -> Candidate:
    """Return a segment whose ranges end where their excess stands out most among numbers.

    Each range gets a column of its own, added to the columns: below, within, above.

    Parameters
    ----------
    rows
        Current rows that were searched.
    """
    literals = list(candidate.literals)
    for i, one in enumerate(literals):
        column = columns[one.place]
        if column.numbers is None or column.points is not None or one.low == NULL_CODE:
            continue
        others = _within(columns, rows, [x for j, x in enumerate(literals) if j != i])
        ends = _ends(column, column.numbers[others], values[others], column.codes[others], one)
        if ends is not None:
            columns.append(code_between(column, *ends))
            literals[i] = Literal(len(columns) - 1, 2, 2)
    return replace(candidate, literals=tuple(literals))


def _within(columns: Sequence[CodedColumn], rows: Places, literals: Sequence[Literal]) -> Places:
    for one in literals:
        codes = columns[one.place].codes[rows]
        rows = rows[(codes >= one.low) & (codes <= one.high)]
    return rows


def _ends(
    column: CodedColumn, numbers: Floats, values: Floats, codes: NDArray[np.uint8], one: Literal
) -> tuple[float, float] | None:
    """Return where a range should begin and end; infinite for no limit."""
    inside = (codes >= one.low) & (codes <= one.high)
    outside = ~inside & (codes != NULL_CODE)
    if outside.sum() < _LEAST_OUTSIDE or not inside.any():
        return None
    usual = float(values[outside].mean())
    assert column.edges is not None
    low, high = -np.inf, np.inf
    if one.low > 1:
        low = float(column.edges[one.low - 2])
        near = (codes >= one.low - 1) & (codes <= min(one.low, one.high))
        low = _cut(numbers, values - usual, near, inside & ~near, low)
    if one.high < column.size - 1:
        high = float(column.edges[one.high - 1])
        near = (codes >= max(one.high, one.low)) & (codes <= one.high + 1)
        # As the lower end, with the numbers' signs changed.
        last = -_cut(-numbers, values - usual, near, inside & ~near & (numbers >= low), -high)
        high = float(np.nextafter(last, np.inf)) if last < high else high
    return (low, high) if low < high else None


def _cut(
    numbers: Floats, excess: Floats, near: NDArray[np.bool_], kept: NDArray[np.bool_], end: float
) -> float:
    """Return the number from which on the rows near an end belong to the segment."""
    if not near.any():
        return end
    order = np.argsort(-numbers[near], kind="stable")
    sorted_numbers = numbers[near][order]
    sums = float(excess[kept].sum()) + np.cumsum(excess[near][order])
    counts = float(kept.sum()) + np.arange(1, len(order) + 1)
    # A cut lies between different numbers only.
    is_last = np.append(sorted_numbers[1:] != sorted_numbers[:-1], True)
    scores = np.where(is_last, sums / np.sqrt(counts), -np.inf)
    return float(sorted_numbers[int(np.argmax(scores))])
