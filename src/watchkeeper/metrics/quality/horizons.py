"""How good a forecast is at each number of steps ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.measured import Measured
from watchkeeper.metrics.quality.measuring import measure
from watchkeeper.metrics.quality.scored import ScoredRows

_USUAL = QualityChoice()


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonMeasured:
    """The metrics of the forecasts made ``horizon`` steps ahead."""

    horizon: float
    measured: tuple[Measured, ...]


def measure_by_horizon(
    rows: ScoredRows, choice: QualityChoice = _USUAL
) -> tuple[HorizonMeasured, ...]:
    """Return the chosen metrics of each horizon, the nearest first.

    Raises
    ------
    DataError
        If the rows have no horizons.

    Examples
    --------
    >>> rows = ScoredRows(
    ...     task="regression",
    ...     labels=np.array([1.0, 2.0, 3.0]),
    ...     scores=np.array([1.0, 3.0, 5.0]),
    ...     horizons=np.array([1, 2, 2]),
    ... )
    >>> found = measure_by_horizon(rows, QualityChoice(metrics=("mae",)))
    >>> [(one.horizon, one.measured[0].value) for one in found]
    [(1.0, 0.0), (2.0, 1.5)]
    """
    if rows.horizons is None:
        raise DataError("Rows have no horizons: name the column that says how far ahead they are.")
    horizons, place = np.unique(rows.horizons, return_inverse=True)
    order = np.argsort(place, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(place, minlength=len(horizons)))[:-1])
    return tuple(
        HorizonMeasured(horizon=float(horizon), measured=measure(rows.at(part), choice))
        for horizon, part in zip(horizons, parts, strict=True)
    )
