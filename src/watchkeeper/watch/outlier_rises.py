"""Times in which far more predictions were outliers than the reference let expect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept import CHUNK, Evidence, Reference, make_bets

Floats = NDArray[np.float64]

LEAST_HOURS: Final = 128
"""With a reference of fewer hours, the first hours after it are held for normal too."""

_LEAST_ROWS = 30
_ACCEPTED = 2.0
_FULL = 10.0
_ERRORS = 3.0
_ROUGHLY = 1.5
_CALM_HOURS = 24


class ScoredHour(NamedTuple):
    """Predictions of an hour that were scored, and the outliers among them.

    ``start`` is in seconds since 1970.
    """

    start: int
    scored: int
    outliers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualOutliers:
    """Which part of the predictions are usually outliers.

    Attributes
    ----------
    ratio
        As the scorer promises for rows like the reference's.
    rows
        Rows of the reference that it was learned from.
    hours
        The reference's own, in order.
    """

    ratio: float
    rows: int
    hours: tuple[ScoredHour, ...]

    @property
    def most(self) -> float:
        """The largest ratio that the promise leaves open: three standard errors above it."""
        count = self.ratio * self.rows
        return min((count + _ERRORS * math.sqrt(count) + _ERRORS) / max(self.rows, 1), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierRise:
    """A time in which far more predictions were outliers.

    Attributes
    ----------
    since
        Start of its first hour, seconds since 1970.
    opened_at, closed_at
        End of the hour that made it known, and of the one that made known that it was over.
    ended
        End of the last hour of it, as far as can be said; ``None`` for one that lasts.
    scored, outliers
        Predictions since, until that hour.
    worst
        The largest that the part of outliers since has been once it was known.
    """

    since: int
    opened_at: int
    closed_at: int | None
    ended: int | None
    scored: int
    outliers: int
    worst: float

    @property
    def ratio(self) -> float:
        """The part of outliers since."""
        return self.outliers / max(self.scored, 1)


def outlier_rises(
    usual: UsualOutliers, hours: Sequence[ScoredHour], *, mean_hours: float
) -> list[OutlierRise]:
    """Return when far more predictions were outliers; the last such time may still last.

    Parameters
    ----------
    hours
        Those after the reference, in order, complete ones.
    mean_hours
        Mean number of hours until a false alarm, at least.

    Notes
    -----
    Bets on a bounded mean (Waudby-Smith, Ramdas 2024) in an e-detector of Shiryaev-Roberts form
    (Shin, Ramdas, Rinaldo 2022), hour by hour. Twice the promised part is accepted, and twice that
    of the reference's own hours. An hour counts up to ten times the promise, so no single burst is
    an alarm, and the bets are smaller where the reference's hours depend on each other. A rise is
    over when the mean of a day's hours is accepted again.
    """
    if usual.most >= 1.0 / _FULL:
        return []
    reference, units = _begin(usual, hours)
    if len(reference) < LEAST_HOURS:
        return []
    return list(_rises(reference, units, usual.most, mean_hours))


def _begin(
    usual: UsualOutliers, hours: Sequence[ScoredHour]
) -> tuple[list[ScoredHour], list[ScoredHour]]:
    """Return the hours that are held for normal, and those that are held against them."""
    reference, units = list(_merged(usual.hours)), list(_merged(hours))
    missing = max(LEAST_HOURS - len(reference), 0)
    return [*reference, *units[:missing]], units[missing:]


def _merged(hours: Sequence[ScoredHour]) -> Iterator[ScoredHour]:
    """Yield hours of enough rows, those of few together with the next."""
    scored = outliers = 0
    for hour in hours:
        scored, outliers = scored + hour.scored, outliers + hour.outliers
        if scored >= _LEAST_ROWS:
            yield ScoredHour(hour.start, scored, outliers)
            scored = outliers = 0


def _rises(
    reference: Sequence[ScoredHour],
    units: Sequence[ScoredHour],
    most: float,
    mean_hours: float,
) -> Iterator[OutlierRise]:
    known = Reference.of(_losses(reference, most))
    centre = min(_ACCEPTED * max(1.0 / _FULL, known.mean) + known.doubt, 0.5)
    # How far hours depend on each other is known only roughly from a month of them.
    time = known.time * (_ROUGHLY if known.time > 1.0 else 1.0)
    bets = make_bets(centre, known.variance, time)
    losses = _losses(units, most)
    begun = at = 0
    while at < len(units):
        evidence = Evidence.none()
        for at in range(begun, len(units)):
            if evidence.add(float(losses[at]) - centre, bets) >= mean_hours:
                break
            if (at - begun + 1) % CHUNK == 0:
                evidence.turn()
        else:
            return
        first = begun + _onset(losses[begun : at + 1], centre)
        end = _end(losses, centre, at)
        last = at + _last(losses[at : len(units) if end is None else end], centre)
        yield _told(units, first, at, last, end)
        if end is None:
            return
        begun = at = end


def _told(
    units: Sequence[ScoredHour], first: int, opened: int, last: int, end: int | None
) -> OutlierRise:
    told = units[first : len(units) if end is None else last + 1]
    scored = np.cumsum([unit.scored for unit in told])
    outliers = np.cumsum([unit.outliers for unit in told])
    return OutlierRise(
        since=told[0].start,
        opened_at=units[opened].start + 3600,
        closed_at=None if end is None else units[end - 1].start + 3600,
        ended=None if end is None else units[last].start + 3600,
        scored=int(scored[-1]),
        outliers=int(outliers[-1]),
        worst=float((outliers / scored)[opened - first :].max()),
    )


def _losses(units: Sequence[ScoredHour], most: float) -> Floats:
    """Return each hour's part of outliers in ten times the promise, 1 at most."""
    ratios = np.array([unit.outliers / unit.scored for unit in units])
    return np.minimum(ratios / (_FULL * most), 1.0)


def _onset(losses: Floats, centre: float) -> int:
    """Return the hour from which on there were more: midway to how many is where the line is."""
    first = _largest_sum(losses - centre)
    return _largest_sum(losses - 0.5 * (centre + float(losses[first:].mean())))


def _last(losses: Floats, centre: float) -> int:
    """Return the last hour in which there were more, in the same way."""
    excess = losses - centre
    until = int(np.argmax(np.cumsum(excess)))
    excess = losses - 0.5 * (centre + float(losses[: until + 1].mean()))
    return int(np.argmax(np.cumsum(excess)))


def _largest_sum(excess: Floats) -> int:
    """Return where the largest sum of what comes from there on begins."""
    return len(excess) - 1 - int(np.argmax(np.cumsum(excess[::-1])))


def _end(losses: Floats, centre: float, opened: int) -> int | None:
    """Return the place after the first day of hours that is accepted, ``None`` if none came."""
    for at in range(opened + _CALM_HOURS, len(losses)):
        if losses[at - _CALM_HOURS + 1 : at + 1].mean() <= centre:
            return at + 1
    return None
