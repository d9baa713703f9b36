"""Sums of features and of their products, from which all that is linear follows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_DEVIATION = 1e-2


class SideSums:
    """Sums over some rows of features, and over those of the rows that are current.

    Parameters
    ----------
    products
        Sums of products of any two features, the last of which is 1 in every row.
    current
        Sums of the features over the current rows.

    Attributes
    ----------
    distances
        By how much the current rows' sum of each feature differs from the expected one, in its
        standard deviations when the rows are exchangeable (the hypergeometric variance).
    constant
        Which features do not vary; their distance and correlation are 0.
    """

    def __init__(self, products: Floats, current: Floats) -> None:
        self.products, self.current = products, current
        self.rows, self.current_rows = products[-1, -1], current[-1]
        self.mean = products[-1, :-1] / self.rows
        variance = np.diagonal(products)[:-1] / self.rows - self.mean**2
        self.deviation = np.sqrt(np.maximum(variance, 0.0))
        self.constant = self.deviation < _LEAST_DEVIATION
        self.scale = np.where(self.constant, np.inf, self.deviation)
        part = self.current_rows * (self.rows - self.current_rows) / (self.rows - 1.0)
        off = current[:-1] - self.current_rows * self.mean
        self.distances: Floats = off / self.scale / np.sqrt(part)

    @property
    def correlation(self) -> Floats:
        """Correlations of the features over the rows, shape (features, features)."""
        covariance = self.products[:-1, :-1] / self.rows - np.outer(self.mean, self.mean)
        correlation: Floats = covariance / self.scale[:, None] / self.scale[None, :]
        np.fill_diagonal(correlation, 1.0)
        return correlation

    def without(self, other: SideSums) -> SideSums:
        """Return the sums over the rows that are not among the other's."""
        return SideSums(self.products - other.products, self.current - other.current)

    def difference(self) -> Floats:
        """Return the current rows' mean of each feature less the reference rows'."""
        others = self.rows - self.current_rows
        rest = self.products[-1, :-1] - self.current[:-1]
        difference: Floats = self.current[:-1] / self.current_rows - rest / others
        return difference
