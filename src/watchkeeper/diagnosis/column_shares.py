"""What each column's own shift adds to the mean of a quantity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from watchkeeper.diagnosis.coded_columns import CodedColumn, grouped

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MOST_COLUMNS = 40
_RIDGE_ROWS = 20.0


def input_parts(columns: Sequence[CodedColumn], values: Floats, is_current: Flags) -> Floats:
    """Return each column's part in what the inputs' shift adds to a mean, shape (columns,).

    The quantity is fitted on the reference's rows by one step function of every column, added up;
    a column's part is how much the mean of its function moved. With more than 40 columns only the
    40 that would move most by themselves are fitted, and the others' parts are 0.

    References
    ----------
    R. Oaxaca (1973), Male-female wage differentials in urban labor markets; A. Blinder (1973), Wage
    discrimination: reduced form and structural estimates (the detailed decomposition).
    """
    groups = [grouped(column.codes) for column in columns]
    alone = np.array([abs(_alone(one, values, is_current)) for one in groups])
    chosen = np.argsort(-alone, kind="stable")[:_MOST_COLUMNS]
    begins = np.cumsum([0, *(int(groups[i].max()) + 1 for i in chosen)])
    width = int(begins[-1])
    places = np.stack([groups[i] + begin for i, begin in zip(chosen, begins[:-1], strict=True)], 1)
    before = places[~is_current]
    design = sparse.csr_matrix(
        (
            np.ones(before.size),
            before.ravel(),
            np.arange(0, before.size + 1, before.shape[1]),
        ),
        shape=(len(before), width),
    )
    mean = float(values[~is_current].mean())
    inner = (design.T @ design).toarray() + _RIDGE_ROWS * np.eye(width)
    weights = np.linalg.solve(inner, design.T @ (values[~is_current] - mean))
    shares = [
        np.bincount(places[side].ravel(), minlength=width) / side.sum()
        for side in (is_current, ~is_current)
    ]
    moved = weights * (shares[0] - shares[1])
    parts = np.zeros(len(columns))
    parts[chosen] = np.add.reduceat(moved, begins[:-1])
    return parts


def _alone(groups: NDArray[np.int64], values: Floats, now: Flags) -> float:
    size = int(groups.max()) + 1
    before = np.bincount(groups[~now], minlength=size)
    means = np.bincount(groups[~now], weights=values[~now], minlength=size) / np.maximum(before, 1)
    after = np.bincount(groups[now], minlength=size) / now.sum()
    return float(means @ (after - before / (~now).sum()))
