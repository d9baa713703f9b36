"""Columns of a kind, counted on both sides and held as matrices, so that all are judged at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison.values import value_cells
from watchkeeper.events import ColumnType
from watchkeeper.profiles import FIRST, Bins, ColumnProfile, NumberBins

Floats = NDArray[np.float64]

_COLUMNS = 256
_CELLS = 1 << 21  # of one matrix; several are held at a time
_GROUPS = 16
_GROUP_ROWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One column on both sides; ``labels`` are what a person reads for each place."""

    column: str
    segment: str
    type: ColumnType
    bins: Bins
    labels: Sequence[str]
    reference: ColumnProfile
    current: ColumnProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Columns of one kind that all have rows on both sides.

    Attributes
    ----------
    at
        Where they are among all pairs, shape (columns,).
    before, after
        Rows per place, shape (columns, places); zero beyond a column's own places.
    first_cells, second_cells
        The same in the cells that all together are tested and measured in, shape (columns, cells):
        of categories the places, of numbers groups of neighbouring bins.
    values, value_counts
        Of categories: rows per value on both sides, each of shape (columns, values), and how many
        values each column has.
    """

    numbers: bool
    at: Sequence[int]
    pairs: Sequence[Pair]
    before: Floats
    after: Floats
    first_cells: Floats
    second_cells: Floats
    values: tuple[Floats, Floats]
    value_counts: Sequence[int]


def blocks_of(pairs: Sequence[Pair]) -> list[Block]:
    """Put columns with rows on both sides into blocks."""
    alike: dict[tuple[bool, int], list[int]] = {}
    for at, pair in enumerate(pairs):
        if pair.reference.rows and pair.current.rows:
            numbers = isinstance(pair.bins, NumberBins)
            # A number has dozens of places at most, a category two values or thousands.
            values = max(len(pair.reference.values), len(pair.current.values))
            size = 0 if numbers else max(values, pair.bins.size).bit_length()
            alike.setdefault((numbers, size), []).append(at)
    return [
        _block(numbers, own[start : start + step], pairs)
        for (numbers, size), own in alike.items()
        for step in (max(1, min(_COLUMNS, _CELLS >> size)),)
        for start in range(0, len(own), step)
    ]


def side_by_side(counts: Iterable[NDArray[np.generic]]) -> Floats:
    """Return arrays of several lengths as the rows of a matrix, zero where they have ended."""
    rows = list(counts)
    matrix = np.zeros((len(rows), max((len(row) for row in rows), default=0)))
    for place, row in enumerate(rows):
        matrix[place, : len(row)] = row
    return matrix


def grouped(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Put neighbouring bins together, so that each group has its part of all rows.

    The reference chose the bins, and has no row in the outermost ones; only groups that hold
    several rows of the smaller side make that no matter. Shapes are (columns, places) and
    (columns, groups); columns may have groups to spare, which are empty.
    """
    pooled = before + after
    fewest = np.minimum(before.sum(axis=1), after.sum(axis=1))
    groups = np.clip(fewest // _GROUP_ROWS, 2, _GROUPS)[:, None]
    place = (np.cumsum(pooled, axis=1) - 0.5 * pooled) / pooled.sum(axis=1, keepdims=True)
    group = np.minimum((place * groups).astype(np.intp), groups.astype(np.intp) - 1)
    # Nulls and misfits are groups of their own.
    group[:, FIRST:] += FIRST
    group[:, :FIRST] = np.arange(FIRST)
    columns, width = len(before), _GROUPS + FIRST
    cell = (group + width * np.arange(columns)[:, None]).ravel()
    first: Floats = np.bincount(cell, before.ravel(), minlength=columns * width).astype(np.float64)
    second: Floats = np.bincount(cell, after.ravel(), minlength=columns * width).astype(np.float64)
    return first.reshape(columns, width), second.reshape(columns, width)


def _block(numbers: bool, at: Sequence[int], pairs: Sequence[Pair]) -> Block:
    own = [pairs[place] for place in at]
    before = side_by_side(pair.reference.counts for pair in own)
    after = side_by_side(pair.current.counts for pair in own)
    first, second = grouped(before, after) if numbers else (before, after)
    values = [] if numbers else [value_cells(pair.reference, pair.current) for pair in own]
    return Block(
        numbers=numbers,
        at=at,
        pairs=own,
        before=before,
        after=after,
        first_cells=first,
        second_cells=second,
        values=(side_by_side(one for one, _ in values), side_by_side(one for _, one in values)),
        value_counts=[int(np.count_nonzero(one[FIRST:] + two[FIRST:])) for one, two in values],
    )
