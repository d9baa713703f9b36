"""How many predictions of a day usually have a label at an age, and how far a day falls short."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from watchkeeper.metrics import AGES
from watchkeeper.stats import e_value

LEAST_DAYS = 7
"""A reference of fewer days is not held against anything."""

LEAST_ROWS = 20
"""A day of fewer predictions says nothing."""

_DAY = 86_400
_PARTS = (0.1, 0.5, 0.95)
# A fall by less than this part of the usual coverage is nobody's business.
_TOLERANCE = 0.1
_ERRORS = 3.0
# The worst day of the reference lies so many deviations off: what happened once may happen again.
_WORST = 2.5
_LEAST_P = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledDay:
    """The predictions of one day, and how many had a label at each age.

    Attributes
    ----------
    start
        Seconds since 1970.
    rows
        Predictions.
    labelled
        Of them, with a label at each of `AGES`, one entry for each.
    """

    start: int
    rows: int
    labelled: tuple[int, ...]

    def known_at(self, place: int) -> int:
        """Return when its youngest prediction has reached an age."""
        return self.start + _DAY + AGES[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualCoverage:
    """Share of a day's predictions that usually have a label at an age.

    Attributes
    ----------
    place
        The age, among `AGES`.
    ratio
        Mean of the reference's days.
    deviation
        Between days, beyond what chance does to the rows of one.
    days
        Days of the reference that it was learned from.
    """

    place: int
    ratio: float
    deviation: float
    days: int

    @property
    def least(self) -> float:
        """Coverage below which a day counts as one with less: the usual one less a tolerance."""
        error = _ERRORS * self.deviation / math.sqrt(self.days)
        return self.ratio - max(_TOLERANCE * self.ratio, error)

    def spread(self, rows: int) -> float:
        """Return the standard deviation of one new day."""
        between = self.deviation**2 * (1.0 + 1.0 / self.days)
        return math.sqrt(between + max(self.ratio * (1.0 - self.ratio), 0.25 / rows) / rows)

    def e_value(self, day: LabelledDay) -> float:
        """Return the evidence of one day that fewer labels come.

        The square root of its e-value, whose expectation is below 1 all the more: days next to
        each other tell in part the same.
        """
        off = (day.labelled[self.place] / day.rows - self.least) / self.spread(day.rows)
        p = float(stdtr(self.days - 1, off))
        return math.sqrt(float(e_value(np.array(max(p, _LEAST_P)))))

    def is_usual(self, day: LabelledDay) -> bool:
        """Return whether a day is covered within a deviation of what is accepted."""
        return day.labelled[self.place] / day.rows >= self.least - self.spread(day.rows)


class CoverageReference:
    """What the days of a reference tell of the coverage by labels, as these become known.

    Parameters
    ----------
    days
        In the order of time. Those of fewer than 20 predictions are left out.
    """

    def __init__(self, days: Sequence[LabelledDay]) -> None:
        self._days = [day for day in days if day.rows >= LEAST_ROWS]
        self._starts = [day.start for day in self._days]
        self._moments = sorted({d.known_at(p) for d in self._days for p in range(len(AGES))})
        self._chosen: dict[int, dict[int, UsualCoverage]] = {}
        self._known: dict[tuple[int, int], UsualCoverage] = {}

    def at(self, now: int) -> Mapping[int, UsualCoverage]:
        """Return the usual coverage at the ages that tell most, as far as it is known then.

        Those are the first ages at which 10, 50 and 95 % of the labels that ever come have come,
        by their place; none if fewer than 7 days have reached an age, or no label came.
        """
        moment = bisect_right(self._moments, now)
        if moment not in self._chosen:
            self._chosen[moment] = self._choose(now)
        return self._chosen[moment]

    def _choose(self, now: int) -> dict[int, UsualCoverage]:
        known: list[UsualCoverage] = []
        for place, age in enumerate(AGES):
            old = bisect_right(self._starts, now - _DAY - age)
            if old >= LEAST_DAYS:
                known.append(self._of(place, old))
        final = max((one.ratio for one in known), default=0.0)
        if final <= 0.0:
            return {}
        firsts = [next(one for one in known if one.ratio >= part * final) for part in _PARTS]
        return {one.place: one for one in firsts}

    def _of(self, place: int, old: int) -> UsualCoverage:
        """Return the coverage at an age, by so many days that have reached it."""
        if (place, old) not in self._known:
            self._known[place, old] = _usual(self._days[:old], place)
        return self._known[place, old]


def _usual(days: Sequence[LabelledDay], place: int) -> UsualCoverage:
    rows = np.array([day.rows for day in days], dtype=np.float64)
    ratios = np.array([day.labelled[place] for day in days], dtype=np.float64) / rows
    mean = float(ratios.mean())
    chance = float((mean * (1.0 - mean) / rows).mean())
    between = math.sqrt(max(float(ratios.var(ddof=1)) - chance, 0.0))
    worst = (mean - float(ratios.min())) / _WORST - math.sqrt(chance)
    return UsualCoverage(
        place=place, ratio=mean, deviation=max(between, worst, 0.0), days=len(days)
    )
