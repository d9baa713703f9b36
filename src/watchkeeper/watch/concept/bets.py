"""Bets that a loss has risen: how much each row multiplies them by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

STANDARDISED_RISES: Final = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0)
"""Rises looked for, in standard deviations of one row's loss."""

RISES_OF_ROOM: Final = (0.25, 0.5)
"""Rises looked for, as parts of what lies between the risk and the largest loss, 1."""

WEIGHTS: Final = (0.10, 0.24, 0.24, 0.16, 0.10, 0.06, 0.05, 0.05)
"""Stakes on them, which add up to 1."""

_MOST_OF_ROOM = 0.75
_MOST_LOST = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bets:
    """Stakes for and against rises of the risk, made before the rows that they are about.

    A row of loss ``x`` multiplies stake ``j`` by ``1 + slopes[j] * (x - centre) - costs[j]``,
    which is above 0 for every ``x`` from 0 to 1 and has expectation at most 1 while the risk is
    at most ``centre``.

    Attributes
    ----------
    centre
        Risk that is still accepted, in (0, 1).
    slopes
        One per rise looked for.
    costs
        What dependence between rows costs; 0 for independent rows.
    """

    centre: float
    slopes: tuple[float, ...]
    costs: tuple[float, ...]


def make_bets(centre: float, variance: float, dependence: float) -> Bets:
    """Return bets against a risk of at most ``centre``.

    Parameters
    ----------
    centre
        Risk that is still accepted, in (0, 1).
    variance
        Of one row's loss, above 0.
    dependence
        Integrated autocorrelation time of the losses in rows, at least 1: so many times the
        variance of a sum is larger than that of independent rows.

    Notes
    -----
    For losses of 0 and 1 without dependence the factor is the likelihood ratio of the risk looked
    for to ``centre``; for other bounded losses it is a bet on the mean (Waudby-Smith, Ramdas 2024,
    "Estimating means of bounded random variables by betting"). With dependence the stake is made
    smaller by it, and the excess of the variance is paid for row by row, so that long runs of
    errors, which the reference shows too, are no evidence.

    Examples
    --------
    >>> bets = make_bets(0.2, 0.16, 1.0)
    >>> round(1 + bets.slopes[2] * (1 - bets.centre), 4)  # 0.3 / 0.2: from 20 % to 30 %
    1.5
    """
    deviation, room = math.sqrt(variance), 1.0 - centre
    rises = [min(rise * deviation, _MOST_OF_ROOM * room) for rise in STANDARDISED_RISES]
    rises += [part * room for part in RISES_OF_ROOM]
    excess = variance * (dependence - 1.0)
    if excess > 0.0:
        # The largest slope at which a row without loss still leaves a tenth of the stake.
        most = (math.sqrt(centre * centre + 2.0 * _MOST_LOST * excess) - centre) / excess
    else:
        most = _MOST_LOST / centre
    slopes = tuple(min(rise / (variance * dependence), most) for rise in rises)
    return Bets(
        centre=centre,
        slopes=slopes,
        costs=tuple(0.5 * slope * slope * excess for slope in slopes),
    )
