"""Boosted symmetric trees that correct a given offset, in NumPy, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Bins = NDArray[np.uint8]

Loss: TypeAlias = Literal["logistic", "squared"]
Tree: TypeAlias = tuple[NDArray[np.int32], NDArray[np.uint8], Floats]

_LEAST_HESSIAN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTrees:
    """A sum of trees; every node of one level of a tree asks the same question.

    Attributes
    ----------
    columns
        Column asked about on each level, shape (trees, depth).
    limits
        A row goes right where its bin is above this, shape (trees, depth).
    leaves
        What a leaf adds to the offset, shape (trees, 2 ** depth).
    """

    columns: NDArray[np.int32]
    limits: NDArray[np.uint8]
    leaves: Floats

    def predict(self, bins: Bins) -> Floats:
        """Return what to add to the offset of each row.

        Parameters
        ----------
        bins
            Shape (columns, rows), binned as the rows fitted on were.
        """
        added = np.zeros(bins.shape[1])
        for tree in range(len(self.columns)):
            added += self.leaves[tree][self._leaf_of(bins, tree)]
        return added

    def first(self, trees: int) -> BoostedTrees:
        """Return the sum of the first trees alone."""
        return BoostedTrees(
            columns=self.columns[:trees], limits=self.limits[:trees], leaves=self.leaves[:trees]
        )

    def times(self, factor: float) -> BoostedTrees:
        """Return trees that add so many times as much."""
        return BoostedTrees(columns=self.columns, limits=self.limits, leaves=self.leaves * factor)

    def _leaf_of(self, bins: Bins, tree: int) -> NDArray[np.int64]:
        leaf = np.zeros(bins.shape[1], dtype=np.int64)
        for column, limit in zip(self.columns[tree], self.limits[tree], strict=True):
            leaf = 2 * leaf + (bins[column] > limit)
        return leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """How to boost: so many trees at most, how deep, how small each step, how far held back.

    Attributes
    ----------
    penalty
        Ridge on a leaf's value, in units of the loss's second derivative.
    least_weight
        No question is asked that moves less than this to one side, in the same units.
    bins
        Bins of a column at most.
    patience
        Trees without improvement on the rows held out before it stops.
    patience_ratio
        The same as a multiple of the trees that served those rows best, where that is more.
    column_ratio, row_ratio
        Share of the columns that a tree may ask about, and of the rows that it is grown on.
    """

    trees: int = 400
    depth: int = 3
    rate: float = 0.05
    penalty: float = 10.0
    least_weight: float = 5.0
    bins: int = 32
    patience: int = 30
    patience_ratio: float = 0.0
    column_ratio: float = 0.5
    row_ratio: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Trees, and the mean loss of the rows held out after 0, 1, 2, ... trees."""

    trees: BoostedTrees
    held_out_loss: Floats


def fit_boosted_trees(
    bins: Bins,
    target: Floats,
    offset: Floats,
    *,
    train: NDArray[np.bool_],
    loss: Loss = "logistic",
    weights: Floats | None = None,
    how: Boosting | None = None,
    seed: int = 0,
) -> Fitted:
    """Fit trees to what the offset leaves unexplained of the target, until held-out rows say stop.

    With no trees the prediction is the offset itself: what cannot be improved is left alone.

    Parameters
    ----------
    bins
        Shape (columns, rows), below `how.bins`.
    target
        0 or 1 (logistic) or any number (squared), shape (rows,).
    offset
        On the scale of the sum: log odds (logistic) or the value (squared), shape (rows,).
    train
        Which rows are fitted on; the others are held out.
    seed
        Of the columns and rows that each tree is grown on.

    References
    ----------
    J. H. Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of
    Statistics 29; R. Kohavi, C.-H. Li (1995), Oblivious decision trees, graphs, and top-down
    pruning, IJCAI.

    Examples
    --------
    >>> bins = np.arange(400, dtype=np.uint8).reshape(1, -1) % 8
    >>> y = (bins[0] > 3).astype(float)
    >>> fitted = fit_boosted_trees(bins, y, np.zeros(400), train=np.arange(400) % 4 > 0)
    >>> bool(fitted.held_out_loss[-1] < 0.2 * fitted.held_out_loss[0])
    True
    """
    how = how or Boosting()
    rng = np.random.default_rng(seed)
    own, held = np.flatnonzero(train), np.flatnonzero(~train)
    grower = _Grower(bins[:, own], how)
    w = np.ones(len(target)) if weights is None else weights
    value, held_value, held_bins = offset[own].copy(), offset[held].copy(), bins[:, held]
    losses = [_mean_loss(held_value, target[held], w[held], loss)]
    found: list[Tree] = []
    for _ in range(how.trees):
        gradient, hessian = _derivatives(value, target[own], w[own], loss)
        tree = grower.grow(gradient, hessian, rng)
        if tree is None:
            break
        found.append(tree)
        one = _stack([tree], how.depth)
        value += one.predict(grower.bins)
        held_value += one.predict(held_bins)
        losses.append(_mean_loss(held_value, target[held], w[held], loss))
        best = int(np.argmin(losses))
        if len(losses) - 1 - best >= max(how.patience, how.patience_ratio * best):
            break
    return Fitted(trees=_stack(found, how.depth), held_out_loss=np.array(losses))


