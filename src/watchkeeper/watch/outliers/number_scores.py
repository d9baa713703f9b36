"""A number's normal score: how far out it lies among the reference's, whatever their scale."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

NOVEL: Final = 8.0
"""Score of what the reference gave no reason to expect at all: as 8 standard deviations."""

_CELLS: Final = 512
_HUGE: Final = 1e300
_LARGEST: Final = 30.0
_LINEAR: Final = 4.0


class NumberScores(msgspec.Struct, frozen=True, kw_only=True, tag="number", dict=True):
    """Normal scores of a number, looked up in a table of cells.

    A number x lies in the cell of ``u / (1 + |u|)`` with ``u = (x - centre) / scale``: cells are
    narrow about the centre and wide far out, and finding one takes no search.

    Attributes
    ----------
    cells
        Score of each cell, in half precision, which is plenty and small to keep.
    null, misfit
        Scores of a null, and of a value of another type.
    """

    centre: float
    scale: float
    cells: NDArray[np.float16]
    null: float
    misfit: float

    @cached_property
    def table(self) -> Scores:
        """Score of each cell, then 0 for no number, which the joint part takes as average."""
        return np.append(self.cells, np.float16(0.0)).astype(np.float32)


def places(
    values: Floats, centre: np.float64 | Floats, scale: np.float64 | Floats
) -> NDArray[np.int32]:
    """Return the cell of each number, by any number of centres and scales at once.

    Infinite numbers have the outermost cells, NaN the one after the last.
    """
    with np.errstate(over="ignore"):
        squashed = values - centre
        squashed /= scale
    np.clip(squashed, -1e9, 1e9, out=squashed)
    size = np.abs(squashed)
    size += 1.0
    squashed /= size
    squashed += 1.0
    squashed *= _CELLS / 2
    np.minimum(squashed, _CELLS - 1, out=squashed)
    squashed[np.isnan(squashed)] = _CELLS
    return squashed.astype(np.int32)


def fit_number(values: Floats, *, misfits: int) -> NumberScores:
    """Learn the scores of a number from the reference's values, NaN where there is none.

    Between the extremes the score is that of the middle rank, so ties share one. Beyond them it
    goes on with the slope of the outermost hundredth, and by its logarithm from 4 on.

    References
    ----------
    van der Waerden, B. L. (1952), Order tests for the two-sample problem and their power.
    """
    found = np.sort(np.clip(values[np.isfinite(values)], -_HUGE, _HUGE))
    rows = max(len(values), 1)
    missing = int(np.isnan(values).sum()) - misfits
    centre, scale = (float(np.median(found)), _spread(found)) if len(found) else (0.0, 1.0)
    return NumberScores(
        centre=centre,
        scale=scale,
        cells=_cells(found, centre, scale).astype(np.float16),
        null=score_of_share(missing, rows),
        misfit=score_of_share(misfits, rows),
    )


def _cells(found: Floats, centre: float, scale: float) -> Floats:
    """Return the score of each cell: the mean of the numbers in it, or that of its middle."""
    if not len(found):
        return np.full(_CELLS, NOVEL)
    own = places(found, np.float64(centre), np.float64(scale))
    count = np.bincount(own, minlength=_CELLS)
    total = np.bincount(own, weights=_by_rank(found, found), minlength=_CELLS)
    between = _scores(found, _middles(centre, scale))
    return np.where(count > 0, total / np.maximum(count, 1), between)


def score_of_share(count: int, rows: int) -> float:
    """Return the score that a standard normal variable exceeds, either way, with a share.

    What never came among at least a thousand rows is `NOVEL`.
    """
    if count == 0 and rows >= 1000:
        return NOVEL
    return float(-ndtri((count + 0.5) / (rows + 1.0) / 2.0))


def _scores(found: Floats, at: Floats) -> Floats:
    """Return the scores of numbers that the reference need not have."""
    beyond = np.maximum(at - found[-1], 0.0) / _tail(found)
    below = np.maximum(found[0] - at, 0.0) / _tail(-found[::-1])
    score = _by_rank(found, at) + _damped(beyond) - _damped(below)
    return np.clip(score, -_LARGEST, _LARGEST)


def _by_rank(found: Floats, at: Floats) -> Floats:
    """Return normal scores of the middle ranks that numbers have among those found."""
    rank = (np.searchsorted(found, at, "left") + np.searchsorted(found, at, "right")) / 2.0
    score: Floats = ndtri((rank + 0.5) / (len(found) + 1.0))
    return score


def _tail(found: Floats) -> float:
    """Return by how much a number grows with a unit of its score in the upper hundredth."""
    share = max(0.01, 5.0 / len(found))
    low = float(np.quantile(found, max(1.0 - share, 0.5)))
    steps: Any = ndtri(len(found) / (len(found) + 1.0)) - ndtri(max(1.0 - share, 0.5))
    slope = (float(found[-1]) - low) / max(float(steps), 0.25)
    return max(slope, 0.25 * _spread(found))


def _damped(distance: Floats) -> Floats:
    far = _LINEAR + np.log1p(np.maximum(distance - _LINEAR, 0.0))
    return np.where(distance < _LINEAR, distance, far)


def _middles(centre: float, scale: float) -> Floats:
    squashed = (np.arange(_CELLS) + 0.5) / (_CELLS / 2) - 1.0
    middle: Floats = centre + scale * squashed / (1.0 - np.abs(squashed))
    return middle


def _spread(found: Floats) -> float:
    """Return a scale that outliers do not move, and ties do not make zero."""
    low, high = np.quantile(found, [0.25, 0.75])
    spread = high - low
    if spread <= 0.0:
        distance = np.abs(found - np.median(found))
        apart = distance[distance > 0]
        spread = np.median(apart) if len(apart) else max(abs(found[0]), 1.0)
    return max(float(spread), 1.0 / _HUGE)
