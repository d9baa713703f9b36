"""What a person is shown of a bucket: each column's number beside what was expected of it.

The same for a backtest and for a watch over a store.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.profiles import FIRST, NULL, CategoryBins, bin_labels
from watchkeeper.watch import Baseline, Score, State, as_adopted, drift

Floats = NDArray[np.float64]

OBSERVED, EXPECTED, WIDTH, NULL_RATIO, DRIFT = range(5)
"""Rows of a reading; ``WIDTH`` is half the width of the band, ``DRIFT`` as `watch.drift`."""
_ROWS = 5
_BAND = 2.0
_VERSION = b"\x01"
_STORED = np.dtype("<f4")


class Readings:
    """Reads buckets: of a number the mean, of a category the share of its commonest value."""

    def __init__(self, baseline: Baseline) -> None:
        panel = baseline.panel
        self._baseline = baseline
        self.units = panel.units
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

    def of(self, score: Score | None, state: State) -> Floats:
        """Return a bucket's reading, shape (5, units); NaN where there is nothing to read.

        Parameters
        ----------
        state
            With which it was scored, for what was adopted as normal.
        """
        if score is None:
            return np.full((_ROWS, len(self._top)), np.nan)
        panel, reading = as_adopted(self._baseline, state).panel, score.reading
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
        read = np.array([observed, expected, _BAND * width, nulls, drift(self._baseline, score)])
        read[:, reading.rows == 0] = np.nan
        return read

    def measure(self, unit: int) -> str:
        """Return what a unit's numbers are, for example ``mean`` or ``share of 'UA'``."""
        if not self._category[unit]:
            return "mean"
        place = self._top[unit] - self._baseline.panel.fine_start[unit]
        return f"share of {bin_labels(self._baseline.bins[self.units[unit].column])[place]}"


def to_bytes(reading: Floats) -> bytes:
    """Return a reading as bytes, to seven digits; no bytes if there is nothing in it."""
    if not np.isfinite(reading).any():
        return b""
    return _VERSION + reading.astype(_STORED).tobytes()


def from_bytes(stored: Sequence[bytes | None], units: int) -> Floats:
    """Return stored readings side by side, shape (buckets, 5, units); NaN where there is none."""
    size = 1 + _STORED.itemsize * _ROWS * units
    table = np.full((len(stored), _ROWS * units), np.nan, dtype=_STORED)
    known = [
        at for at, one in enumerate(stored) if one and len(one) == size and one[:1] == _VERSION
    ]
    joined = b"".join(stored[at] or b"" for at in known)
    values = np.frombuffer(joined, dtype=np.uint8).reshape(len(known), size)[:, 1:]
    table[known] = np.ascontiguousarray(values).view(_STORED)
    return table.reshape(len(stored), _ROWS, units).astype(np.float64)


def rounded(values: Floats) -> tuple[float | None, ...]:
    """Return numbers for people: six digits, ``None`` for NaN."""
    return tuple(float(f"{v:.6g}") if np.isfinite(v) else None for v in values)