class _Grower:
    """Grows trees on the same binned rows."""

    def __init__(self, bins: Bins, how: Boosting) -> None:
        self.bins, self.how = bins, how

    def grow(self, gradient: Floats, hessian: Floats, rng: np.random.Generator) -> Tree | None:
        """Return a tree that follows the gradient, of some rows and columns; none if no gain."""
        how, (columns, rows) = self.how, self.bins.shape
        chosen = rng.permutation(columns)[: max(1, round(how.column_ratio * columns))]
        picked = np.flatnonzero(rng.random(rows) < how.row_ratio)
        bins, gradient, hessian = self.bins[:, picked], gradient[picked], hessian[picked]
        leaf = np.zeros(len(picked), dtype=np.intp)
        asked: list[int] = []
        limits: list[int] = []
        for level in range(how.depth):
            column, limit, gain = self._best(bins, gradient, hessian, leaf, 2**level, chosen)
            if gain <= 0.0:
                if level == 0:
                    return None
                # All rows answer this alike: the levels that are left change nothing.
                column, limit = int(chosen[0]), 255
            asked.append(column)
            limits.append(limit)
            leaf = 2 * leaf + (bins[column] > limit)
        size = 2**how.depth
        curvature = np.bincount(leaf, hessian, size) + how.row_ratio * how.penalty
        leaves = -how.rate * np.bincount(leaf, gradient, size) / curvature
        return np.array(asked, np.int32), np.array(limits, np.uint8), leaves

    def _best(
        self,
        bins: Bins,
        gradient: Floats,
        hessian: Floats,
        leaf: NDArray[np.intp],
        leaves: int,
        chosen: NDArray[np.int64],
    ) -> tuple[int, int, float]:
        """Return the column and limit that gain most over all leaves together, and how much."""
        how, best = self.how, (0, 0, 0.0)
        first, penalty = leaf * how.bins, how.row_ratio * how.penalty
        shape, size = (leaves, how.bins), leaves * how.bins
        for column in chosen:
            place = first + bins[column]
            left_g = np.cumsum(np.bincount(place, gradient, size).reshape(shape), axis=1)
            left_h = np.cumsum(np.bincount(place, hessian, size).reshape(shape), axis=1)
            right_g, right_h = left_g[:, -1:] - left_g, left_h[:, -1:] - left_h
            gain = left_g**2 / (left_h + penalty) + right_g**2 / (right_h + penalty)
            total = (gain - left_g[:, -1:] ** 2 / (left_h[:, -1:] + penalty)).sum(axis=0)
            moved = np.minimum(left_h.sum(axis=0), right_h.sum(axis=0))
            total[moved < how.least_weight] = 0.0
            limit = int(np.argmax(total))
            if total[limit] > best[2]:
                best = (int(column), limit, float(total[limit]))
        return best


def _stack(found: Sequence[Tree], depth: int) -> BoostedTrees:
    if not found:
        return BoostedTrees(
            columns=np.zeros((0, depth), np.int32),
            limits=np.zeros((0, depth), np.uint8),
            leaves=np.zeros((0, 2**depth)),
        )
    return BoostedTrees(
        columns=np.stack([f[0] for f in found]),
        limits=np.stack([f[1] for f in found]),
        leaves=np.stack([f[2] for f in found]),
    )


def _derivatives(value: Floats, y: Floats, w: Floats, loss: Loss) -> tuple[Floats, Floats]:
    if loss == "squared":
        return w * (value - y), w.copy()
    p = expit(value)
    return w * (p - y), w * np.maximum(p * (1.0 - p), _LEAST_HESSIAN)


def _mean_loss(value: Floats, y: Floats, w: Floats, loss: Loss) -> float:
    if not len(y):
        return 0.0
    if loss == "squared":
        return float(np.average((value - y) ** 2, weights=w))
    return float(np.average(np.logaddexp(0.0, value) - y * value, weights=w))
