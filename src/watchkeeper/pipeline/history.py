"""What each column did over the monitored buckets, beside what was expected of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.pipeline.readings import EXPECTED, NULL_RATIO, OBSERVED, WIDTH, Readings, rounded
from watchkeeper.pipeline.result import ColumnHistory
from watchkeeper.watch import Baseline, Incident, Step

Floats = NDArray[np.float64]

_MOST_COLUMNS = 60


class Recorder:
    """Notes the reading of every bucket of a backtest."""

    def __init__(self, baseline: Baseline, schema: Schema) -> None:
        self._baseline, self._schema = baseline, schema
        self._readings = Readings(baseline)
        self._noted: list[Floats] = []

    def add(self, result: Step) -> None:
        """Note a bucket."""
        self._noted.append(self._readings.of(result.score, result.state))

    def columns(self, incidents: tuple[Incident, ...]) -> tuple[ColumnHistory, ...]:
        """Return the histories: of all columns, or of those in incidents when there are many."""
        units = self._readings.units
        named = {(s.column, s.segment) for i in incidents for s in i.streams}
        order = sorted(
            range(len(units)), key=lambda i: ((units[i].column, units[i].segment) not in named, i)
        )
        chosen = sorted(order[:_MOST_COLUMNS])
        noted = np.array(self._noted) if self._noted else np.zeros((0, 5, len(units)))
        return tuple(self._history(i, noted[:, :, i]) for i in chosen)

    def _history(self, unit: int, noted: Floats) -> ColumnHistory:
        named = self._readings.units[unit]
        column = self._schema.columns.get(named.column)
        expected, width = noted[:, EXPECTED], noted[:, WIDTH]
        return ColumnHistory(
            name=named.column,
            type=column.type if column else "number",
            segment=named.segment,
            measure=self._readings.measure(unit),
            observed=rounded(noted[:, OBSERVED]),
            expected=rounded(expected),
            low=rounded(expected - width),
            high=rounded(expected + width),
            cycles=tuple(self._baseline.cycles[unit]),
            null_ratio=rounded(noted[:, NULL_RATIO]),
        )
