"""A number that was estimated, with its interval."""

from __future__ import annotations

import msgspec
import numpy as np
from scipy.special import ndtri

Z_95 = float(ndtri(0.975))


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate and its interval at 95 %, both ends ``None`` where none can be given."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, value: float, variance: float) -> Estimate:
        """Return an estimate by its value and the square of its standard error."""
        if not np.isfinite(variance):
            return cls(value=value, low=None, high=None)
        half = Z_95 * float(np.sqrt(max(variance, 0.0)))
        return cls(value=value, low=value - half, high=value + half)

    @property
    def is_told(self) -> bool:
        """Whether the interval excludes 0."""
        return (self.low is not None and self.low > 0.0) or (
            self.high is not None and self.high < 0.0
        )

    def times(self, factor: float) -> Estimate:
        """Return the estimate in another unit; ``factor`` is above 0."""
        return Estimate(
            value=self.value * factor,
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
        )
