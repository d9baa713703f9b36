"""One metric of several classes or labels, as their mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from watchkeeper.metrics.quality.estimated import Estimated
from watchkeeper.metrics.quality.scored import Floats


def macro(parts: Sequence[Estimated]) -> Estimated:
    """Return the plain mean of a metric over classes; at least one."""
    influence = np.sum([part.influence for part in parts], axis=0) / len(parts)
    return _average(parts, [1.0 / len(parts)] * len(parts), influence)


def weighted(parts: Sequence[Estimated], true: Sequence[Floats]) -> Estimated:
    """Return the mean of a metric over classes, each weighted by its number of true rows.

    Parameters
    ----------
    parts
        The metric of each class, at least one.
    true
        Of each class, 1 where a row has it, shape (n,); at least one row has one.
    """
    rows = len(true[0])
    sizes = [float(one.sum()) for one in true]
    total = sum(sizes)
    weights = [size / total for size in sizes]
    value = sum(weight * part.value for weight, part in zip(weights, parts, strict=True))
    influence = np.zeros(rows)
    for weight, part, one in zip(weights, parts, true, strict=True):
        influence += weight * part.influence + one * ((part.value - value) * rows / total)
    return _average(parts, weights, influence)


def _average(parts: Sequence[Estimated], weights: Sequence[float], influence: Floats) -> Estimated:
    pairs = list(zip(weights, parts, strict=True))
    return Estimated(
        value=sum(weight * part.value for weight, part in pairs),
        influence=influence,
        scale=parts[0].scale,
        support=min(part.support for part in parts),
        # Parts whose variance cannot be seen still vary.
        least_variance=sum(weight**2 * part.least_variance for weight, part in pairs),
    )
