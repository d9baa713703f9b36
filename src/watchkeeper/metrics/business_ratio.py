"""The ratio of two sums over entities, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.metrics.quality import Unsaid, interval
from watchkeeper.metrics.quality.clusters import spread
from watchkeeper.metrics.quality.estimated import Scale
from watchkeeper.metrics.quality.means import ratio
from watchkeeper.metrics.quality.scored import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessRatio:
    """A ratio and its interval at 95 %, ``None`` where it cannot be said, of so many entities.

    ``error`` is its standard error, 0 where it cannot be said.
    """

    value: float | None
    low: float | None
    high: float | None
    entities: int
    error: float = 0.0


def business_ratio(above: Floats, below: Floats) -> BusinessRatio:
    """Return the sum of ``above`` over that of ``below``, clustered by entity (delta method).

    Parameters
    ----------
    above, below
        Numerator and denominator of each entity, summed over its rows, shape (entities,); a
        denominator is never negative. Where no numerator exceeds its denominator the ratio is a
        share, and its interval lies within 0 and 1.

    References
    ----------
    A. Deng, U. Knoblich, J. Lu (2018), Applying the delta method in metric analytics, KDD.

    Examples
    --------
    >>> import numpy as np
    >>> found = business_ratio(np.array([1.0, 0.0, 2.0]), np.array([2.0, 2.0, 4.0]))
    >>> found.value, found.entities
    (0.375, 3)
    """
    counts, entities = bool((above >= 0).all()), len(below)
    is_share = counts and bool((above <= below).all())
    scale: Scale = "share" if is_share else "positive" if counts else "free"
    found = ratio(above, below, scale=scale, empty="Nothing to divide by.")
    if isinstance(found, Unsaid):
        return BusinessRatio(value=None, low=None, high=None, entities=entities)
    low, high = (end if math.isfinite(end) else None for end in interval(found))
    return BusinessRatio(
        value=found.value,
        low=low,
        high=high,
        entities=entities,
        error=spread(found.influence, None).error,
    )
