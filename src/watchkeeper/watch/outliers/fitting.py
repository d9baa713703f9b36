"""Learning a scorer from the reference, with a threshold for rows that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from watchkeeper.watch.outliers.category_scores import CategoryScores, fit_category
from watchkeeper.watch.outliers.columns import OutlierColumn, StoredRows
from watchkeeper.watch.outliers.coordinates import coordinates
from watchkeeper.watch.outliers.joint import Joint, fit_joint
from watchkeeper.watch.outliers.limits import limit
from watchkeeper.watch.outliers.number_scores import Floats, NumberScores, fit_number
from watchkeeper.watch.outliers.scorer import OutlierScorer

LEAST_ROWS: Final = 100
OUTLIER_SHARE: Final = 0.001
_MOST_ROWS: Final = 100_000
_MANY_ROWS: Final = 5_000
_PARTS: Final = 5


def fit_outliers(
    rows: pa.Table, columns: Sequence[OutlierColumn], *, share: float = OUTLIER_SHARE
) -> OutlierScorer | None:
    """Learn a scorer from the reference's rows, or from 100,000 of them, evenly spread.

    Rows are scored by what was learned from others of them; by these scores the limits are such
    that at most the wanted share of unseen rows are outliers, half of it by their joint distance
    and half by a column by itself.

    Parameters
    ----------
    share
        Of rows like the reference's, but unseen, that are outliers at most. From fewer than 1,000
        rows it is kept only roughly; see `limit`.

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
    distance_limit, worst_limit = limit(distances, share / 2), limit(worsts, share / 2)
    told = float(np.mean((distances >= distance_limit) | (worsts >= worst_limit)))
    known, joint = _learned(rows, own)
    return OutlierScorer(
        columns=own,
        of=known,
        joint=joint,
        distance_limit=distance_limit,
        worst_limit=worst_limit,
        share=max(told, share),
        rows=rows.num_rows,
    )


def _learned(
    rows: pa.Table, columns: tuple[OutlierColumn, ...]
) -> tuple[tuple[NumberScores | CategoryScores, ...], Joint]:
    stored = StoredRows(rows)
    known = tuple(_known(stored, column) for column in columns)
    return known, fit_joint(coordinates(rows, columns, known).joint)


def _known(rows: StoredRows, column: OutlierColumn) -> NumberScores | CategoryScores:
    if not column.is_number:
        return fit_category(rows.categories(column)[0])
    values = np.empty(rows.rows)
    misfits = rows.numbers(column, values)
    return fit_number(values, misfits=0 if misfits is None else int(misfits.sum()))


def _held_out(rows: pa.Table, columns: tuple[OutlierColumn, ...]) -> tuple[Floats, Floats]:
    """Return each row's distance and largest score by what other parts of the rows taught."""
    parts = _PARTS if rows.num_rows < _MANY_ROWS else 2
    part = np.random.default_rng(0).permutation(rows.num_rows) % parts
    distances, worsts = np.zeros(rows.num_rows), np.zeros(rows.num_rows)
    for number in range(parts):
        held = part == number
        known, joint = _learned(rows.filter(pa.array(~held)), columns)
        found = coordinates(rows.filter(pa.array(held)), columns, known)
        distances[held] = np.sqrt(joint.squared_distances(found.joint) + found.alone)
        worsts[held] = found.worst
    return distances, worsts
