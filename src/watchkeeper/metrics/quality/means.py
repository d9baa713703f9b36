"""Metrics that are a mean over rows, or a ratio of two means."""

from __future__ import annotations

import numpy as np

from watchkeeper.metrics.quality.estimated import Estimated, Finding, Scale, Unsaid
from watchkeeper.metrics.quality.scored import Floats


def mean(values: Floats, scale: Scale) -> Estimated:
    """Return the mean of one value per row.

    Examples
    --------
    >>> mean(np.array([1.0, 0.0, 1.0, 1.0]), "share").value
    0.75
    """
    value = float(values.mean())
    return Estimated(value=value, influence=values - value, scale=scale, support=len(values))


def ratio(above: Floats, below: Floats, *, scale: Scale = "share", empty: str) -> Finding:
    """Return the sum of one value over the sum of another, by the delta method.

    Parameters
    ----------
    above, below
        Numerator and denominator of each row, shape (n,); ``below`` is never negative.
    scale
        Bounds of the ratio.
    empty
        What to say when the denominator is 0.

    Examples
    --------
    >>> ratio(np.array([1.0, 0.0]), np.array([1.0, 1.0]), empty="No rows.").value
    0.5
    """
    total = float(below.sum())
    if total <= 0:
        return Unsaid(reason=empty)
    value = float(above.sum()) / total
    influence = (above - value * below) * (len(below) / total)
    return Estimated(
        value=value, influence=influence, scale=scale, support=float(np.count_nonzero(below))
    )


def surprise(told: Floats) -> Floats:
    """Return the log loss of each row from the probability told for what came true, shape (n,).

    In nats. A probability of 0 counts as 2.2e-16, so one row costs 36 nats at most.
    """
    least = float(np.finfo(np.float64).eps)
    losses: Floats = -np.log(np.clip(told, least, 1.0 - least))
    return losses
