"""The calibration curve of a window, added up from its days."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.pipeline.quality.performance_answer import Calibration, CalibrationBin
from watchkeeper.stats import Z_95, wilson

_BINS = 20
_SHOWN = 10


def calibration(days: Iterable[QualityCell]) -> Calibration | None:
    """Return how often probabilities came true, in 10 bins; ``None`` without probabilities.

    Intervals are Wilson's at 95 % (E. B. Wilson 1927, Probable inference, the law of succession,
    and statistical inference, JASA 22).
    """
    sums = np.zeros((3, _BINS))
    for cell in days:
        for one in cell.calibration:
            sums[:, one.place] += (one.rows, one.scores, one.positives)
    rows, scores, positives = sums.reshape(3, _SHOWN, -1).sum(axis=2)
    if not rows.any():
        return None
    bins: list[CalibrationBin] = []
    for at in np.flatnonzero(rows).tolist():
        low, high = wilson(float(positives[at] / rows[at]), float(rows[at]), Z_95)
        bins.append(
            CalibrationBin(
                low=at / _SHOWN,
                high=(at + 1) / _SHOWN,
                rows=int(rows[at]),
                predicted=float(scores[at] / rows[at]),
                observed=float(positives[at] / rows[at]),
                observed_low=low,
                observed_high=high,
            )
        )
    return Calibration(bins=bins)
