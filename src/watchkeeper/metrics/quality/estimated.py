"""One shape for every metric: a value, and how much each row pulls at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from watchkeeper.metrics.quality.scored import Floats

Scale: TypeAlias = Literal["share", "signed", "positive", "below_one", "free"]
"""Where a metric can lie: ``least`` to ``most``, -1 to 1, 0 and up, 1 and down, anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A metric as the sum of what each row adds to it.

    Parameters
    ----------
    value
        The metric.
    influence
        Empirical influence function, shape (n,), mean 0: to first order the metric is off by
        the mean of what independent rows add here, so its variance follows, whatever the
        metric, from this column alone, and with sums over entities where rows repeat
        (F. R. Hampel 1974, The influence curve and its role in robust estimation, JASA 69).
    scale
        Bounds of the metric, which its interval keeps to.
    support
        Independent rows that the metric rests on if all of them agree (influence 0 everywhere),
        above 0: the predicted positives for precision.
    least_variance
        What the variance is at least, as a variance of ``value``; 0 if nothing is known of it.
    least, most
        Bounds of a share that is counted in something else: a lift from 0 to 10.
    excess
        What chance alone adds to the value (a sum of absolute differences is never 0); the
        lower end allows for it.
    degrees
        Degrees of freedom of the variance of a share; ``None``: it is as good as known.
    power
        The value to this power is a mean: 2 for a root mean square.
    """

    value: float
    influence: Floats
    scale: Scale
    support: float
    least_variance: float = 0.0
    least: float = 0.0
    most: float = 1.0
    excess: float = 0.0
    degrees: float | None = None
    power: float = 1.0

    def times(self, factor: float) -> Estimated:
        """Return the metric in a unit of which ``factor``, above 0, make one of this."""
        return replace(
            self,
            value=self.value * factor,
            influence=self.influence * factor,
            least_variance=self.least_variance * factor**2,
            least=self.least * factor,
            most=self.most * factor,
            excess=self.excess * factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """Why a metric has no value for some rows, as a sentence."""

    reason: str


Finding: TypeAlias = Estimated | Unsaid
