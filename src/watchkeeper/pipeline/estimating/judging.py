"""Days judged one after the other: whether labels say worse than estimates, or estimates fell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, inf, sqrt
from statistics import median

from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.estimating.cell import EstimatedCell

FALLEN_DAYS = 7
"""Days in a row after which an estimated fall is told: a whole week, which has its better days."""
QUIET_DAYS = 3
"""Days after which an episode is over that none of them showed."""

_TILTS = (0.5, 1.0, 2.0, 4.0)
_LARGEST = 1e12
_LEAST_DIFFERENCES = 3
_MEDIAN_OF_SQUARES = 0.455  # of a standard normal variable, squared


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReading:
    """What one day says of one metric: how much worse, and how strongly.

    Attributes
    ----------
    evidence
        1 or less where nothing is wrong; its mean over days on which nothing is wrong is 1 or less.
    """

    start: int
    metric: str
    evidence: float
    estimated: float
    other: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Days in which something was wrong.

    Attributes
    ----------
    since
        First day, seconds since 1970.
    opened, last, closed
        The day that told it, the last that showed it, and the one that ended it; ``None`` for one
        that goes on.
    worst
        Of the newest day that shows it, the metric that does most clearly.
    """

    since: int
    opened: int
    last: int
    closed: int | None
    worst: DayReading


def contradictions(cells: Mapping[int, EstimatedCell], *, days: float) -> list[Episode]:
    """Return when labels said that a model was worse than its estimates' intervals, day by day.

    Evidence against the estimates being that good is multiplied over days (Shiryaev and Roberts'
    sum over all days on which it may have begun), so that on average there are at least so many
    days to an episode as long as no estimate is further off than its interval.

    Parameters
    ----------
    cells
        Days whose labels have come, by start.

    References
    ----------
    J. Shin, A. Ramdas, A. Rinaldo (2024), E-detectors: a nonparametric framework for sequential
    change detection, New England Journal of Statistics in Data Science 2.
    """
    total, since = 0.0, 0
    found: list[Episode] = []
    spread = _DaySpread()
    for at in sorted(cells):
        reading = list(_against(at, cells[at], spread))
        spread.add(cells[at])
        if not reading:
            continue
        evidence = sum(one.evidence for one in reading) / len(reading)
        worst = max(reading, key=lambda one: one.evidence)
        if found and found[-1].closed is None:
            found[-1] = _going_on(found[-1], at, worst, is_wrong=evidence > 1.0)
            continue
        since = at if total < 1.0 else since
        total = min((1.0 + total) * evidence, _LARGEST)
        if total >= days:
            found.append(Episode(since=since, opened=at, last=at, closed=None, worst=worst))
            total = 0.0
    return found


def falls(cells: Mapping[int, EstimatedCell], reference: Mapping[str, float]) -> list[Episode]:
    """Return when estimates were worse than the reference by more than their interval.

    An episode opens after seven days in a row on which one and the same metric was, and is over
    after three on which none was.

    Parameters
    ----------
    cells
        Days by start, with labels or not.
    """
    found: list[Episode] = []
    runs: dict[str, list[int]] = {}
    for at in sorted(cells):
        cell = cells[at]
        if cell.refused is not None or not cell.values:
            continue  # nothing is known of such a day
        below = {one.metric: one for one in _below(at, cell, reference)}
        worst = max(below.values(), key=lambda one: one.evidence, default=None)
        if found and found[-1].closed is None:
            found[-1] = _going_on(found[-1], at, worst, is_wrong=worst is not None)
            runs = {}
            continue
        runs = {name: [*runs.get(name, []), at] for name in below}
        long = [name for name, run in runs.items() if len(run) >= FALLEN_DAYS]
        if long:
            name = max(long, key=lambda one: below[one].evidence)
            since = runs[name][0]
            found.append(Episode(since=since, opened=at, last=at, closed=None, worst=below[name]))
    return found


def _going_on(episode: Episode, at: int, worst: DayReading | None, *, is_wrong: bool) -> Episode:
    """Return an open episode after another day."""
    if is_wrong and worst is not None:
        return Episode(
            since=episode.since, opened=episode.opened, last=at, closed=None, worst=worst
        )
    quiet = (at - episode.last) // 86_400
    return Episode(
        since=episode.since,
        opened=episode.opened,
        last=episode.last,
        closed=at if quiet >= QUIET_DAYS else None,
        worst=episode.worst,
    )


class _DaySpread:
    """How much gaps differ from day to day, whatever their level: a day's labels share its weather.

    From the differences of days that follow each other, by their median, so that a step of the
    level counts as one of many.

    References
    ----------
    J. von Neumann (1941), Distribution of the ratio of the mean square successive difference to
    the variance, Annals of Mathematical Statistics 12.
    """

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._squares: dict[str, list[float]] = {}

    def add(self, cell: EstimatedCell) -> None:
        """Take a day in."""
        for one in cell.corrected:
            if one.name in self._last:
                square = (one.gap - self._last[one.name]) ** 2
                self._squares.setdefault(one.name, []).append(square)
            self._last[one.name] = one.gap

    def error(self, name: str) -> float:
        """Return the standard deviation of a day's gap; 0 as long as it is not known."""
        squares = self._squares.get(name, [])
        if len(squares) < _LEAST_DIFFERENCES:
            return 0.0
        return sqrt(median(squares) / (2.0 * _MEDIAN_OF_SQUARES))


def _against(at: int, cell: EstimatedCell, spread: _DaySpread) -> Iterator[DayReading]:
    """Yield the evidence that labels say worse than the interval of the estimate."""
    estimates = {one.name: one for one in cell.values}
    for one in cell.corrected:
        better = METRICS[one.name].higher_is_better
        guess = estimates.get(one.name)
        if better is None or guess is None:
            continue
        reach = guess.value - guess.low if better else guess.high - guess.value
        worse = one.gap if better else -one.gap
        error = max(one.gap_standard_error, spread.error(one.name))
        z = (worse - reach) / error if error > 0 else (inf if worse > reach else -inf)
        p = one.p_value / 2.0 if worse > 0 else 1.0 - one.p_value / 2.0
        # Either is evidence; the first allows for an error that stays, the second for few labels.
        evidence = min(_by_distance(z), 0.5 / sqrt(max(p, 1e-12)))
        yield DayReading(
            start=at,
            metric=one.name,
            evidence=evidence,
            estimated=guess.value,
            other=one.value,
        )


def _by_distance(z: float) -> float:
    """Return evidence, whose mean is 1 for a normal distance, that it is above 0."""
    if z == -inf:
        return 0.0
    capped = min(z, 8.0)
    return sum(exp(tilt * capped - tilt * tilt / 2.0) for tilt in _TILTS) / len(_TILTS)


def _below(at: int, cell: EstimatedCell, reference: Mapping[str, float]) -> Iterable[DayReading]:
    for one in cell.values:
        better, before = METRICS[one.name].higher_is_better, reference.get(one.name)
        if better is None or before is None or one.standard_error <= 0:
            continue
        if (one.high < before) if better else (one.low > before):
            yield DayReading(
                start=at,
                metric=one.name,
                evidence=abs(before - one.value) / one.standard_error,
                estimated=one.value,
                other=before,
            )
