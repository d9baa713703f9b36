"""What a ratio of two sums usually is from day to day: its seasons, its memory, its chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats import Autoregression, fit_autoregression, push
from watchkeeper.watch.calibration import Calibration, calibrate
from watchkeeper.watch.cycles import Calendar, Design, cycle_folds, design
from watchkeeper.watch.expectation import Expectation, fit_expectation

Floats = NDArray[np.float64]

LEAST_DAYS: Final = 14
"""Days of reference below which a week's course cannot be told from a change."""

LEAST_ENTITIES: Final = 20
"""A day of fewer entities says nothing."""

_DAY = 86_400
_WILD = 8.0
_LEAST_PART = 0.01
_LEAST_VARIANCE = 1e-12
# A memory that some weeks cannot tell from a change is not believed: it would explain every fall.
_MOST_MEMORY = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioDay:
    """A ratio of two sums over the entities of one day.

    Attributes
    ----------
    start
        Seconds since 1970.
    above, below
        The sums; ``below`` is never negative.
    entities
        How many there were.
    error
        Standard error of the ratio, clustered by entity.
    """

    start: int
    above: float
    below: float
    entities: int
    error: float

    @property
    def is_told(self) -> bool:
        """Whether there were enough entities to say something."""
        return self.entities >= LEAST_ENTITIES and self.below > 0.0

    @property
    def value(self) -> float:
        """The ratio; ``below`` is above 0."""
        return self.above / self.below


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDay:
    """A day beside what was expected of it.

    Attributes
    ----------
    expected
        The ratio that its place in the cycles lets expect.
    offset
        Distance from it: of the logarithms where all of the reference is above 0, else in the
        ratio's own unit.
    surprise
        Error of the forecast from the days before, and its usual size.
    deviation
        The usual size of the error.
    """

    day: RatioDay
    expected: float
    offset: float
    surprise: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDays:
    """The days of a reference, and what they let expect of others.

    Attributes
    ----------
    days
        How many said something.
    value
        The ratio over all of them.
    least
        The smallest value that logarithms are taken of; ``None`` if none are.
    chance
        Sampling variance of a day of one entity.
    """

    days: int
    value: float
    least: float | None
    chance: float
    design: Design
    expectation: Expectation
    memory: Autoregression
    calibration: Calibration

    @property
    def error(self) -> float:
        """Standard error of the level that is expected, memory included."""
        deviation = float(np.sqrt(self.calibration.variance[0]))
        return deviation / float(self.memory.gain[0]) / float(np.sqrt(self.days))

    def judged(self, days: Sequence[RatioDay]) -> list[JudgedDay]:
        """Return the days that say something, each beside what was expected of it, in order."""
        told = {day.start: day for day in days if day.is_told}
        if not told:
            return []
        starts = range(min(told), max(told) + 1, _DAY)
        mean, leverage = self.expectation.fitted(self.design.rows(_middles(starts)))
        growth = self.memory.growth[0]
        lags = np.zeros((1, self.memory.coefficients.shape[1]))
        gap = len(growth) - 1
        found = []
        for place, start in enumerate(starts):
            forecast = float(self.memory.forecast(lags)[0])
            day = told.get(start)
            if day is None:
                lags, gap = push(lags, np.array([forecast])), gap + 1
                continue
            offset = self.coordinate(day.value) - float(mean[place, 0])
            sampling = np.array([self.chance / day.entities])
            deviation = float(self.calibration.deviation(sampling)[0])
            deviation *= float(np.sqrt(1.0 + leverage[place, 0]))
            width = deviation * float(np.sqrt(growth[min(gap, len(growth) - 1)]))
            found.append(
                JudgedDay(
                    day=day,
                    expected=self.value_at(float(mean[place, 0])),
                    offset=offset,
                    surprise=offset - forecast,
                    deviation=width,
                )
            )
            # Nor is more remembered than this: else all is well after the second day.
            kept = forecast + float(np.clip(offset - forecast, -_WILD * width, _WILD * width))
            lags, gap = push(lags, np.array([kept])), 0
        return found

    def coordinate(self, value: float) -> float:
        """Return a value where it is looked at: its logarithm, or itself."""
        return value if self.least is None else float(np.log(max(value, self.least)))

    def value_at(self, coordinate: float) -> float:
        """Return the value of a coordinate."""
        return coordinate if self.least is None else float(np.exp(coordinate))


