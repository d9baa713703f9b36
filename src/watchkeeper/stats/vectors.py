"""Whether two samples of vectors, such as embeddings, come from one population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import UsageError
from watchkeeper.stats.domain_classifier import Separation, separate
from watchkeeper.stats.features import Features, gather, rank_features, standard_feature
from watchkeeper.stats.principal_directions import principal_directions

Vectors = NDArray[np.floating]

MOST_ROWS = 10_000
"""Rows of each side that are looked at, unless told otherwise."""
_DIRECTIONS = 24
_FARTHEST = 4.0


def separate_vectors(
    reference: Vectors,
    current: Vectors,
    *,
    most_rows: int = MOST_ROWS,
    folds: int = 5,
    seed: int = 0,
) -> Separation:
    """Return how well vectors of two sides can be told apart.

    By every dimension together, by the ranks along the leading principal directions of both
    sides' rows, and by these directions' squares and products; see `separate`.

    Parameters
    ----------
    reference, current
        Shape (rows, dimensions), the same dimensions; a row with NaN or infinity is a null.
    most_rows
        Of a side with more, so many are chosen at random; `rows` of the result says how many.
    folds, seed
        As of `separate`; the seed chooses the rows too.

    Returns
    -------
    Separation
        Its `shares` are of the one column: 1.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(2, 300, 8))
    >>> rows[1] += 0.4
    >>> separate_vectors(rows[0], rows[1]).p_value < 0.001
    True
    """
    if reference.ndim != 2 or current.ndim != 2 or reference.shape[1] != current.shape[1]:
        raise UsageError(
            "Expected two arrays of vectors of the same dimensions, got shapes "
            f"{reference.shape} and {current.shape}. Compare vectors of one embedding model."
        )
    rng = np.random.default_rng(seed)
    sides = [
        side[np.sort(rng.choice(len(side), most_rows, replace=False))]
        if len(side) > most_rows
        else side
        for side in (reference, current)
    ]
    is_current = np.arange(len(sides[0]) + len(sides[1])) >= len(sides[0])
    return separate(encode_vectors(np.concatenate(sides)), is_current, folds=folds, seed=seed)


def encode_vectors(values: Vectors) -> Features:
    """Return the features of vectors: each dimension, and ranks along principal directions.

    A dimension's values count as far as 4 standard deviations.

    Parameters
    ----------
    values
        Of both sides, shape (rows, dimensions).
    """
    known: NDArray[np.bool_] = np.all(np.isfinite(values), axis=1)
    finite = np.asarray(values[known], dtype=np.float32)
    features = [replace(f, group=-1) for f in standard_feature((~known).astype(np.float64))]
    for raw in _bounded(finite).T:
        dimension = np.zeros(len(known))
        dimension[known] = raw
        features += standard_feature(dimension, group=-1)
    for group, along in enumerate(principal_directions(finite, _DIRECTIONS).T):
        direction = np.full(len(known), np.nan)
        direction[known] = along
        features += rank_features(direction, spread=True, group=group)
    return gather(features, rows=len(known), column_count=1)


def _bounded(values: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(values):
        return values
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    bounded: NDArray[np.float32] = np.clip(centred / scale, -_FARTHEST, _FARTHEST)
    return bounded
