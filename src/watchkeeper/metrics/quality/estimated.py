"""One shape for every metric: a value, and how much each row pulls at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from watchkeeper.metrics.quality.scored import Floats

Scale: TypeAlias = Literal["share", "signed", "positive", "below_one", "free"]
"""Where a metric can lie: 0 to 1, -1 to 1, 0 and up, 1 and down, anywhere."""


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
    """

    value: float
    influence: Floats
    scale: Scale
    support: float
    least_variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """Why a metric has no value for some rows, as a sentence."""

    reason: str


Finding: TypeAlias = Estimated | Unsaid
