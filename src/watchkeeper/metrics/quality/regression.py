"""Metrics of a regression or a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.estimated import Estimated, Finding, Unsaid
from watchkeeper.metrics.quality.means import mean
from watchkeeper.metrics.quality.scored import Floats, ScoredRows


class RegressionRows:
    """Rows of a regression: true and predicted values, and the errors between them."""

    def __init__(self, rows: ScoredRows, choice: QualityChoice) -> None:
        self.choice = choice
        self.labels: Floats = np.asarray(rows.labels, dtype=np.float64)
        given = rows.predicted if rows.scores is None else rows.scores
        self.values: Floats = np.asarray(given, dtype=np.float64)
        self.errors: Floats = self.values - self.labels


def _mae(rows: RegressionRows) -> Finding:
    return mean(np.abs(rows.errors), "positive")


def _rmse(rows: RegressionRows) -> Finding:
    squares = rows.errors**2
    value = float(np.sqrt(squares.mean()))
    influence = (squares - squares.mean()) / (2.0 * value) if value > 0 else squares
    return Estimated(
        value=value, influence=influence, scale="positive", support=len(squares), power=2.0
    )


def _mape(rows: RegressionRows) -> Finding:
    sizes = np.abs(rows.labels)
    if not sizes.all():
        return Unsaid(reason="A true value is 0, of which no error is a percentage.")
    return mean(np.abs(rows.errors) / sizes, "positive")


def _smape(rows: RegressionRows) -> Finding:
    sizes = (np.abs(rows.labels) + np.abs(rows.values)) / 2.0
    # Both are 0 and so equal where there is no size.
    return mean(np.abs(rows.errors) / np.where(sizes > 0, sizes, 1.0), "positive")


def _pinball(rows: RegressionRows) -> Finding:
    quantile = rows.choice.quantile
    assert quantile is not None
    return mean(np.maximum((quantile - 1.0) * -rows.errors, quantile * -rows.errors), "positive")


def _r2(rows: RegressionRows) -> Finding:
    squares = rows.errors**2
    apart = (rows.labels - rows.labels.mean()) ** 2
    spread = float(apart.mean())
    if spread <= 0:
        return Unsaid(reason="All true values are equal, so there is nothing to explain.")
    unexplained = float(squares.mean()) / spread
    influence = (unexplained * apart - squares) / spread
    return Estimated(
        value=1.0 - unexplained, influence=influence, scale="below_one", support=len(squares)
    )


def _bias(rows: RegressionRows) -> Finding:
    return mean(rows.errors, "free")


REGRESSION: Mapping[str, Callable[[RegressionRows], Finding]] = MappingProxyType(
    {
        "mae": _mae,
        "rmse": _rmse,
        "mape": _mape,
        "smape": _smape,
        "pinball": _pinball,
        "r2": _r2,
        "bias": _bias,
    }
)
