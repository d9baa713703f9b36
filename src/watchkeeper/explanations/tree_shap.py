"""Exact Shapley values of sums of trees, many leaves and rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from watchkeeper.explanations.tree_paths import LeafPaths

Matrix = NDArray[np.float64]

# Numbers held at a time: a few arrays of this many fit in a processor's cache.
_AT_A_TIME, _MOST_ROWS = 1 << 18, 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSum:
    """A constant and the sum of many trees, by their leaves.

    The game is that of TreeSHAP: where a feature is not known, a row goes both ways at once,
    weighted by the training weight of the branches.

    Attributes
    ----------
    width
        How many columns a row has.
    offset
        What is added to the trees.
    paths
        Their leaves.

    References
    ----------
    Lundberg, S. M. et al. (2020), From local explanations to global understanding with explainable
    AI for trees, Nature Machine Intelligence 2. Owen, G. (1972), Multilinear extensions of games,
    Management Science 18: the Shapley value as an integral, here of a polynomial, so that
    Gauss-Legendre quadrature is exact.
    """

    width: int
    offset: float
    paths: tuple[LeafPaths, ...]

    @property
    def base(self) -> float:
        """What is expected of a row of which nothing is known."""
        return self.offset + sum(float(one.cover.prod(axis=0) @ one.value) for one in self.paths)

    def margins(self, rows: Matrix) -> NDArray[np.float64]:
        """Return what the trees say of each row."""
        found = np.full(len(rows), self.offset)
        for part, at in self._pieces(rows):
            held = _held(part, rows[at].T)
            found[at] += part.value @ held.all(axis=0)
        return found

    def contributions(self, rows: Matrix) -> Matrix:
        """Return what each column adds to each row's margin; shape as ``rows``."""
        from scipy import sparse

        found = np.zeros((self.width, len(rows)))
        for part, at in self._pieces(rows):
            shares = _shares(_held(part, rows[at].T), part.cover)
            size = part.feature.size
            gather = sparse.csc_array(
                (
                    np.tile(part.value, len(part.feature)),
                    part.feature.ravel(),
                    np.arange(size + 1),
                ),
                shape=(self.width, size),
            )
            found[:, at] += gather @ shares.reshape(size, -1)
        return found.T

    def _pieces(self, rows: Matrix) -> Iterator[tuple[LeafPaths, slice]]:
        """Yield some leaves and some rows at a time, every pair of them once."""
        for begin in range(0, len(rows), _MOST_ROWS):
            at = slice(begin, min(begin + _MOST_ROWS, len(rows)))
            for paths in self.paths:
                length, leaves = paths.feature.shape
                step = max(1, _AT_A_TIME // (max(length, 1) * (at.stop - at.start)))
                if step >= leaves:
                    yield paths, at
                    continue
                for first in range(0, leaves, step):
                    yield paths.some(first, first + step), at


def _held(paths: LeafPaths, columns: Matrix) -> NDArray[np.bool_]:
    """Return which conditions hold: ``(features, leaves, rows)``."""
    values = columns[paths.feature]
    held: NDArray[np.bool_] = values <= paths.high[..., None]
    held &= ~(values <= paths.low[..., None])
    unknown = np.isnan(values)
    if unknown.any():
        held |= unknown & paths.missing[..., None]
    if paths.places.size:
        last = paths.categories.shape[1] - 1
        asked = values[tuple(paths.places)]
        codes = np.where((asked >= 0) & (asked < last), asked, last).astype(np.intp)
        held[tuple(paths.places)] = np.take_along_axis(paths.categories, codes, axis=1)
    return held


def _shares(held: NDArray[np.bool_], cover: Matrix) -> Matrix:
    """Return the Shapley values of leaves of value 1: ``(features, leaves, rows)``.

    Rows that hold the same conditions of a leaf share its values: with many rows each of its
    patterns is worked out once, then looked up.
    """
    length, leaves, rows = held.shape
    patterns = 1 << min(length, 62)
    if not length or 2 * patterns > rows:
        return _product_game(held, cover)
    bits = (np.arange(patterns) >> np.arange(length)[:, None]) & 1
    table = _product_game(bits.astype(bool)[:, None, :], cover).reshape(length, -1)
    code = np.arange(leaves)[:, None] * patterns
    for place in range(length):
        code = code + (held[place].astype(np.intp) << place)
    found: Matrix = np.take(table, code, axis=1)
    return found


def _product_game(held: NDArray[np.bool_], cover: Matrix) -> Matrix:
    """Return the values of players whose coalition is worth a product, one factor by player.

    A player in the coalition gives 1 if its condition holds, else 0; outside, the cover.
    """
    outside = cover[..., None]
    step = held - outside
    total, factors = np.zeros_like(step), np.empty_like(step)
    for point, weight in _quadrature((len(cover) + 1) // 2):
        np.multiply(step, point, out=factors)
        factors += outside
        product = factors.prod(axis=0)
        product *= weight
        total += np.divide(product, factors, out=factors)
    total *= step
    return total


@cache
def _quadrature(count: int) -> tuple[tuple[float, float], ...]:
    """Return points in [0, 1] and weights, exact for polynomials below degree ``2 * count``."""
    points, weights = np.polynomial.legendre.leggauss(max(count, 1))
    return tuple(zip(((1 + points) / 2).tolist(), (weights / 2).tolist(), strict=True))
