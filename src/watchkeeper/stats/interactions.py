"""Which products of two features to look at, chosen without looking at the sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats.features import Features, Floats32, are_common

Indices = NDArray[np.int64]

MOST_PRODUCTS = 320
_SAMPLE_ROWS = 4_000
_PLAIN_BONUS = 2.0


def choose_products(
    features: Features, smaller_side: int, rng: np.random.Generator
) -> tuple[Indices, Indices]:
    """Return pairs of features of different groups whose product is worth a feature.

    Where a relation between two columns differs between the sides, the columns are dependent in
    the rows of both sides together: in their product, or, where the relation changes its sign, in
    the product of their squares. So the pairs most dependent there are taken, at most
    `MOST_PRODUCTS`. Products of two features of location come before those with spread.

    Parameters
    ----------
    features
        Of both sides.
    smaller_side
        Rows of the smaller side. A product that few of them would decide alone is left out.
    rng
        Chooses the rows that are looked at.

    Returns
    -------
    tuple
        Indices of the first and second features, each of shape (pairs,).
    """
    paired = np.flatnonzero(features.groups >= 0)
    values, groups = features.values[:, paired], features.groups[paired]
    if len(values) > _SAMPLE_ROWS:
        values = values[rng.choice(len(values), _SAMPLE_ROWS, replace=False)]
    rows, count = values.shape
    if count < 2 or rows < 4:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    dependence = np.maximum(_correlations(values), _correlations(values**2)) * np.sqrt(rows)
    plain = features.degrees[paired] == 1
    dependence += _PLAIN_BONUS * (plain[:, None] & plain[None, :])
    possible = np.triu(groups[:, None] != groups[None, :])
    dependence[~possible] = -1.0
    flat = dependence.ravel()
    wanted = min(2 * MOST_PRODUCTS, int(possible.sum()))
    best = np.argpartition(-flat, wanted - 1)[:wanted] if wanted else np.zeros(0, np.int64)
    best = best[np.argsort(-flat[best], kind="stable")]
    first, second = np.divmod(best, count)
    usual = are_common(_standardised(values[:, first] * values[:, second]), smaller_side)
    return paired[first[usual][:MOST_PRODUCTS]], paired[second[usual][:MOST_PRODUCTS]]


def _correlations(values: Floats32) -> NDArray[np.float64]:
    standard = _standardised(values)
    correlations: NDArray[np.float64] = np.abs(standard.T @ standard) / np.float64(len(values))
    return correlations


def _standardised(values: Floats32) -> Floats32:
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    standard: Floats32 = np.where(deviation > 1e-3, centred / np.maximum(deviation, 1e-3), 0.0)
    return standard
