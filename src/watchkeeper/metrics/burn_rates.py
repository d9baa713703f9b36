"""How fast an objective's error budget is used up, and when that is worth waking someone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from scipy.special import betainc

Urgency: TypeAlias = Literal["warning", "critical"]

ONCE_IN = timedelta(days=730)
"""How seldom so many bad predictions may come by chance while the objective is just kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """Predictions that could be judged, and how many of them were bad."""

    total: int
    bad: int

    @property
    def ratio(self) -> float | None:
        """Share of the good ones, ``None`` without any prediction."""
        return 1 - self.bad / self.total if self.total else None

    def burn_rate(self, target: float) -> float | None:
        """Return the share of bad ones as a multiple of the share that the target allows.

        Examples
        --------
        >>> round(Good(total=1000, bad=1).burn_rate(0.999), 9)
        1.0
        """
        return self.bad / self.total / (1 - target) if self.total else None

    def budget_left_ratio(self, target: float) -> float | None:
        """Return the part of the error budget of these predictions that is left, 0 or less if none.

        Examples
        --------
        >>> round(Good(total=100_000, bad=25).budget_left_ratio(0.999), 9)
        0.75
        """
        rate = self.burn_rate(target)
        return None if rate is None else 1 - rate

    def chance(self, target: float) -> float:
        """Return the chance of so many bad ones or more, if the objective is just kept.

        Examples
        --------
        >>> round(Good(total=10, bad=1).chance(0.999), 6)
        0.009955
        """
        if not self.bad:
            return 1.0
        return float(betainc(self.bad, self.total - self.bad + 1, 1 - target))


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPair:
    """A long window that shows that a burn matters, and a short one, that it still goes on.

    Attributes
    ----------
    budget_ratio
        Part of the whole error budget that is used up within the long window when it speaks.
    """

    long: timedelta
    short: timedelta
    budget_ratio: float
    severity: Urgency

    def least_burn_rate(self, window: timedelta) -> float:
        """Return the burn rate from which it speaks, for an objective over ``window``.

        References
        ----------
        B. Beyer and others (2018), The Site Reliability Workbook, chapter 5, "Alerting on SLOs":
        2 % of a 30-day budget in one hour is a burn rate of 14.4.

        Examples
        --------
        >>> [round(pair.least_burn_rate(timedelta(days=30)), 9) for pair in PAIRS]
        [14.4, 6.0, 1.0]
        """
        return max(1.0, self.budget_ratio * (window / self.long))


PAIRS = (
    WindowPair(
        long=timedelta(hours=1), short=timedelta(minutes=5), budget_ratio=0.02, severity="critical"
    ),
    WindowPair(
        long=timedelta(hours=6), short=timedelta(minutes=30), budget_ratio=0.05, severity="critical"
    ),
    WindowPair(
        long=timedelta(days=3), short=timedelta(hours=6), budget_ratio=0.10, severity="warning"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnReading:
    """What a pair of windows shows.

    Attributes
    ----------
    burn_long, burn_short
        Burn rates, ``None`` without predictions.
    least
        From which it speaks.
    holds
        Whether it does.
    """

    pair: WindowPair
    long: Good
    short: Good
    burn_long: float | None
    burn_short: float | None
    least: float
    holds: bool

    @property
    def nearness(self) -> float:
        """The smaller of both burn rates by the least; from 1 on it speaks, traffic permitting."""
        return min(self.burn_long or 0.0, self.burn_short or 0.0) / self.least


def read_burn_rates(
    good: Callable[[timedelta], Good], *, target: float, window: timedelta
) -> list[BurnReading]:
    """Return what each pair of windows shows, the most urgent first.

    A pair speaks when both burn rates reach its least one, and the bad predictions in the long
    window are so many that chance brings as many to one window in two years, if the objective is
    just kept: with little traffic one bad prediction is a huge burn rate, and means little.

    Parameters
    ----------
    good
        Counts the predictions of the last so much time.
    target
        Share of the predictions that must be good, above 0 and below 1.
    window
        Time over which it holds; pairs that are longer are left out.

    Examples
    --------
    >>> found = read_burn_rates(
    ...     lambda _: Good(total=3600, bad=60), target=0.999, window=timedelta(days=30)
    ... )
    >>> [reading.holds for reading in found]
    [True, True, True]
    """
    found = []
    for pair in PAIRS:
        if pair.long > window:
            continue
        long, short = good(pair.long), good(pair.short)
        least = pair.least_burn_rate(window)
        burn_long, burn_short = long.burn_rate(target), short.burn_rate(target)
        burns = min(burn_long or 0.0, burn_short or 0.0) >= least * (1 - 1e-9)
        found.append(
            BurnReading(
                pair=pair,
                long=long,
                short=short,
                burn_long=burn_long,
                burn_short=burn_short,
                least=least,
                holds=burns and long.chance(target) <= pair.long / ONCE_IN,
            )
        )
    return found
