"""Times in which fewer labels came than used to, from the days after a reference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from watchkeeper.watch.label_coverage import LEAST_ROWS, LabelledDay, UsualCoverage

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
    seen = [day for day in days if day.rows >= LEAST_ROWS]
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
        found = replace(
            fall,
            closed_at=at if is_over else None,
            rows=fall.rows + day.rows,
            labelled=fall.labelled + day.labelled[place],
        )
        self.fall = None if is_over else found
        if is_over:
            self.begins = self.calm[0].start
            self.evidence, self.logs, self.calm = {}, {}, []
        return found


def _since_onset(logs: Sequence[tuple[LabelledDay, float]]) -> Iterator[LabelledDay]:
    """Yield the days since the evidence was lowest."""
    sums = np.concatenate([[0.0], np.cumsum([log for _, log in logs])[:-1]])
    yield from (day for day, _ in logs[int(np.argmin(sums)) :])
