"""What a segment shows on rows that the search for it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from watchkeeper.diagnosis.estimate import Z_95, Estimate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_LEAST_ROWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """Mean of some rows, and the square of its standard error; infinite for fewer than 2 rows."""

    rows: int
    value: float
    variance: float

    @classmethod
    def of(cls, values: Floats, clusters: Ints | None = None) -> Mean:
        """Return the mean of rows, those of one cluster dependent in any way.

        References
        ----------
        K.-Y. Liang, S. L. Zeger (1986), Longitudinal data analysis using generalized linear models,
        Biometrika 73 (the variance of clustered rows).
        """
        rows = len(values)
        if rows == 0:
            return cls(rows=0, value=0.0, variance=np.inf)
        value = float(values.mean())
        beyond = values - value
        if clusters is not None:
            groups = np.unique(clusters, return_inverse=True)[1]
            beyond = np.bincount(groups, weights=beyond).astype(np.float64)
        independent = len(beyond)
        if independent < _LEAST_ROWS:
            return cls(rows=rows, value=value, variance=np.inf)
        factor = independent / (independent - 1.0)
        return cls(rows=rows, value=value, variance=float(beyond @ beyond) * factor / rows**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference of means with its interval at 95 %, and how likely chance would show as much.

    The p-value is one-sided: of a difference as large as this or larger if there is none.
    """

    value: float
    low: float
    high: float
    p_value: float

    @classmethod
    def of(cls, value: float, variance: float) -> Difference:
        """Return a difference by its estimate and the square of its standard error."""
        error = float(np.sqrt(variance))
        if not np.isfinite(error):
            return cls(value=value, low=-np.inf, high=np.inf, p_value=1.0)
        if error == 0.0:
            return cls(value=value, low=value, high=value, p_value=1.0 if value <= 0.0 else 0.0)
        return cls(
            value=value,
            low=value - Z_95 * error,
            high=value + Z_95 * error,
            p_value=float(ndtr(-value / error)),
        )


def mean_change(values: Floats, is_current: Flags, clusters: Ints | None = None) -> Estimate:
    """Return how the mean of a quantity changed between two sides, with its interval."""
    now, before = (
        Mean.of(values[side], None if clusters is None else clusters[side])
        for side in (is_current, ~is_current)
    )
    return Estimate.of(now.value - before.value, now.variance + before.variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Rows that were kept from a search, by side.

    Attributes
    ----------
    values, is_current
        Shape (rows,).
    clusters
        Rows of the same number depend on each other; ``None``: none do.
    """

    values: Floats
    is_current: Flags
    clusters: Ints | None

    def mean(self, chosen: Flags) -> Mean:
        """Return the mean of chosen rows."""
        return Mean.of(
            self.values[chosen], None if self.clusters is None else self.clusters[chosen]
        )

    def change(self, within: Flags) -> Difference:
        """Return how the mean of some rows changed from the reference's."""
        now, before = self.mean(within & self.is_current), self.mean(within & ~self.is_current)
        return Difference.of(now.value - before.value, now.variance + before.variance)

    def beyond(self, within: Flags, among: Flags) -> Difference:
        """Return how much more some rows changed than the others among those given.

        Without a reference: how much larger their mean is.
        """
        value, variance = 0.0, 0.0
        for rows, sign in ((within & among, 1.0), (~within & among, -1.0)):
            now = self.mean(rows & self.is_current)
            value, variance = value + sign * now.value, variance + now.variance
            if not self.is_current.all():
                before = self.mean(rows & ~self.is_current)
                value, variance = value - sign * before.value, variance + before.variance
        return Difference.of(value, variance)
