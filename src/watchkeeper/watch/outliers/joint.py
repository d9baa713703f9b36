"""The joint part: how unusual a row's coordinates are together.

A Gaussian copula: the numbers' normal scores and the indicators of common categories are taken as
jointly normal, so a row's distance is Mahalanobis's. Measured on 28 real tables (see
``benchmarks/outliers.py``), it finds rows whose columns are each usual but not together, where
sums of the columns' own surprise, and isolation forests, see nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

_RIDGE: Final = 0.005
_WIDEST: Final = 128
# OpenBLAS hands larger products to threads, which in a process that has others to run wait for each
# other many times longer than the product takes.
_FEW_PRODUCTS: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some coordinates that are looked at together.

    Attributes
    ----------
    first
        Number of its first coordinate.
    whitening
        Shape (k, k): makes the coordinates uncorrelated, of variance 1.
    """

    first: int
    whitening: Scores

    @property
    def after(self) -> int:
        """Number of the coordinate after its last."""
        return self.first + len(self.whitening)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Distances of rows from the centre of the reference.

    Attributes
    ----------
    means
        Of the coordinates in the reference, shape (coordinates,).
    blocks
        At most 128 coordinates each, in order: the cost grows with their number only, not with
        its square.
    """

    means: Scores
    blocks: tuple[Block, ...]

    def squared_distances(self, coordinates: Scores) -> Floats:
        """Return the squared distance of each row.

        In double precision, so that what is added up in another order, as for another batch,
        differs by far less than anyone is told.

        Parameters
        ----------
        coordinates
            Shape (coordinates, rows).
        """
        found = np.zeros(coordinates.shape[1])
        for block in self.blocks:
            whitening = block.whitening.astype(np.float64)
            means = self.means[block.first : block.after, None].astype(np.float64)
            for part in _parts(whitening, coordinates.shape[1]):
                white = whitening @ (coordinates[block.first : block.after, part] - means)
                found[part] += np.einsum("ij,ij->j", white, white)
        return found

    def reductions(self, coordinates: Scores, owners: NDArray[np.intp]) -> Floats:
        """Return by how much each column alone makes rows' squared distances larger.

        That is the distance less what it would be if the column's coordinates were what the
        others let expect.

        Parameters
        ----------
        coordinates
            Shape (coordinates, rows).
        owners
            The column of each coordinate, counted from 0, shape (coordinates,).

        Returns
        -------
        Shape (columns, rows).
        """
        found = np.zeros((int(owners.max(initial=-1)) + 1, coordinates.shape[1]))
        centred = (coordinates - self.means[:, None]).astype(np.float64)
        for block in self.blocks:
            white = block.whitening.astype(np.float64)
            within = centred[block.first : block.after]
            pull = np.empty_like(within)
            for part in _parts(white, within.shape[1]):
                pull[:, part] = white.T @ (white @ within[:, part])
            own = owners[block.first : block.after]
            columns, counts = np.unique(own, return_counts=True)
            single = np.isin(own, columns[counts == 1])
            precisions = np.einsum("ij,ij->j", white, white)
            found[own[single]] += pull[single] ** 2 / precisions[single, None]
            for column in columns[counts > 1]:
                at = np.flatnonzero(own == column)
                solved = np.linalg.solve(white[:, at].T @ white[:, at], pull[at])
                found[column] += (pull[at] * solved).sum(axis=0)
        return found


def _parts(matrix: Floats, columns: int) -> Iterator[slice]:
    """Yield the columns of what a matrix is multiplied by, few enough for one thread."""
    size = max(1, _FEW_PRODUCTS // max(matrix.size, 1))
    for start in range(0, columns, size):
        yield slice(start, start + size)


def fit_joint(coordinates: Scores) -> Joint:
    """Learn the joint part from the reference's coordinates, shape (coordinates, rows).

    A coordinate of little variance, as of a number that nearly always is zero, is taken to have
    that of a normal score: how unusual its other values are is in the scores already.

    References
    ----------
    Mahalanobis, P. C. (1936), On the generalised distance in statistics.
    Liu, H., Lafferty, J., Wasserman, L. (2009), The nonparanormal: semiparametric estimation of
    high dimensional undirected graphs.
    """
    means = coordinates.mean(axis=1) if coordinates.shape[1] else np.zeros(len(coordinates))
    blocks = []
    for first in range(0, len(coordinates), _WIDEST):
        part = coordinates[first : first + _WIDEST].astype(np.float64)
        covariance = np.atleast_2d(np.cov(part, ddof=0))
        short = np.maximum(1.0 - np.diag(covariance), 0.0)
        covariance = covariance + np.diag(short) + _RIDGE * np.eye(len(part))
        values, vectors = np.linalg.eigh(covariance)
        whitening = (vectors / np.sqrt(np.maximum(values, _RIDGE))).T
        blocks.append(Block(first=first, whitening=whitening.astype(np.float32)))
    return Joint(means=means.astype(np.float32), blocks=tuple(blocks))
