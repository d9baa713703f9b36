"""Whether rows lie where the reference had rows, too: elsewhere nothing was learnt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Categories, Inputs
from watchkeeper.estimation.points import ColumnSupport, column_support, points

Floats = NDArray[np.float64]

MOST_OUTSIDE = 0.1
"""Part of a bucket's rows outside the reference's support from which on nothing is estimated."""
_ANCHORS, _NEIGHBOURS, _ASKED = 2_000, 5, 2_000
_FAR_QUANTILE = 0.99
_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Where the reference had rows.

    Attributes
    ----------
    columns
        Each column by itself.
    anchors
        Some rows of the reference as points, shape (anchors, coordinates).
    far
        Distance to the fifth nearest anchor that one row in a hundred of the reference exceeds.
    """

    columns: tuple[ColumnSupport, ...]
    anchors: NDArray[np.float32]
    far: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How much of a bucket lies outside the reference's support.

    Attributes
    ----------
    ratio
        Part of the rows with a value that the reference never had, or with a combination of values
        far from any of its.
    by_column
        Part of the rows with such a value, of the columns with any, largest first.
    far_ratio
        Part of the rows far from any of the reference's.
    """

    ratio: float
    by_column: tuple[tuple[str, float], ...]
    far_ratio: float

    @property
    def is_too_much(self) -> bool:
        """Whether nothing can be estimated."""
        return self.ratio > MOST_OUTSIDE

    def said(self) -> str:
        """Return it in words, naming up to three columns."""
        found = f"{self.ratio:.0%} of the rows lie outside what the reference covers"
        if self.by_column:
            named = ", ".join(f"{name} ({ratio:.0%})" for name, ratio in self.by_column[:3])
            found += f": values that it never had in {named}"
        if self.far_ratio >= 2.0 * (1.0 - _FAR_QUANTILE):
            found += f"; combinations of values that it never had in {self.far_ratio:.0%}"
        return found


def fit_support(inputs: Inputs, *, seed: int = 0) -> Support:
    """Learn where the reference has rows.

    References
    ----------
    S. Ramaswamy, R. Rastogi, K. Shim (2000), Efficient algorithms for mining outliers from large
    data sets, SIGMOD (distance to the k-th neighbour).
    """
    columns = tuple(column_support(name, column) for name, column in inputs.columns.items())
    order = np.random.default_rng(seed).permutation(inputs.rows)
    anchored = points(columns, inputs.take(order[:_ANCHORS]))
    others = order[_ANCHORS : _ANCHORS + _ASKED]
    if len(others) >= _NEIGHBOURS * 20:
        distances = _to_neighbour(points(columns, inputs.take(others)), anchored, _NEIGHBOURS)
    else:
        # The nearest anchor of an anchor is itself.
        distances = _to_neighbour(anchored, anchored, _NEIGHBOURS + 1)
    far = float(np.quantile(distances, _FAR_QUANTILE)) if len(distances) else 0.0
    return Support(columns=columns, anchors=anchored, far=far)


def outside(support: Support, inputs: Inputs, *, seed: int = 0) -> Outside:
    """Return how much of some rows, one or more, lies outside the support."""
    if inputs.rows > _ASKED:
        inputs = inputs.take(np.random.default_rng(seed).permutation(inputs.rows)[:_ASKED])
    never = np.zeros(inputs.rows, dtype=np.bool_)
    by_column: list[tuple[str, float]] = []
    for column in support.columns:
        new = _is_new(column, inputs)
        if new.any():
            by_column.append((column.name, float(new.mean())))
            never |= new
    placed = points(support.columns, inputs)
    far = _to_neighbour(placed, support.anchors, _NEIGHBOURS) > support.far * (1.0 + 1e-6)
    by_column.sort(key=lambda found: -found[1])
    return Outside(
        ratio=float((never | far).mean()),
        by_column=tuple(by_column),
        far_ratio=float(far.mean()),
    )


def _is_new(column: ColumnSupport, inputs: Inputs) -> NDArray[np.bool_]:
    values = inputs.columns.get(column.name)
    if values is None:
        return np.full(inputs.rows, not column.has_nulls)
    if isinstance(values, Categories):
        known = set(column.names)
        new = np.array([name not in known for name in values.names] + [not column.has_nulls])
        return np.asarray(new[values.codes])
    null = np.isnan(values)
    if not len(column.knots):
        return ~null
    width = column.knots[-1] - column.knots[0]
    # The extremes of a sample are not those of its population.
    beyond = (values < column.knots[0] - 0.01 * width) | (values > column.knots[-1] + 0.01 * width)
    return np.asarray(beyond | (null & (not column.has_nulls)))


def _to_neighbour(
    placed: NDArray[np.float32], anchors: NDArray[np.float32], which: int
) -> NDArray[np.float32]:
    """Return the distance of each point to so near an anchor, 1 for the nearest."""
    if len(anchors) < which:
        return np.zeros(len(placed), dtype=np.float32)
    found = []
    length = (anchors**2).sum(axis=1)
    for at in range(0, len(placed), _BLOCK):
        block = placed[at : at + _BLOCK]
        square = (block**2).sum(axis=1)[:, None] + length - 2.0 * block @ anchors.T
        found.append(np.partition(square, which - 1, axis=1)[:, which - 1])
    return np.sqrt(np.maximum(np.concatenate(found), 0.0)) if found else np.zeros(0, np.float32)
