"""Whether the means of many features together differ between two samples of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, ndtr

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Indices = NDArray[np.int64]

RIDGE = 0.3
PERMUTATIONS = 999


class JointMeansTest:
    """The test of some blocks of features, ready for any assignment of the rows to the sides.

    It asks each block whether its features differ all together (Hotelling's statistic with a
    ridge), the same of each family of features, and each feature by itself. Of the families and of
    the features the smallest p-value counts, times their number; and of all these questions again
    the smallest, times theirs. So it sees what is spread thinly and what is narrow.

    Parameters
    ----------
    correlation
        Of the features over the rows of both sides, shape (features, features).
    blocks
        Indices of the features of each block; each feature is in at most one.
    families
        Indices of the features of each family, such as all that come from the same two columns.
    rows
        Of both sides; the ridge is the heavier the fewer there are per feature.

    References
    ----------
    H. Hotelling (1931), The generalization of Student's ratio; L. S. Chen, D. Paul, R. L.
    Prentice, P. Wang (2011), A regularized Hotelling's T² test for pathway analysis in proteomic
    studies, JASA 106; the distribution of a quadratic form by its first three moments, E. S.
    Pearson (1959), Note on an approximation to the distribution of non-central chi-squared.
    """

    def __init__(
        self,
        correlation: Floats,
        blocks: Sequence[Indices],
        families: Sequence[Indices],
        rows: int,
    ) -> None:
        self._blocks = [_Block(correlation, block, rows) for block in blocks if len(block)]
        self._families = [_Block(correlation, family, rows) for family in families]

    def p_values(self, distances: Floats) -> Floats:
        """Return p-values of the features' distances, correct when there are many rows.

        Parameters
        ----------
        distances
            By how much the current rows' sum of each feature differs from the expected one, in
            its standard deviations when the rows are exchangeable; shape (features, assignments).

        Returns
        -------
        ndarray
            Shape (assignments,).
        """
        return np.minimum(self._bounds(distances), 1.0)

    def _bounds(self, distances: Floats) -> Floats:
        """Return the p-values without their limit of 1, so that large ones still have an order."""
        if not self._blocks:
            return np.ones(distances.shape[1])
        found = [block.p_values(distances[block.features]) for block in self._blocks]
        count = sum(len(block.features) for block in self._blocks)
        largest = np.max([np.abs(distances[b.features]).max(axis=0) for b in self._blocks], axis=0)
        found.append(2.0 * count * ndtr(-largest))
        if self._families:
            narrow = [family.p_values(distances[family.features]) for family in self._families]
            found.append(len(narrow) * np.min(narrow, axis=0))
        bounds: Floats = len(found) * np.min(found, axis=0)
        return bounds

    def permuted_p_value(
        self, features: Floats32, is_current: NDArray[np.bool_], rng: np.random.Generator
    ) -> float:
        """Return the p-value against random assignments of the rows; right for any few rows.

        Where no assignment came near, the p-value of many rows stands in, if it is smaller.

        Parameters
        ----------
        features
            Of mean 0 and variance 1, shape (rows, features).
        is_current
            The true assignment, shape (rows,).

        References
        ----------
        B. Phipson, G. K. Smyth (2010), Permutation p-values should never be zero.
        """
        rows, current = len(is_current), int(is_current.sum())
        sides = np.empty((1 + PERMUTATIONS, rows), dtype=np.float32)
        sides[0] = is_current
        sides[1:] = np.arange(rows) < current
        sides[1:] = rng.permuted(sides[1:], axis=1)
        deviation = np.sqrt(current * (rows - current) / (rows - 1.0))
        found = self._bounds((features.T @ sides.T).astype(np.float64) / deviation)
        # Two assignments that are the same but for rounding count as equal.
        as_small = int(np.sum(found[1:] <= found[0] * (1.0 + 1e-6)))
        if as_small == 0:
            return float(min(found[0], 1.0 / (1 + PERMUTATIONS)))
        return (1 + as_small) / (1 + PERMUTATIONS)


def unskewed(distances: Floats, skewness: Floats) -> Floats:
    """Return the normal scores of sums that are skewed, as if they were gamma-distributed.

    A flag of few rows of the smaller side is nearly Poisson-distributed, its upper tail heavier
    than the normal one.

    Parameters
    ----------
    distances
        In standard deviations, shape (features,).
    skewness
        Of the distances when nothing differs, shape (features,).

    References
    ----------
    E. B. Wilson, M. M. Hilferty (1931), The distribution of chi-square, PNAS 17.

    Examples
    --------
    >>> unskewed(np.array([4.0, 4.0, -2.0]), np.array([0.0, 0.45, 0.45])).round(2)
    array([ 4.  ,  3.26, -2.33])
    """
    side = np.where(skewness < 0, -1.0, 1.0)
    skew = np.abs(skewness)
    root = 2.0 / np.maximum(skew, 1e-3)
    ratio = np.maximum(1.0 + side * distances / root, 0.0)
    score = 3.0 * root * (np.cbrt(ratio) - 1.0 + 1.0 / (9.0 * root**2))
    scores: Floats = np.where(skew > 1e-3, side * score, distances)
    return scores


class _Block:
    def __init__(self, correlation: Floats, features: Indices, rows: int) -> None:
        self.features = features
        inner = correlation[np.ix_(features, features)]
        ridge = RIDGE + len(features) / rows
        identity = np.eye(len(features))
        self._inverse = np.linalg.inv(inner + ridge * identity)
        # Correlation times inverse: the form's weights are its eigenvalues.
        weights = identity - ridge * self._inverse
        squared = weights @ weights
        second = float(np.trace(squared))
        self._mean = float(np.trace(weights))
        self._deviation = np.sqrt(2.0 * second)
        skewness = 8.0 * float(np.sum(squared * weights.T)) / self._deviation**3
        self._shape = 4.0 / skewness**2

    def p_values(self, distances: Floats) -> Floats:
        form = np.sum(distances * (self._inverse @ distances), axis=0)
        standard = (form - self._mean) / self._deviation
        place = self._shape + np.sqrt(self._shape) * standard
        p: Floats = gammaincc(self._shape, np.maximum(place, 0.0))
        return p
