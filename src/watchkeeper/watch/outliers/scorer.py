"""Scores of single rows: how far each is from the reference, and which columns make it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.watch.outliers.category_scores import CategoryScores
from watchkeeper.watch.outliers.columns import Bools, OutlierColumn, StoredRows
from watchkeeper.watch.outliers.joint import Joint, Scores
from watchkeeper.watch.outliers.number_scores import NOVEL, NumberScores, places

Floats = NDArray[np.float64]

_MOST_TOLD: Final = 5
_WORTH_TELLING: Final = 0.25
_AT_ONCE: Final = 1 << 15
_DECIMALS: Final = 3  # so that batches of other sizes, which add up in another order, agree


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowScores:
    """How odd rows are.

    Attributes
    ----------
    scores
        Shape (rows,): 1 where a row is as odd as the threshold, more for an outlier.
    columns
        For each row, the columns that make it an outlier, strongest first; none for no outlier.
    """

    scores: Floats
    columns: list[list[str]]

    @property
    def flagged(self) -> Bools:
        """Which rows are outliers, shape (rows,)."""
        return self.scores >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierScorer:
    """Scores rows by the reference that it was fitted to.

    Attributes
    ----------
    columns, of
        The columns, and for each what is known of its values.
    distance_limit, worst_limit
        Joint distance, and largest score of a column by itself, from which on a row is an outlier.
    share
        Share of the reference's rows, held out, that are outliers.
    rows
        Rows of the reference that it was learned from.
    """

    columns: tuple[OutlierColumn, ...]
    of: tuple[NumberScores | CategoryScores, ...]
    joint: Joint
    distance_limit: float
    worst_limit: float
    share: float
    rows: int

    def score(self, table: pa.Table) -> RowScores:
        """Score the rows of a table of predictions as they are stored; see `RowScores`."""
        found = coordinates(table, self.columns, self.of)
        scores = self.scores(found)
        told: list[list[str]] = [[] for _ in scores]
        rows = np.flatnonzero(scores >= 1.0)
        if len(rows):
            for row, names in zip(rows.tolist(), self._reasons(found, rows), strict=True):
                told[row] = names
        return RowScores(scores=scores, columns=told)

    def scores(self, found: Coordinates) -> Floats:
        """Return how odd rows are, shape (rows,)."""
        squared = self.joint.squared_distances(found.joint)
        squared += found.alone
        distance = np.sqrt(squared) / np.float32(self.distance_limit)
        # Below its limit a column by itself says nothing that the distance does not say better.
        worst = found.worst / np.float32(self.worst_limit)
        both = np.where(worst >= 1.0, np.maximum(distance, worst), distance)
        scores: Floats = both.astype(np.float64)
        return scores.round(_DECIMALS)

    def _reasons(self, found: Coordinates, rows: NDArray[np.intp]) -> list[list[str]]:
        """Return the columns that make each of some rows odd, strongest first."""
        owners = coordinate_owners(self.of)
        joint = found.joint[:, rows]
        parts = np.zeros((len(self.columns), len(rows)))
        # Nobody knows how the others go on where a column is beyond its own limit.
        within = np.clip(joint, -self.worst_limit, self.worst_limit)
        parts[: owners.max(initial=-1) + 1] += self.joint.reductions(within, owners)
        for column, score in found.by_column.items():
            parts[column] += score[rows].astype(np.float64) ** 2
        # A value far beyond the range counts though the others would let expect it.
        for at, column in enumerate(owners.tolist()):
            if isinstance(self.of[column], NumberScores):
                parts[column] = np.maximum(parts[column], joint[at].astype(np.float64) ** 2)
        return [self._names(parts[:, number]) for number in range(len(rows))]

    def _names(self, parts: Floats) -> list[str]:
        order = np.argsort(-parts, kind="stable")[:_MOST_TOLD]
        least = _WORTH_TELLING * parts[order[0]]
        return [self.columns[i].name for i in order if parts[i] >= least]


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
            within = joint[first : first + len(own.common)]
            by_column[number] = _category(rows, columns[number], own, within)
    alone = np.zeros(rows.rows, dtype=np.float32)
    for number in sorted(by_column):
        alone += by_column[number] * by_column[number]
        np.maximum(worst, by_column[number], out=worst)
    return Coordinates(joint=joint, alone=alone, worst=worst, by_column=by_column)


def coordinate_owners(known: tuple[NumberScores | CategoryScores, ...]) -> NDArray[np.intp]:
    """Return the column of each coordinate, counted from 0."""
    widths = [1 if isinstance(own, NumberScores) else len(own.common) for own in known]
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
    names, found, misfits = rows.categories(column)
    values = [*names, None]
    if len(own.common):
        by_value = np.array([own.coordinates(value) for value in values], dtype=np.float32)
        np.take(by_value.T, found, axis=1, out=joint, mode="clip")
    by_itself = np.array([own.score(value) for value in values], dtype=np.float32)
    return _with_misfits(by_itself[found], misfits, max(own.unseen, NOVEL))


def _with_misfits(score: Scores, misfits: Bools | None, misfit: float) -> Scores:
    return score if misfits is None else np.where(misfits, np.float32(misfit), score)
