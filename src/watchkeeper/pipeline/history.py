"""What each column did over the monitored buckets, beside what was expected of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.events import Schema
from watchkeeper.pipeline.result import ColumnHistory
from watchkeeper.profiles import FIRST, NULL, CategoryBins, bin_labels
from watchkeeper.watch import Baseline, Incident, Score

Floats = NDArray[np.float64]

_MOST_COLUMNS = 60
_BAND = 2.0


class Recorder:
    """Notes one number per column and bucket: the mean, or the share of the commonest value."""

    def __init__(self, baseline: Baseline, schema: Schema) -> None:
        panel = baseline.panel
        self._baseline, self._schema = baseline, schema
        self._category = np.array(
            [isinstance(baseline.bins[u.column], CategoryBins) for u in panel.units],
            dtype=np.bool_,
        )
        self._top = np.array(
            [
                start + FIRST + int(np.argmax(panel.reference[start + FIRST : end]))
                for start, end in zip(panel.fine_start[:-1], panel.fine_start[1:], strict=True)
            ],
            dtype=np.intp,
        )
        self._rows: list[Floats] = []

    def skip(self) -> None:
        """Note a bucket without rows."""
        self._rows.append(np.full((4, len(self._top)), np.nan))

    def add(self, score: Score) -> None:
        """Note a bucket."""
        panel, reading = self._baseline.panel, score.reading
        rows = np.maximum(reading.rows, 1.0)
        means, weights = panel.group_mean, np.maximum(score.expected, 0.0)
        valued = np.isfinite(means)
        starts = panel.group_start[:-1]
        mass = np.add.reduceat(np.where(valued, weights, 0.0), starts)
        total = np.add.reduceat(np.where(valued, weights * means, 0.0), starts)
        with np.errstate(invalid="ignore", divide="ignore"):
            observed = np.where(reading.counted > 0, reading.sums / reading.counted, np.nan)
            expected = np.where(mass > 0, total / mass, np.nan)
        units = len(self._top)
        width = self._baseline.spread[:units] * panel.reference_sd
        top_group = panel.group_of[self._top]
        share = weights[top_group] * panel.within_group[self._top]
        noise = np.sqrt(self._baseline.dispersion[top_group] + share * (1 - share) / rows)
        observed = np.where(self._category, reading.fine[self._top] / rows, observed)
        expected = np.where(self._category, share, expected)
        width = np.where(self._category, noise, width)
        nulls = reading.fine[panel.fine_start[:-1] + NULL] / rows
        noted = np.array([observed, expected, width, nulls])
        noted[:, reading.rows == 0] = np.nan
        self._rows.append(noted)

    def columns(self, incidents: tuple[Incident, ...]) -> tuple[ColumnHistory, ...]:
        """Return the histories: of all columns, or of those in incidents when there are many."""
        panel = self._baseline.panel
        named = {(s.column, s.segment) for i in incidents for s in i.streams}
        order = sorted(
            range(len(panel.units)),
            key=lambda i: ((panel.units[i].column, panel.units[i].segment) not in named, i),
        )
        chosen = sorted(order[:_MOST_COLUMNS])
        table = np.array(self._rows) if self._rows else np.zeros((0, 4, len(self._top)))
        return tuple(self._history(i, table[:, :, i]) for i in chosen)

    def _history(self, unit: int, noted: Floats) -> ColumnHistory:
        named = self._baseline.panel.units[unit]
        bins = self._baseline.bins[named.column]
        observed, expected, width, nulls = noted.T
        measure = "mean"
        if self._category[unit]:
            place = self._top[unit] - self._baseline.panel.fine_start[unit]
            measure = f"share of {bin_labels(bins)[place]}"
        column = self._schema.columns.get(named.column)
        return ColumnHistory(
            name=named.column,
            type=column.type if column else "number",
            segment=named.segment,
            measure=measure,
            observed=_rounded(observed),
            expected=_rounded(expected),
            low=_rounded(expected - _BAND * width),
            high=_rounded(expected + _BAND * width),
            cycles=tuple(self._baseline.cycles[unit]),
            null_ratio=_rounded(nulls),
        )


def _rounded(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(f"{v:.6g}") if np.isfinite(v) else None for v in values)
