"""Whether probabilities come true: the calibration curve and the calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.metrics.quality.clusters import Clusters, spread
from watchkeeper.metrics.quality.estimated import Estimated
from watchkeeper.metrics.quality.intervals import interval
from watchkeeper.metrics.quality.means import ratio
from watchkeeper.metrics.quality.scored import Floats, Integers

_FOLDED = float(np.sqrt(2.0 / np.pi))
_CLEAR = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Rows whose probability lies in one bin: what was predicted, and what happened.

    Parameters
    ----------
    low, high
        Edges of the bin; the lower one is included, and in the last bin the upper one too.
    rows
        How many rows.
    predicted
        Their mean probability.
    observed, observed_low, observed_high
        Share of positives among them, with its interval at 95 %.
    """

    low: float
    high: float
    rows: int
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


def calibration_curve(
    scores: Floats, labels: Floats, bins: int, together: Clusters | None = None
) -> tuple[CalibrationBin, ...]:
    """Return the bins of equal width that hold a row, from the lowest probability up.

    Parameters
    ----------
    scores, labels
        Probabilities, 0 to 1, and 0 or 1, shape (n,).
    bins
        Number of bins between 0 and 1.
    together
        Which rows belong to one entity.
    """
    place = _places(scores, bins)
    curve = []
    for number in np.unique(place):
        inside = (place == number).astype(np.float64)
        observed = ratio(labels * inside, inside, empty="")
        assert isinstance(observed, Estimated)
        ends = interval(observed, together)
        curve.append(
            CalibrationBin(
                low=float(number) / bins,
                high=float(number + 1) / bins,
                rows=int(inside.sum()),
                predicted=float(scores @ inside / inside.sum()),
                observed=observed.value,
                observed_low=ends[0],
                observed_high=ends[1],
            )
        )
    return tuple(curve)


def calibration_error(
    scores: Floats, labels: Floats, bins: int, together: Clusters | None = None
) -> Estimated:
    """Return the expected calibration error: the mean distance of predicted and observed shares.

    The distance of each bin's mean probability from its share of positives, weighted by rows. It
    is above 0 by chance alone; the lower end of its interval allows for as much as bins whose
    distance is not clear (2 standard errors) may owe to chance.

    References
    ----------
    M. P. Naeini, G. Cooper, M. Hauskrecht (2015), Obtaining well calibrated probabilities using
    Bayesian binning, AAAI; C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017), On calibration of
    modern neural networks, ICML.
    """
    place, rows = _places(scores, bins), len(scores)
    off = labels - scores
    distances = np.bincount(place, off, minlength=bins) / rows
    value = float(np.abs(distances).sum())
    spreads = _spreads(place, off, distances, together)
    unclear = spreads[np.abs(distances) < _CLEAR * spreads]
    return Estimated(
        value=value,
        influence=np.sign(distances)[place] * off - value,
        scale="share",
        support=float(rows),
        excess=_FOLDED * float(unclear.sum()),
    )


def _places(scores: Floats, bins: int) -> Integers:
    return np.clip((scores * bins).astype(np.int64), 0, bins - 1)


def _spreads(place: Integers, off: Floats, distances: Floats, together: Clusters | None) -> Floats:
    """Return the standard error of each bin's part of the calibration error."""
    rows, bins = len(off), len(distances)
    if together is None:
        squares = np.bincount(place, off**2, minlength=bins) / rows
        spreads: Floats = np.sqrt(np.maximum(squares - distances**2, 0.0) / rows)
        return spreads
    parts = ((off * (place == number) - distances[number]) for number in range(bins))
    return np.array([spread(part, together).error for part in parts])