def usual_days(days: Sequence[RatioDay], calendar: Calendar) -> UsualDays | None:
    """Learn from the days of a reference; ``None`` if fewer than 14 of them say something.

    Parameters
    ----------
    days
        In order.
    calendar
        Its bucket is taken for a day, whatever it says.

    Notes
    -----
    The same parts as those of a watched column: a penalised regression on the cycles that
    held-out weeks ask for, an autoregressive memory of what is left, and Student's tails, guarded
    by the reference's own, whose variance follows a day's number of entities.
    """
    told = {day.start: day for day in days if day.is_told}
    if len(told) < LEAST_DAYS:
        return None
    starts = range(min(told), max(told) + 1, _DAY)
    lowest = min(day.value for day in told.values())
    least = _LEAST_PART * lowest if lowest > 0.0 else None
    chance = _chance(list(told.values()), is_relative=least is not None)
    y, seen, sampling = (np.zeros((len(starts), 1)) for _ in range(3))
    for place, start in enumerate(starts):
        day = told.get(start)
        if day is not None:
            y[place] = day.value if least is None else np.log(day.value)
            seen[place], sampling[place] = 1.0, chance / day.entities
    place_of_day = msgspec.structs.replace(calendar, bucket_seconds=float(_DAY))
    chosen, _ = design(place_of_day, _time(starts[0]), _time(starts[-1] + _DAY))
    expectation, memory, calibration = _fitted(chosen, starts, y, seen > 0.0, sampling)
    return UsualDays(
        days=len(told),
        value=sum(day.above for day in told.values()) / sum(day.below for day in told.values()),
        least=least,
        chance=chance,
        design=chosen,
        expectation=expectation,
        memory=memory,
        calibration=calibration,
    )


def _chance(days: Sequence[RatioDay], *, is_relative: bool) -> float:
    """Return the sampling variance of a day of one entity, of logarithms if relative."""
    scales = [day.value if is_relative else 1.0 for day in days]
    sizes = [
        day.entities * (day.error / scale) ** 2 for day, scale in zip(days, scales, strict=True)
    ]
    return max(float(np.mean(sizes)), _LEAST_VARIANCE)


def _fitted(
    chosen: Design, starts: Sequence[int], y: Floats, seen: NDArray[np.bool_], sampling: Floats
) -> tuple[Expectation, Autoregression, Calibration]:
    """Learn season, memory and chance from days, each (days, 1)."""
    times = _middles(starts)
    x, only = chosen.rows(times), np.zeros(1, dtype=np.intp)
    folds = cycle_folds(times, chosen.calendar.timezone)
    expectation, _ = fit_expectation(chosen, x, y, seen, only, folds)
    mean, leverage = expectation.fitted(x)
    residual = np.where(seen, y - mean, 0.0)
    memory = _believed(fit_autoregression(residual, seen, most_order=1))
    spent = np.where(seen, leverage, 0.0).sum(axis=0) + (memory.coefficients != 0).sum(axis=1)
    theory = np.maximum(sampling.sum(axis=0) / seen.sum(axis=0), _LEAST_VARIANCE)
    surprise = memory.innovations(residual, seen)
    return (
        expectation,
        memory,
        calibrate(surprise, np.maximum(sampling, 1e-300), spent, theory, only),
    )


def _believed(memory: Autoregression) -> Autoregression:
    """Return a memory of one day, that is not longer than is believed."""
    kept = min(float(memory.coefficients[0, 0]), _MOST_MEMORY)
    horizons = np.arange(memory.growth.shape[1])
    return Autoregression(
        coefficients=np.array([[kept]]),
        gain=np.array([min(1.0 - kept, 1.0)]),
        growth=np.cumsum(kept ** (2.0 * horizons))[None],
    )


def _middles(starts: Sequence[int]) -> list[datetime]:
    return [_time(start) + timedelta(hours=12) for start in starts]


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
