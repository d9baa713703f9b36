"""How many predictions of a day usually have a label at an age, and how far a day falls short."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def usual_coverage(days: Sequence[LabelledDay], *, now: int) -> tuple[UsualCoverage, ...]:
    """Learn from the days of the reference, at the ages that tell most.

    Those are the first ages at which 10, 50 and 95 % of the labels that ever come have come; none
    if fewer than 7 days have reached an age, or no label came.
    """
    known = [found for place in range(len(AGES)) if (found := _at(days, place, now)) is not None]
    final = max((one.ratio for one in known), default=0.0)
    if final <= 0.0:
        return ()
    chosen = {
        next(one.place for one in known if one.ratio >= part * final): None for part in _PARTS
    }
    return tuple(one for one in known if one.place in chosen)


def _at(days: Sequence[LabelledDay], place: int, now: int) -> UsualCoverage | None:
    old = [day for day in days if day.rows >= LEAST_ROWS and day.known_at(place) <= now]
    if len(old) < LEAST_DAYS:
        return None
    rows = np.array([day.rows for day in old], dtype=np.float64)
    ratios = np.array([day.labelled[place] for day in old], dtype=np.float64) / rows
    mean = float(ratios.mean())
    chance = float((mean * (1.0 - mean) / rows).mean())
    between = math.sqrt(max(float(ratios.var(ddof=1)) - chance, 0.0))
    worst = (mean - float(ratios.min())) / _WORST - math.sqrt(chance)
    return UsualCoverage(place=place, ratio=mean, deviation=max(between, worst, 0.0), days=len(old))
