"""A number's normal score: how far out it lies among the reference's, whatever their scale."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

NOVEL: Final = 8.0
"""Score of what the reference gave no reason to expect at all: as 8 standard deviations."""

_CELLS: Final = 2048
_LARGEST: Final = 30.0
_LINEAR: Final = 4.0


class NumberScores(msgspec.Struct, frozen=True, kw_only=True, tag="number"):
    """Normal scores of a number, looked up in a table of cells.

    A number x lies in the cell of ``u / (1 + |u|)`` with ``u = (x - centre) / scale``: cells are
    narrow about the centre and wide far out, and finding one takes no search.

    Attributes
    ----------
    table
        Score of each cell, then of null and of a misfit (which the joint part takes as average).
    null, misfit
        What is added instead: the score of a null, and of a value of another type.
    """

    name: str
    centre: float
    scale: float
    table: Scores
    null: float
    misfit: float

    def places(self, values: Floats) -> NDArray[np.int32]:
        """Return the cell of each number; NaN has the one after the last."""
        return places(values, np.float64(self.centre), np.float64(self.scale))


def places(
    values: Floats, centre: np.float64 | Floats, scale: np.float64 | Floats
) -> NDArray[np.int32]:
    """Return the cell of each number, by any number of centres and scales at once."""
    squashed = values - centre
    squashed /= scale
    # Infinite numbers, too, have a cell.
    np.clip(squashed, -1e9, 1e9, out=squashed)
    size = np.abs(squashed)
    size += 1.0
    squashed /= size
    squashed += 1.0
    squashed *= _CELLS / 2
    missing = np.isnan(squashed)
    if missing.any():
        squashed[missing] = _CELLS
        cells: NDArray[np.int32] = squashed.astype(np.int32)
        np.minimum(cells, _CELLS - 1, out=cells, where=~missing)
        return cells
    cells = squashed.astype(np.int32)
    return np.minimum(cells, _CELLS - 1, out=cells)


def fit_number(name: str, values: Floats, *, misfits: int) -> NumberScores:
    """Learn the scores of a number from the reference's values, NaN where there is none.

    Between the extremes the score is that of the middle rank, so ties share one. Beyond them it
    goes on with the slope of the outermost hundredth, and by its logarithm from 4 on.

    References
    ----------
    van der Waerden, B. L. (1952), Order tests for the two-sample problem and their power.
    """
    found = np.sort(values[np.isfinite(values)])
    rows = max(len(values), 1)
    missing = int(np.isnan(values).sum()) - misfits
    null, misfit = score_of_share(missing, rows), score_of_share(misfits, rows)
    if not len(found):
        flat = np.full(_CELLS + 1, NOVEL, dtype=np.float32)
        flat[_CELLS] = 0.0
        return NumberScores(name=name, centre=0.0, scale=1.0, table=flat, null=null, misfit=misfit)
    centre, scale = float(np.median(found)), _spread(found)
    table = np.zeros(_CELLS + 1, dtype=np.float64)
    table[:_CELLS] = _scores(found, _middles(centre, scale))
    own = NumberScores(
        name=name, centre=centre, scale=scale, table=table.astype(np.float32), null=0.0, misfit=0.0
    )
    cells = own.places(found)
    rank = (np.searchsorted(found, found, "left") + np.searchsorted(found, found, "right")) / 2.0
    score = ndtri((rank + 0.5) / (len(found) + 1.0))
    total = np.bincount(cells, weights=score, minlength=_CELLS + 1)
    count = np.bincount(cells, minlength=_CELLS + 1)
    table = np.where(count > 0, total / np.maximum(count, 1), table)
    return NumberScores(
        name=name,
        centre=centre,
        scale=scale,
        table=table.astype(np.float32),
        null=null,
        misfit=misfit,
    )


def score_of_share(count: int, rows: int) -> float:
    """Return the score that a standard normal variable exceeds, either way, with a share.

    What never came among at least a thousand rows is `NOVEL`.
    """
    if count == 0 and rows >= 1000:
        return NOVEL
    return float(-ndtri((count + 0.5) / (rows + 1.0) / 2.0))


def _scores(found: Floats, at: Floats) -> Floats:
    """Return the scores of numbers that the reference need not have."""
    rank = (np.searchsorted(found, at, "left") + np.searchsorted(found, at, "right")) / 2.0
    score: Floats = ndtri((rank + 0.5) / (len(found) + 1.0))
    beyond = np.maximum(at - found[-1], 0.0) / _tail(found)
    below = np.maximum(found[0] - at, 0.0) / _tail(-found[::-1])
    return np.clip(score + _damped(beyond) - _damped(below), -_LARGEST, _LARGEST)


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
    if high > low:
        return float(high - low)
    distance = np.abs(found - np.median(found))
    apart = distance[distance > 0]
    return float(np.median(apart)) if len(apart) else max(abs(float(found[0])), 1.0)
