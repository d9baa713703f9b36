"""Whether labels still come as they used to: coverage by age, day by day, against the reference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from watchkeeper.metrics import AGES
from watchkeeper.stats import e_value

Floats = NDArray[np.float64]

LEAST_DAYS = 7
"""A reference of fewer days is not held against anything."""

_DAY = 86_400
_LEAST_ROWS = 20
_PARTS = (0.1, 0.5, 0.95)
# A fall by less than this part of the usual coverage is nobody's business.
_TOLERANCE = 0.1
_ERRORS = 3.0
# The worst day of the reference lies so many deviations off: what happened once may happen again.
_WORST = 2.5
_LEAST_P = 1e-12
_USUAL_DAYS = 2


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFall:
    """A time in which fewer labels came by an age than used to.

    Attributes
    ----------
    usual
        What used to be, at the age that shows it most.
    since
        Start of the first day of it, seconds since 1970.
    opened_at, closed_at
        When it became known, and known to be over.
    rows, labelled
        Predictions since, as far as they have reached the age, and those with a label by then.
    """

    usual: UsualCoverage
    since: int
    opened_at: int
    closed_at: int | None
    rows: int
    labelled: int

    @property
    def ratio(self) -> float:
        """The coverage since."""
        return self.labelled / max(self.rows, 1)


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


def coverage_falls(
    usual: Sequence[UsualCoverage], days: Sequence[LabelledDay], *, mean_days: float, now: int
) -> list[CoverageFall]:
    """Return when labels came less than they used to; the last may still last.

    Parameters
    ----------
    days
        Those after the reference, in the order of time.
    mean_days
        Mean number of days until a false alarm, at least.
    now
        Days that have not reached an age by then say nothing of it.

    Notes
    -----
    Each day's coverage at an age has a p-value by Student's distribution of one more value after
    those of the reference. Its e-values (Vovk, Wang 2021) go into an e-detector of
    Shiryaev-Roberts form for each age, and the mean of these is one too (Shin, Ramdas, Rinaldo
    2022). A fall is over when two days in succession are as usual; those before them are not
    looked at again at later ages.
    """
    seen = [day for day in days if day.rows >= _LEAST_ROWS]
    told = sorted(
        (day.known_at(one.place), one.place, number)
        for one in usual
        for number, day in enumerate(seen)
        if day.known_at(one.place) <= now
    )
    by_place = {one.place: one for one in usual}
    falls: list[CoverageFall] = []
    follower = _Follower(by_place, mean_days)
    for at, place, number in told:
        found = follower.take(at, place, seen[number])
        if found is not None and falls and falls[-1].closed_at is None:
            falls[-1] = found
        elif found is not None:
            falls.append(found)
    return falls


@dataclass(slots=True)
class _Follower:
    usual: dict[int, UsualCoverage]
    mean_days: float
    evidence: dict[int, float] = field(default_factory=dict)
    logs: dict[int, list[tuple[LabelledDay, float]]] = field(default_factory=dict)
    fall: CoverageFall | None = None
    calm: list[LabelledDay] = field(default_factory=list)
    begins: int = 0

    def take(self, at: int, place: int, day: LabelledDay) -> CoverageFall | None:
        """Take in what became known, and return the fall as it is now if it changed."""
        if day.start < self.begins:
            return None
        if self.fall is not None:
            return self._follow(self.fall, at, place, day)
        factor = self.usual[place].e_value(day)
        self.evidence[place] = (1.0 + self.evidence.get(place, 0.0)) * factor
        self.logs.setdefault(place, []).append((day, math.log(factor)))
        if sum(self.evidence.values()) / len(self.usual) < self.mean_days:
            return None
        loudest = max(self.evidence, key=lambda one: self.evidence[one])
        onset = list(_since_onset(self.logs[loudest]))
        self.fall = CoverageFall(
            usual=self.usual[loudest],
            since=onset[0].start,
            opened_at=at,
            closed_at=None,
            rows=sum(one.rows for one in onset),
            labelled=sum(one.labelled[loudest] for one in onset),
        )
        return self.fall

    def _follow(
        self, fall: CoverageFall, at: int, place: int, day: LabelledDay
    ) -> CoverageFall | None:
        if place != fall.usual.place:
            return None
        self.calm = [*self.calm, day] if fall.usual.is_usual(day) else []
        is_over = len(self.calm) >= _USUAL_DAYS
        found = CoverageFall(
            usual=fall.usual,
            since=fall.since,
            opened_at=fall.opened_at,
            closed_at=at if is_over else None,
            rows=fall.rows + day.rows,
            labelled=fall.labelled + day.labelled[place],
        )
        self.fall = None if is_over else found
        if is_over:
            self.begins = self.calm[0].start
            self.evidence, self.logs, self.calm = {}, {}, []
        return found


def _at(days: Sequence[LabelledDay], place: int, now: int) -> UsualCoverage | None:
    old = [day for day in days if day.rows >= _LEAST_ROWS and day.known_at(place) <= now]
    if len(old) < LEAST_DAYS:
        return None
    rows = np.array([day.rows for day in old], dtype=np.float64)
    ratios = np.array([day.labelled[place] for day in old], dtype=np.float64) / rows
    mean = float(ratios.mean())
    chance = float((mean * (1.0 - mean) / rows).mean())
    between = math.sqrt(max(float(ratios.var(ddof=1)) - chance, 0.0))
    worst = (mean - float(ratios.min())) / _WORST - math.sqrt(chance)
    return UsualCoverage(place=place, ratio=mean, deviation=max(between, worst, 0.0), days=len(old))


def _since_onset(logs: Sequence[tuple[LabelledDay, float]]) -> Iterator[LabelledDay]:
    """Yield the days since the evidence was lowest."""
    sums = np.concatenate([[0.0], np.cumsum([log for _, log in logs])[:-1]])
    yield from (day for day, _ in logs[int(np.argmin(sums)) :])
