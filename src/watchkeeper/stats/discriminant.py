"""A linear discriminant with a ridge that is lighter where the sides differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats.side_sums import SideSums

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_LEAST_PRIOR = 1e-3


def discriminant(sums: SideSums, blocks: Sequence[Indices], families: Sequence[Indices]) -> Floats:
    """Return the weights of features by which the sides differ most, scores of variance 1.

    Each feature's weight has a prior variance: what its block shows beyond noise on average, what
    its family shows if that is beyond the largest of as many noises, and what it shows itself if it
    is. So the weights are dense where much differs a little, and sparse where little differs much.

    Parameters
    ----------
    sums
        Of the rows to fit.
    blocks
        Indices of features; each feature is in at most one. Those in none have weight 0.
    families
        Indices of the features of each family.

    References
    ----------
    R. A. Fisher (1936), The use of multiple measurements in taxonomic problems; the bound on the
    largest of many chi-squares: B. Laurent, P. Massart (2000), Adaptive estimation of a quadratic
    functional by model selection, Annals of Statistics 28.
    """
    squares = sums.distances**2
    prior = np.zeros(len(squares))
    for block in blocks:
        if len(block):
            prior[block] = max(float(squares[block].mean()) - 1.0, _LEAST_PRIOR)
    seen = prior > 0
    prior += np.where(seen & (squares > 2.0 * np.log(len(squares) + 1.0)), squares, 0.0)
    depth = np.log(len(families) + 1.0)
    for family in families:
        size, total = len(family), float(squares[family].sum())
        if total > size + 2.0 * np.sqrt(size * depth) + 2.0 * depth:
            prior[family] += total / size - 1.0
    prior[sums.constant | ~seen] = 0.0
    root = np.sqrt(prior)
    correlation = sums.correlation
    inner = root[:, None] * correlation * root[None, :] + np.eye(len(root))
    weights = root * np.linalg.solve(inner, root * sums.distances)
    deviation = np.sqrt(max(float(weights @ correlation @ weights), 1e-300))
    scaled: Floats = weights / sums.scale / deviation
    return scaled
