"""Count, mean, spread and extremes of numbers, merged without the numbers themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST = 1e140
"""Numbers beyond ±this count as infinite: a sum of their squares would not fit a double."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The first two moments of the finite numbers of a column, and their extremes.

    Attributes
    ----------
    count
        Finite numbers seen.
    mean
        Their mean, 0 when there are none.
    m2
        Sum of their squared deviations from the mean.
    minimum, maximum
        Extremes of the finite numbers; ``inf`` and ``-inf`` when there are none.
    infinite
        Numbers that are infinite, or beyond ±1e140; they are part of nothing above.

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque (1983), Algorithms for computing the sample variance:
    analysis and recommendations, The American Statistician 37.

    Examples
    --------
    >>> left = Moments(count=2, mean=1.5, m2=0.5, minimum=1.0, maximum=2.0)
    >>> right = Moments(count=1, mean=6.0, m2=0.0, minimum=6.0, maximum=6.0)
    >>> both = left.merge(right)
    >>> both.mean, both.m2, both.variance
    (3.0, 14.0, 7.0)
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    infinite: int = 0

    @property
    def variance(self) -> float:
        """Unbiased variance; NaN with fewer than two numbers."""
        return self.m2 / (self.count - 1) if self.count > 1 else math.nan

    def merge(self, other: Moments) -> Moments:
        """Return the moments of both sets of numbers together, to 1e-9 in any order."""
        count = self.count + other.count
        infinite = self.infinite + other.infinite
        if not self.count or not other.count:
            full = self if self.count else other
            mean, m2 = full.mean, full.m2
        else:
            step = other.mean - self.mean
            mean = (self.count * self.mean + other.count * other.mean) / count
            m2 = self.m2 + other.m2 + step * step * (self.count * other.count / count)
        return Moments(
            count=count,
            mean=mean,
            m2=m2,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
            infinite=infinite,
        )
