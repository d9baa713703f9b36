"""Times in which fewer labels came than used to, from the days after a reference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from watchkeeper.metrics import AGES
from watchkeeper.watch.label_coverage import (
    LEAST_ROWS,
    CoverageReference,
    LabelledDay,
    UsualCoverage,
)

_USUAL_DAYS = 2


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
    ended
        Start of the first of the usual days that it was over by.
    rows, labelled
        Predictions since, as far as they have reached the age, and those with a label by then;
        without the usual days at the end of one that is over.
    worst
        The lowest that its coverage has been since it was known.
    """

    usual: UsualCoverage
    since: int
    opened_at: int
    closed_at: int | None
    ended: int | None = None
    rows: int
    labelled: int
    worst: float

    @property
    def ratio(self) -> float:
        """The coverage since."""
        return self.labelled / max(self.rows, 1)


def coverage_falls(
    reference: CoverageReference, days: Sequence[LabelledDay], *, mean_days: float, now: int
) -> list[CoverageFall]:
    """Return when labels came less than they used to; the last may still last.

    Nothing that becomes known later changes what was told before: the reference's own days count
    as far as they were known.

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
    seen = [day for day in days if day.rows >= LEAST_ROWS]
    told = sorted(
        (day.known_at(place), place, number)
        for place in range(len(AGES))
        for number, day in enumerate(seen)
        if day.known_at(place) <= now
    )
    falls: list[CoverageFall] = []
    follower = _Follower(reference, mean_days)
    for at, place, number in told:
        found = follower.take(at, place, seen[number])
        if found is not None and falls and falls[-1].closed_at is None:
            falls[-1] = found
        elif found is not None:
            falls.append(found)
    return falls


@dataclass(slots=True)
class _Follower:
    reference: CoverageReference
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
        usual = self.reference.at(at)
        if place not in usual:
            return None
        if not self.evidence.keys() <= usual.keys():
            # An age that tells most no longer is begun anew, should it ever again.
            self.evidence = {one: self.evidence[one] for one in self.evidence if one in usual}
            self.logs = {one: self.logs[one] for one in self.evidence}
        factor = usual[place].e_value(day)
        self.evidence[place] = (1.0 + self.evidence.get(place, 0.0)) * factor
        self.logs.setdefault(place, []).append((day, math.log(factor)))
        if sum(self.evidence.values()) / len(usual) < self.mean_days:
            return None
        loudest = max(self.evidence, key=lambda one: self.evidence[one])
        self.fall = _begun(usual[loudest], self.logs[loudest], at)
        return self.fall

    def _follow(
        self, fall: CoverageFall, at: int, place: int, day: LabelledDay
    ) -> CoverageFall | None:
        if place != fall.usual.place:
            return None
        self.calm = [*self.calm, day] if fall.usual.is_usual(day) else []
        found = _with(fall, day)
        if len(self.calm) < _USUAL_DAYS:
            self.fall = found
            return found
        for one in self.calm:
            found = replace(
                found, rows=found.rows - one.rows, labelled=found.labelled - one.labelled[place]
            )
        self.fall, self.begins = None, self.calm[0].start
        self.evidence, self.logs, self.calm = {}, {}, []
        return replace(found, closed_at=at, ended=self.begins)


def _begun(
    usual: UsualCoverage, logs: Sequence[tuple[LabelledDay, float]], at: int
) -> CoverageFall:
    onset = list(_since_onset(logs))
    rows = sum(one.rows for one in onset)
    labelled = sum(one.labelled[usual.place] for one in onset)
    return CoverageFall(
        usual=usual,
        since=onset[0].start,
        opened_at=at,
        closed_at=None,
        rows=rows,
        labelled=labelled,
        worst=labelled / max(rows, 1),
    )


def _with(fall: CoverageFall, day: LabelledDay) -> CoverageFall:
    """Return a fall with one more day."""
    rows, labelled = fall.rows + day.rows, fall.labelled + day.labelled[fall.usual.place]
    worst = min(fall.worst, labelled / max(rows, 1))
    return replace(fall, rows=rows, labelled=labelled, worst=worst)


def _since_onset(logs: Sequence[tuple[LabelledDay, float]]) -> Iterator[LabelledDay]:
    """Yield the days since the evidence was lowest."""
    sums = np.concatenate([[0.0], np.cumsum([log for _, log in logs])[:-1]])
    yield from (day for day, _ in logs[int(np.argmin(sums)) :])
