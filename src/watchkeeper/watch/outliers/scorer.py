"""Scores of single rows: how far each is from the reference, and which columns make it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.watch.outliers.category_scores import CategoryScores
from watchkeeper.watch.outliers.columns import Bools, OutlierColumn
from watchkeeper.watch.outliers.coordinates import Coordinates, coordinate_owners, coordinates
from watchkeeper.watch.outliers.joint import Joint
from watchkeeper.watch.outliers.number_scores import Floats, NumberScores

_MOST_TOLD: Final = 5
_WORTH_TELLING: Final = 0.25
_DECIMALS: Final = 3  # so that batches of other sizes, which add up in another order, agree


@dataclass(frozen=True, slots=True, kw_only=True)
class RowScores:
    """How odd rows are.

    Attributes
    ----------
    scores
        Shape (rows,), 0 or more, in thousandths: an outlier has 1 or more, which at most the
        wanted share of unseen rows like the reference's reach; 2 is twice as far out.
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
        Share of rows like the reference's, but unseen, that are outliers: the one asked for, or
        that of the reference's rows, held out, if larger.
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
        nothing: list[str] = []  # one for all: a list for each row takes longer than its score
        told = [nothing] * len(scores)
        rows = np.flatnonzero(scores >= 1.0)
        if len(rows):
            for row, names in zip(rows.tolist(), self._reasons(found, rows), strict=True):
                told[row] = names
        return RowScores(scores=scores, columns=told)

    def scores(self, found: Coordinates) -> Floats:
        """Return how odd rows are, shape (rows,)."""
        squared = self.joint.squared_distances(found.joint)
        squared += found.alone
        scores: Floats = np.sqrt(squared) / self.distance_limit
        # Below its limit a column by itself says nothing that the distance does not say better.
        worst = found.worst / self.worst_limit
        np.maximum(scores, worst, out=scores, where=worst >= 1.0)
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
        order = np.argsort(-parts, axis=0, kind="stable")[:_MOST_TOLD]
        ranked = np.take_along_axis(parts, order, axis=0)
        counts = (ranked >= _WORTH_TELLING * ranked[0]).sum(axis=0)
        names = [column.name for column in self.columns]
        return [
            [names[i] for i in strongest[:count]]
            for strongest, count in zip(order.T.tolist(), counts.tolist(), strict=True)
        ]
