"""Rows as a scorer sees them: coordinates of the joint part, and what has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.watch.outliers.category_scores import CategoryScores
from watchkeeper.watch.outliers.columns import Bools, OutlierColumn, StoredRows
from watchkeeper.watch.outliers.number_scores import NOVEL, NumberScores, Scores, places

_AT_ONCE: Final = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Rows as a scorer sees them.

    Attributes
    ----------
    joint
        Shape (coordinates, rows).
    alone
        Squared scores of values that have no coordinate, such as nulls, summed over columns.
    worst
        Largest score of a column by itself.
    by_column
        What went into ``alone``, for each column that has such values.
    """

    joint: Scores
    alone: Scores
    worst: Scores
    by_column: dict[int, Scores]


def coordinates(
    table: pa.Table,
    columns: tuple[OutlierColumn, ...],
    known: tuple[NumberScores | CategoryScores, ...],
) -> Coordinates:
    """Return the coordinates of a table's rows."""
    rows = StoredRows(table)
    owners = coordinate_owners(known)
    joint = np.zeros((len(owners), rows.rows), dtype=np.float32)
    worst = np.zeros(rows.rows, dtype=np.float32)
    by_column: dict[int, Scores] = {}
    numbers = [(n, own) for n, own in enumerate(known) if isinstance(own, NumberScores)]
    # As many columns at once as stay in the processor's cache.
    size = max(1, _AT_ONCE // max(rows.rows, 1))
    for begin in range(0, len(numbers), size):
        some = numbers[begin : begin + size]
        at = np.searchsorted(owners, [number for number, _ in some])
        by_column |= _numbers(rows, columns, some, joint, at)
        np.maximum(worst, np.abs(joint[at]).max(axis=0), out=worst)
    for number, own in enumerate(known):
        if isinstance(own, CategoryScores):
            first = int(np.searchsorted(owners, number))
            within = joint[first : first + own.common]
            by_column[number] = _category(rows, columns[number], own, within)
    alone = np.zeros(rows.rows, dtype=np.float32)
    for number in sorted(by_column):
        alone += by_column[number] * by_column[number]
        np.maximum(worst, by_column[number], out=worst)
    return Coordinates(joint=joint, alone=alone, worst=worst, by_column=by_column)


def coordinate_owners(known: tuple[NumberScores | CategoryScores, ...]) -> NDArray[np.intp]:
    """Return the column of each coordinate, counted from 0."""
    widths = [1 if isinstance(own, NumberScores) else own.common for own in known]
    return np.repeat(np.arange(len(known)), widths)


def _numbers(
    rows: StoredRows,
    columns: tuple[OutlierColumn, ...],
    some: Sequence[tuple[int, NumberScores]],
    joint: Scores,
    at: NDArray[np.intp],
) -> dict[int, Scores]:
    """Fill in coordinates; return the scores of values that have none, of columns with some."""
    values = np.empty((len(some), rows.rows))
    misfits = [
        rows.numbers(columns[number], out) for (number, _), out in zip(some, values, strict=True)
    ]
    centres = np.array([own.centre for _, own in some])[:, None]
    scales = np.array([own.scale for _, own in some])[:, None]
    cells = places(values, centres, scales)
    for (_, own), place, cell in zip(some, at.tolist(), cells, strict=True):
        own.table.take(cell, out=joint[place], mode="clip")
    missing = np.isnan(values)
    return {
        some[n][0]: _with_misfits(
            np.float32(some[n][1].null) * missing[n], misfits[n], some[n][1].misfit
        )
        for n in np.flatnonzero(missing.any(axis=1)).tolist()
    }


def _category(
    rows: StoredRows, column: OutlierColumn, own: CategoryScores, joint: Scores
) -> Scores:
    """Fill in the coordinates; return the scores of values that have none."""
    values, misfits = rows.categories(column)
    found = own.places(values)
    np.take(own.coordinates, found, axis=1, out=joint, mode="clip")
    return _with_misfits(own.scores[found], misfits, max(own.unseen, NOVEL))


def _with_misfits(score: Scores, misfits: Bools | None, misfit: float) -> Scores:
    return score if misfits is None else np.where(misfits, np.float32(misfit), score)
