"""Losses of a regression, row by row, of which its metrics are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionMetric:
    """A metric that is the mean of a loss over rows, or that mean's root.

    Attributes
    ----------
    of_rows
        The loss of each row, from truth and prediction.
    is_signed
        Whether a loss may be below 0.
    is_root
        Whether the metric is the root of the mean.
    """

    of_rows: Callable[[Floats, Floats], Floats]
    is_signed: bool = False
    is_root: bool = False

    def value(self, mean: float) -> float:
        """Return the metric from the mean of the losses."""
        return math.sqrt(max(mean, 0.0)) if self.is_root else mean

    def influences(self, losses: Floats) -> Floats:
        """Return numbers whose mean is the metric, to first order in each row."""
        mean = float(losses.mean())
        value = self.value(mean)
        if not self.is_root or value <= 0.0:
            return losses
        return np.asarray(value + (losses - mean) / (2.0 * value))


def _absolute(truth: Floats, predicted: Floats) -> Floats:
    return np.abs(predicted - truth)


def _squared(truth: Floats, predicted: Floats) -> Floats:
    return np.asarray((predicted - truth) ** 2)


def _signed(truth: Floats, predicted: Floats) -> Floats:
    return np.asarray(predicted - truth)


def _percentage(truth: Floats, predicted: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(predicted - truth) / np.abs(truth))


def _symmetric(truth: Floats, predicted: Floats) -> Floats:
    sizes = (np.abs(truth) + np.abs(predicted)) / 2.0
    return np.asarray(np.abs(predicted - truth) / np.where(sizes > 0.0, sizes, 1.0))


REGRESSION_METRICS: Mapping[str, RegressionMetric] = MappingProxyType(
    {
        "mae": RegressionMetric(of_rows=_absolute),
        "rmse": RegressionMetric(of_rows=_squared, is_root=True),
        "bias": RegressionMetric(of_rows=_signed, is_signed=True),
        "mape": RegressionMetric(of_rows=_percentage),
        "smape": RegressionMetric(of_rows=_symmetric),
    }
)
