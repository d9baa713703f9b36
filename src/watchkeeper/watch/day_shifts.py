"""Times in which a ratio of two sums was lower or higher than its days usually are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats import cusum
from watchkeeper.watch.shift_sizes import HEADROOM, SIZES, shift_evidence
from watchkeeper.watch.usual_days import JudgedDay, RatioDay, UsualDays

Floats = NDArray[np.float64]

WEEK: Final = 7
"""A shift is over when the mean of so many days in a row is accepted again."""

_DAY = 86_400
_ERRORS = 3.0
_MOST_LOG = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShift:
    """A time in which the days of a ratio were lower, or higher, than they usually are.

    Attributes
    ----------
    is_lower
        Which of both.
    since
        Start of its first day, seconds since 1970.
    opened_at, closed_at
        End of the day that made it known, and of the one after which it was over.
    ended
        Start of the week that was accepted again; ``None`` if it lasts.
    value, expected
        The ratio over its days, and what their places in the cycles let expect.
    worst
        Largest change against what was expected, over its days up to any since it was known.
    missing
        How much more of the numerator was expected on a day; negative if less.
    days, entities
        Days that said something, and entities on a usual one of them.
    """

    is_lower: bool
    since: int
    opened_at: int
    closed_at: int | None
    ended: int | None
    value: float
    expected: float
    worst: float
    missing: float
    days: int
    entities: int


def accepted(usual: UsualDays, tolerance: float) -> float:
    """Return how far days may lie off for good, in the coordinate that they are looked at in.

    The tolerance, or three standard errors of what is expected, where the reference is so short
    that it is not known better.

    Parameters
    ----------
    tolerance
        As a part of the usual value, at least 0 and below 1.
    """
    if usual.least is None:
        return max(tolerance * abs(usual.value), _ERRORS * usual.error)
    return max(-math.log1p(-tolerance), _ERRORS * usual.error)


def day_shifts(
    usual: UsualDays,
    days: Sequence[RatioDay],
    *,
    is_lower: bool,
    tolerance: float,
    mean_days: float,
) -> list[DayShift]:
    """Return when days were lower (or higher) than usual by more than is accepted.

    Parameters
    ----------
    days
        Those after the reference, in order; the last shift may still last.
    is_lower
        Whether lower days are looked for, not higher ones.
    tolerance
        Part of the usual value by which it may be lower for good, see `accepted`.
    mean_days
        Mean number of days until a false alarm, at least.

    Notes
    -----
    An e-detector as a watched column has (Shin, Ramdas, Rinaldo 2022): three sizes of shift, each
    as the maximum over the days on which it may have begun, their mean held against the budget.
    """
    judged = usual.judged(days)
    side = _Side(usual, -1.0 if is_lower else 1.0, accepted(usual, tolerance))
    return list(side.shifts(judged, mean_days))


class _Side:
    """One direction in which days may be off."""

    def __init__(self, usual: UsualDays, sign: float, limit: float) -> None:
        self.usual, self.sign, self.limit = usual, sign, limit
        self.gain = usual.memory.gain

    def shifts(self, days: Sequence[JudgedDay], mean_days: float) -> Iterator[DayShift]:
        """Yield one shift after the other."""
        evidence = np.full((1, len(SIZES)), -np.inf)
        begun = np.zeros((1, len(SIZES)), dtype=np.intp)
        at = 0
        while at < len(days):
            first, later = shift_evidence(self._score(days[at]), self.gain, np.zeros(1))
            evidence, restarted = cusum(evidence, first, later)
            evidence = np.minimum(evidence, _MOST_LOG)
            begun = np.where(restarted, at, begun)
            if HEADROOM * float(np.exp(evidence).mean()) < mean_days:
                at += 1
                continue
            since = int(begun[0, int(evidence[0].argmax())])
            end = self._end(days, at)
            yield self._told(days[since : end or len(days)], at - since, is_over=end is not None)
            if end is None:
                return
            at = end
            evidence = np.full_like(evidence, -np.inf)

    def _score(self, day: JudgedDay) -> Floats:
        """Return how far a day is beyond what is accepted, as a normal score."""
        beyond = self.sign * day.surprise - self.limit * float(self.gain[0])
        standardised = np.array([self.sign * beyond / day.deviation])
        scores = self.usual.calibration.normal_scores(standardised, more=np.zeros(1))
        return self.sign * scores

    def _end(self, days: Sequence[JudgedDay], opened: int) -> int | None:
        """Return the place after the first week that is accepted, ``None`` if none came."""
        for at in range(opened + WEEK, len(days)):
            offsets = [self.sign * day.offset for day in days[at - WEEK + 1 : at + 1]]
            if sum(offsets) / WEEK <= self.limit:
                return at + 1
        return None

    def _told(self, days: Sequence[JudgedDay], known: int, *, is_over: bool) -> DayShift:
        """Return a shift of days, the last of which are the week after it if it is over."""
        lasted = days[: len(days) - WEEK] if is_over else days
        above = np.cumsum([one.day.above for one in lasted])
        hoped = np.cumsum([one.expected * one.day.below for one in lasted])
        below = sum(one.day.below for one in lasted)
        changes = np.abs(above / np.where(hoped == 0.0, np.inf, hoped) - 1.0)
        return DayShift(
            is_lower=self.sign < 0,
            since=days[0].day.start,
            opened_at=days[known].day.start + _DAY,
            closed_at=days[-1].day.start + _DAY if is_over else None,
            ended=days[len(lasted)].day.start if is_over else None,
            value=float(above[-1]) / below,
            expected=float(hoped[-1]) / below,
            worst=float(changes[min(known, len(lasted) - 1) :].max()),
            missing=float(hoped[-1] - above[-1]) / len(lasted),
            days=len(lasted),
            entities=round(sum(one.day.entities for one in lasted) / len(lasted)),
        )
