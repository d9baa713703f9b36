"""How late labels come: the share of predictions that have theirs at each age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

AGES: tuple[int, ...] = (
    *(n * _MINUTE for n in (1, 5, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365)),
)
"""Ages of a prediction, in seconds, at which the coverage by labels is told."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """Share of predictions that have a label at each age.

    Parameters
    ----------
    ages
        Seconds, rising: those of :data:`AGES` that some prediction has reached.
    ratio
        Share with a label at that age, 0 to 1, never falling.
    """

    ages: tuple[int, ...]
    ratio: tuple[float, ...]

    @property
    def final(self) -> float:
        """The share at the highest age that was reached, 0 if none was."""
        return self.ratio[-1] if self.ratio else 0.0

    def at(self, age: float) -> float:
        """Return the share at an age, on a line between those that are known.

        Examples
        --------
        >>> Completeness(ages=(60, 300), ratio=(0.2, 0.4)).at(180)
        0.3...
        """
        if not self.ages:
            return 0.0
        return float(np.interp(age, (0, *self.ages), (0.0, *self.ratio)))

    def quantile(self, share: float) -> float | None:
        """Return the delay within which a share of all labels comes, ``None`` without any."""
        if self.final <= 0:
            return None
        wanted = share * self.final
        at = int(np.searchsorted(self.ratio, wanted))
        low, high = (0.0, 0.0) if at == 0 else (self.ages[at - 1], self.ratio[at - 1])
        step = self.ratio[at] - high
        if step <= 0:
            return float(self.ages[at])
        return float(low + (self.ages[at] - low) * (wanted - high) / step)


def delay_bins(delays: Floats) -> Integers:
    """Return the place of each delay, in seconds, among :data:`AGES`: the first not exceeded.

    A label that was known before its prediction has the place 0; one later than the last age has
    ``len(AGES)``.
    """
    return np.searchsorted(np.asarray(AGES, dtype=np.float64), delays).astype(np.int64)


def completeness(ages: Integers, predictions: Integers, delays: Integers) -> Completeness:
    """Return the coverage by age of groups of predictions, some too young to have all labels.

    Predictions without a label count as long as they were old enough for one, so young groups
    neither lower the curve nor bend it (E. L. Kaplan, P. Meier 1958, Nonparametric estimation from
    incomplete observations, JASA 53).

    Parameters
    ----------
    ages
        Age of the youngest prediction of each group, seconds, shape (n,).
    predictions
        How many there are in each group, shape (n,).
    delays
        How many of them got a label at each place of `delay_bins`, shape (n, len(AGES) + 1).

    Examples
    --------
    >>> delays = np.zeros((2, len(AGES) + 1), dtype=np.int64)
    >>> delays[0, 4] = delays[1, 4] = 5
    >>> delays[0, 5] = 5
    >>> curve = completeness(np.array([7_200, 3_600]), np.array([10, 10]), delays)
    >>> curve.at(3_600), curve.at(7_200)
    (0.5, 1.0)
    """
    seen: list[int] = []
    ratio: list[float] = []
    missing = 1.0
    for place, age in enumerate(AGES):
        reached = ages >= age
        if not reached.any():
            break
        before = delays[reached, :place].sum()
        waiting = int(predictions[reached].sum() - before)
        came = int(delays[reached, place].sum())
        if waiting > 0:
            missing *= max(1.0 - came / waiting, 0.0)
        seen.append(age)
        ratio.append(1.0 - missing)
    return Completeness(ages=tuple(seen), ratio=tuple(ratio))
