"""Rows of both sides dealt into folds, with their features and products side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats.features import Features
from watchkeeper.stats.interactions import choose_products
from watchkeeper.stats.side_sums import SideSums

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LEAST_SKEWNESS = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedRows:
    """Rows of both sides, sorted by fold, with features and products of two of them.

    Attributes
    ----------
    values
        Shape (rows, features + products + 1); the last column is 1.
    is_current
        Shape (rows,).
    bounds
        Where each fold begins, and where the last ends; shape (folds + 1,).
    blocks
        Features of location, then those of spread and the products; without constant ones.
    families
        The features of each column and of each two columns; without constant ones.
    first_columns, second_columns
        Columns that each feature or product comes from, shape (features + products,).
    """

    values: Floats32
    is_current: Flags
    bounds: Indices
    fold_sums: tuple[SideSums, ...]
    total: SideSums
    blocks: tuple[Indices, Indices]
    families: tuple[Indices, ...]
    first_columns: Indices
    second_columns: Indices

    @classmethod
    def of(
        cls,
        features: Features,
        is_current: Flags,
        folds: int,
        rng: np.random.Generator,
    ) -> FoldedRows:
        """Sort the rows into folds, each with its part of both sides, and multiply features."""
        values = features.values
        smaller = int(min(is_current.sum(), (~is_current).sum()))
        first, second = choose_products(features, smaller, rng)
        order, bounds = _folds(is_current, folds, rng)
        singles, pairs = values.shape[1], len(first)
        # A feature's rows lie together, so that a product is one pass over memory.
        design = np.empty((singles + pairs + 1, len(values)), dtype=np.float32).T
        design[:, :singles] = np.take(values.T, order, axis=1).T
        for place, (one, other) in enumerate(zip(first, second, strict=True), singles):
            np.multiply(design[:, one], design[:, other], out=design[:, place])
        design[:, -1] = 1.0
        sides = is_current[order]
        sums = []
        for begin, end in pairwise(bounds):
            part = design[begin:end]
            current = part.T @ sides[begin:end].astype(np.float32)
            sums.append(SideSums((part.T @ part).astype(np.float64), current.astype(np.float64)))
        total = SideSums(
            np.sum([s.products for s in sums], axis=0), np.sum([s.current for s in sums], axis=0)
        )
        varied = np.flatnonzero(~total.constant)
        first_columns = np.append(features.columns, features.columns[first])
        second_columns = np.append(features.columns, features.columns[second])
        plain = np.append(features.degrees == 1, np.zeros(pairs, dtype=np.bool_))
        return cls(
            values=design,
            is_current=sides,
            bounds=bounds,
            fold_sums=tuple(sums),
            total=total,
            blocks=(varied[plain[varied]], varied[~plain[varied]]),
            families=_families(first_columns, second_columns, varied),
            first_columns=first_columns,
            second_columns=second_columns,
        )

    def skewness(self) -> Floats:
        """Return the skewness of the features' distances when nothing differs.

        It is 0 when the sides have equally many rows, and in any case exact but for
        ``rows / (rows - 2)`` (sampling without replacement).
        """
        part = float(self.is_current.mean())
        factor = (1.0 - 2.0 * part) / np.sqrt(len(self.is_current) * part * (1.0 - part))
        third = np.zeros(len(self.first_columns))
        if abs(factor) > _LEAST_SKEWNESS:
            for place in np.flatnonzero(~self.total.constant):
                centred = self.values[:, place] - np.float32(self.total.mean[place])
                cube = float((centred * centred) @ centred)
                third[place] = cube / len(centred) / self.total.scale[place] ** 3
        skewness: Floats = factor * third
        return skewness

    def standardised(self) -> Floats32:
        """Return features and products with mean 0 and variance 1."""
        mean, scale = self.total.mean, self.total.scale
        standard: Floats32 = (self.values[:, :-1] - mean.astype(np.float32)) / scale.astype(
            np.float32
        )
        return standard


def _families(first: Indices, second: Indices, varied: Indices) -> tuple[Indices, ...]:
    if not len(varied):
        return ()
    columns = np.stack([np.minimum(first, second), np.maximum(first, second)])[:, varied]
    family = np.unique(columns, axis=1, return_inverse=True)[1].ravel()
    order = np.argsort(family, kind="stable")
    parts = np.split(varied[order], np.flatnonzero(np.diff(family[order])) + 1)
    return tuple(parts)


def _folds(is_current: Flags, folds: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return rows sorted by fold and the folds' bounds; each has its part of both sides."""
    fold = np.empty(len(is_current), dtype=np.int64)
    for side in (is_current, ~is_current):
        rows = rng.permutation(np.flatnonzero(side))
        fold[rows] = np.arange(len(rows)) % folds
    order = np.argsort(fold, kind="stable")
    return order, np.searchsorted(fold[order], np.arange(folds + 1))
