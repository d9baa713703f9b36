"""How far an estimate may be off: chance in the labels, and what the reference left open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.fractional import Value

Floats = NDArray[np.float64]


def label_variance(chances: Floats, metric: Value) -> float:
    """Return the variance of a metric when each row's label is drawn by its chances."""
    slopes = metric.by_label
    mean = (chances * slopes).sum(axis=1)
    return float(((chances * slopes**2).sum(axis=1) - mean**2).sum())


def jackknife_variance(each: Floats) -> float:
    """Return the variance of the mean of a committee whose members each left out one fold.

    References
    ----------
    J. W. Tukey (1958), Bias and confidence in not quite large samples, Annals of Mathematical
    Statistics 29.

    Examples
    --------
    >>> round(jackknife_variance(np.array([1.0, 1.1, 0.9])), 4)
    0.0133
    """
    known = each[~np.isnan(each)]
    if len(known) < 2:
        return 0.0
    return float((len(known) - 1) / len(known) * ((known - known.mean()) ** 2).sum())
