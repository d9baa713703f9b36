"""What labels came for which predictions, span by span, so that an old relation is known again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

BINS: Final = 10
MOST_REGIMES: Final = 64

_NEAR = 0.35
_LEAST_ROWS = 200


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """Labels (or errors of predicted numbers) by bin of the prediction, added up.

    Attributes
    ----------
    rows
        Rows of each bin.
    totals, squares
        Sums of what came, and of its squares.
    """

    rows: tuple[float, ...]
    totals: tuple[float, ...]
    squares: tuple[float, ...]

    @classmethod
    def none(cls, bins: int) -> Relation:
        """Return a relation without rows."""
        nothing = (0.0,) * bins
        return cls(rows=nothing, totals=nothing, squares=nothing)

    @classmethod
    def of(cls, places: NDArray[np.intp], came: Floats, bins: int) -> Relation:
        """Add up rows.

        Parameters
        ----------
        places
            Bin of each row's prediction, shape (n,).
        came
            Its label as a number, or label minus predicted number, shape (n,).
        """
        return cls(
            rows=_counted(places, None, bins),
            totals=_counted(places, came, bins),
            squares=_counted(places, came * came, bins),
        )

    def __add__(self, other: Relation) -> Relation:
        return Relation(
            rows=_sum(self.rows, other.rows),
            totals=_sum(self.totals, other.totals),
            squares=_sum(self.squares, other.squares),
        )

    @property
    def count(self) -> float:
        """Rows in all."""
        return sum(self.rows)


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """The relation in a span of time; ``end`` is the time of its last row."""

    start: datetime
    end: datetime
    relation: Relation


def bin_edges(predictions: Floats) -> Floats:
    """Return the edges between at most ten bins that hold as many reference predictions each."""
    inner = np.linspace(0.0, 1.0, BINS + 1)[1:-1]
    return np.unique(np.quantile(predictions, inner))


def places_of(predictions: Floats, edges: Floats) -> NDArray[np.intp]:
    """Return the bin of each prediction: from its lower edge (included) to the next."""
    return np.searchsorted(edges, predictions, side="right")


def distance(one: Relation, other: Relation) -> tuple[float, float]:
    """Return how far two relations differ, and how far they would by chance alone.

    Both as mean squares of the difference of what came, over the rows of ``one``, in the bins
    that both have rows in.
    """
    n1, n2 = np.array(one.rows), np.array(other.rows)
    both = (n1 > 0) & (n2 > 0)
    if not both.any():
        return np.inf, 0.0
    weight = n1[both] / n1[both].sum()
    mean1, noise1 = _means(one, both)
    mean2, noise2 = _means(other, both)
    return float(weight @ (mean1 - mean2) ** 2), float(weight @ (noise1 + noise2))


def nearest_regime(regimes: Sequence[Regime], normal: Relation, now: Relation) -> Regime | None:
    """Return the remembered span whose relation is that of now, if one clearly is.

    Notes
    -----
    Clearly: what remains of the mean squared difference beyond chance is below 0.35**2 of what
    lies between now and normal. Regimes of less than 200 rows do not count.
    """
    far, chance = distance(now, normal)
    moved = far - chance
    if moved <= 0.0 or now.count < _LEAST_ROWS:
        return None
    best, found = _NEAR**2 * moved, None
    for regime in regimes:
        if regime.relation.count < _LEAST_ROWS:
            continue
        apart, by_chance = distance(now, regime.relation)
        if apart - by_chance < best:
            best, found = apart - by_chance, regime
    return found


def remember(regimes: Sequence[Regime], regime: Regime) -> tuple[Regime, ...]:
    """Append a regime; of more than 64, the two neighbours that are most alike become one."""
    kept = [*regimes, regime]
    if len(kept) <= MOST_REGIMES:
        return tuple(kept)
    at = int(np.argmin(_neighbours_apart(kept)))
    first, second = kept[at], kept.pop(at + 1)
    kept[at] = Regime(
        start=first.start,
        end=max(first.end, second.end),
        relation=first.relation + second.relation,
    )
    return tuple(kept)


def _neighbours_apart(regimes: Sequence[Regime]) -> Floats:
    """Return how far each regime is from the next, as `distance` does, shape (regimes - 1,)."""
    rows = np.array([one.relation.rows for one in regimes])
    totals = np.array([one.relation.totals for one in regimes])
    means = totals / np.maximum(rows, 1.0)
    weights = np.where(rows[1:] > 0, rows[:-1], 0.0)
    weight = weights.sum(axis=1)
    squares = (weights * (means[:-1] - means[1:]) ** 2).sum(axis=1)
    apart: Floats = np.where(weight > 0, squares / np.maximum(weight, 1.0), np.inf)
    return apart


def _means(relation: Relation, both: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the mean of each bin and its sampling variance."""
    rows = np.array(relation.rows)[both]
    mean = np.array(relation.totals)[both] / rows
    spread = np.maximum(np.array(relation.squares)[both] / rows - mean**2, 0.0)
    # A bin of few rows that are all alike may differ by chance all the same.
    return mean, (spread * rows + 0.25 * np.max(spread, initial=0.0)) / rows**2


def _counted(places: NDArray[np.intp], weights: Floats | None, bins: int) -> tuple[float, ...]:
    return tuple(float(n) for n in np.bincount(places, weights=weights, minlength=bins))


def _sum(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
