"""Learning a scorer from the reference, with a threshold for rows that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.watch.outliers.category_scores import CategoryScores, fit_category
from watchkeeper.watch.outliers.columns import OutlierColumn, StoredRows
from watchkeeper.watch.outliers.joint import Joint, fit_joint
from watchkeeper.watch.outliers.number_scores import NumberScores, fit_number
from watchkeeper.watch.outliers.scorer import OutlierScorer, coordinates

Floats = NDArray[np.float64]

LEAST_ROWS: Final = 100
OUTLIER_SHARE: Final = 0.001
_MOST_ROWS: Final = 100_000


def fit_outliers(
    rows: pa.Table, columns: Sequence[OutlierColumn], *, share: float = OUTLIER_SHARE
) -> OutlierScorer | None:
    """Learn a scorer from the reference's rows, or from 100,000 of them, evenly spread.

    Each half of the rows is scored by what was learned from the other; the thresholds are such
    that the wanted share of them are outliers, half of it by their joint distance and half by a
    column by itself.

    Parameters
    ----------
    share
        Of the reference's rows that are outliers; where the rows are too few to tell, no more
        than one is.

    Returns
    -------
    ``None`` when there are fewer than 100 rows or no columns: too little to say.
    """
    if rows.num_rows < LEAST_ROWS or not columns:
        return None
    if rows.num_rows > _MOST_ROWS:
        rows = rows.take(np.linspace(0, rows.num_rows - 1, _MOST_ROWS).astype(np.int64))
    own = tuple(columns)
    distances, worsts = _held_out(rows, own)
    distance_limit, worst_limit, told = _limits(distances, worsts, share)
    known, joint = _learned(rows, own)
    return OutlierScorer(
        columns=own,
        of=known,
        joint=joint,
        distance_limit=distance_limit,
        worst_limit=worst_limit,
        share=told,
        rows=rows.num_rows,
    )


def _learned(
    rows: pa.Table, columns: tuple[OutlierColumn, ...]
) -> tuple[tuple[NumberScores | CategoryScores, ...], Joint]:
    known = tuple(_known(rows, column) for column in columns)
    return known, fit_joint(coordinates(rows, columns, known).joint)


def _known(rows: pa.Table, column: OutlierColumn) -> NumberScores | CategoryScores:
    if column.is_number:
        values = np.empty(rows.num_rows)
        misfits = StoredRows(rows).numbers(column, values)
        odd = 0 if misfits is None else int(misfits.sum())
        return fit_number(column.name, values, misfits=odd)
    names, places, _ = StoredRows(rows).categories(column)
    counts = np.bincount(places, minlength=len(names) + 1)
    told: dict[str, int] = {}
    for name, count in zip(names, counts.tolist(), strict=False):
        if count:
            told[name] = told.get(name, 0) + count
    return fit_category(column.name, told, rows=rows.num_rows)


def _held_out(rows: pa.Table, columns: tuple[OutlierColumn, ...]) -> tuple[Floats, Floats]:
    """Return each row's distance and largest score by what the other half of the rows taught."""
    half = np.random.default_rng(0).permutation(rows.num_rows) % 2 == 0
    distances, worsts = np.zeros(rows.num_rows), np.zeros(rows.num_rows)
    for held in (half, ~half):
        known, joint = _learned(rows.filter(pa.array(~held)), columns)
        found = coordinates(rows.filter(pa.array(held)), columns, known)
        distances[held] = np.sqrt(joint.squared_distances(found.joint) + found.alone)
        worsts[held] = found.worst
    return distances, worsts


def _limits(distances: Floats, worsts: Floats, share: float) -> tuple[float, float, float]:
    """Return limits for both, and the share of the rows that reach one of them."""
    wanted = max(int(share * len(distances)), 1)
    each = max(wanted // 2, 1)
    # Rows that are far by both count twice: then more of each may be outliers.
    while True:
        distance_limit, worst_limit = _above(distances, each), _above(worsts, each)
        told = int(((distances >= distance_limit) | (worsts >= worst_limit)).sum())
        if told >= wanted or each >= wanted:
            return distance_limit, worst_limit, told / len(distances)
        each += 1


def _above(values: Floats, count: int) -> float:
    """Return a limit that at most ``count`` values reach, just above the next one."""
    ranked = np.sort(values)[::-1]
    following = float(ranked[min(count, len(ranked) - 1)])
    return max(following, 1e-6) * (1.0 + 1e-3)
