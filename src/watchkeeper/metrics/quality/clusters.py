"""Rows that belong to one entity, and what a metric's influence sums to over them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from watchkeeper.metrics.quality.scored import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Which rows belong together: ``codes`` from 0, shape (n,), of ``count`` different entities."""

    codes: Integers
    count: int


def clusters(entities: Integers | None) -> Clusters | None:
    """Return the clusters of rows, or ``None`` if no entity has two.

    Examples
    --------
    >>> clusters(np.array([7, 7, 3])).count
    2
    """
    if entities is None or not len(entities):
        return None
    codes = entities
    if codes.min() < 0 or codes.max() > 4 * len(codes):
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    count = int(np.count_nonzero(np.bincount(codes)))
    return Clusters(codes=codes, count=count) if count < len(codes) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a metric varies, from the sums of its influence over independent units.

    Attributes
    ----------
    units
        Independent rows, or entities.
    variance
        Of the metric: the squared sums over the squared number of rows.
    skew
        Third moment over the second, of the metric's own size: half of how much farther the
        long side of its distribution reaches, times a constant.
    degrees
        Degrees of freedom that the variance is worth: as many as units if their sums are
        normal, fewer if a few of them make most of it (F. E. Satterthwaite 1946).
    """

    units: int
    variance: float
    skew: float
    degrees: float

    @property
    def error(self) -> float:
        """The metric's standard error."""
        return math.sqrt(self.variance)


def spread(influence: Floats, together: Clusters | None) -> Spread:
    """Return how a metric with this influence function, shape (n,), varies; n above 0."""
    rows = len(influence)
    sums = influence if together is None else np.bincount(together.codes, influence)
    units = rows if together is None else together.count
    squares = sums * sums
    second = float(squares.sum())
    if second <= 0:
        return Spread(units=units, variance=0.0, skew=0.0, degrees=max(units - 1.0, 1.0))
    peaked = units * float(squares @ squares) / second**2
    degrees = 2.0 * units / max(peaked - 1.0, 1.0)
    return Spread(
        units=units,
        variance=second / rows**2,
        skew=float(squares @ sums) / second / rows,
        degrees=max(min(degrees, units - 1.0), 1.0),
    )
