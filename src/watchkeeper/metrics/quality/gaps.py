"""Fairness: how well each group of people is served, and how far that is from everyone else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality.choice import QualityChoice
from watchkeeper.metrics.quality.measured import Measured
from watchkeeper.metrics.quality.measuring import measure
from watchkeeper.metrics.quality.scored import Integers, ScoredRows

_USUAL = QualityChoice()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMeasured:
    """The metrics of one group's rows."""

    group: str
    rows: int
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One metric of one group against all rows of other groups, with intervals at 95 %.

    Parameters
    ----------
    metric
        Key of :data:`METRICS`.
    group
        The group.
    value, others
        The metric of the group and of all others.
    difference, difference_low, difference_high
        The group's minus the others'; 0 is no gap.
    ratio, ratio_low, ratio_high
        The group's over the others'; 1 is no gap. ``None`` where the metric can be negative, or
        nothing is known.
    """

    metric: str
    group: str
    value: float
    others: float
    difference: float
    difference_low: float | None
    difference_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsMeasured:
    """Metrics by group, in the order of ``names``, and the gaps between them."""

    groups: tuple[GroupMeasured, ...]
    gaps: tuple[Gap, ...]


def measure_by_group(
    rows: ScoredRows, groups: Integers, names: Sequence[str], choice: QualityChoice = _USUAL
) -> GroupsMeasured:
    """Return the chosen metrics of each group, and its gap from all others.

    A gap is said where both sides say the metric. Differences and ratios take their interval from
    those of both sides, which are taken to be independent: no entity is in two groups.

    Parameters
    ----------
    rows
        Predictions with their labels.
    groups
        Code of each row's group, an index into ``names``, shape (n,); -1 where it is unknown:
        such rows belong to no group and to no group's others.
    names
        What the groups are called.
    choice
        What to measure. The share predicted positive (demographic parity), recall and specificity
        (equalised odds), and precision (predictive parity) are among the usual ones.

    Raises
    ------
    DataError
        If there is not one code for each row.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent
    proportions, Statistics in Medicine 17; A. Donner, G. Y. Zou (2012), Closed-form confidence
    intervals for functions of the normal mean and standard deviation, Statistical Methods in
    Medical Research 21; M. Hardt, E. Price, N. Srebro (2016), Equality of opportunity in
    supervised learning, NeurIPS.
    """
    if len(groups) != len(rows):
        raise DataError(f"Expected {len(rows)} groups, one for each row; got {len(groups)}.")
    measured, gaps = [], []
    for code, name in enumerate(names):
        inside = groups == code
        own = measure(rows.at(inside), choice)
        measured.append(GroupMeasured(group=name, rows=int(inside.sum()), measured=own))
        others = measure(rows.at(~inside & (groups >= 0)), choice)
        pairs = zip(own, others, strict=True)
        found = [gap(name, first, second) for first, second in pairs]
        gaps += [one for one in found if one is not None]
    return GroupsMeasured(groups=tuple(measured), gaps=tuple(gaps))


def gap(group: str, own: Measured, others: Measured) -> Gap | None:
    """Return how far a group's metric is from that of others, ``None`` if either is not said.

    Examples
    --------
    Newcombe (1998): 56 of 70 against 48 of 80.

    >>> first = Measured(name="recall", value=0.8, low=0.6918, high=0.8770, rows=70)
    >>> second = Measured(name="recall", value=0.6, low=0.4905, high=0.7004, rows=80)
    >>> found = gap("a", first, second)
    >>> round(found.difference_low, 3), round(found.difference_high, 3)
    (0.052, 0.334)
    """
    if own.value is None or others.value is None:
        return None
    difference = _difference(own, others)
    ratio = _ratio(own, others)
    return Gap(
        metric=own.name,
        group=group,
        value=own.value,
        others=others.value,
        difference=own.value - others.value,
        difference_low=difference[0],
        difference_high=difference[1],
        ratio=own.value / others.value if ratio else None,
        ratio_low=ratio[0] if ratio else None,
        ratio_high=ratio[1] if ratio else None,
    )


def _difference(own: Measured, others: Measured) -> tuple[float | None, float | None]:
    assert own.value is not None
    assert others.value is not None
    between = own.value - others.value
    low = high = None
    if own.low is not None and others.high is not None:
        low = between - math.hypot(own.value - own.low, others.high - others.value)
    if own.high is not None and others.low is not None:
        high = between + math.hypot(own.high - own.value, others.value - others.low)
    return low, high


def _ratio(own: Measured, others: Measured) -> tuple[float, float | None] | None:
    """Return both ends of the ratio of two metrics that are never negative."""
    if own.value is None or own.low is None or own.high is None:
        return None
    if others.value is None or others.low is None or others.high is None:
        return None
    if min(own.low, others.low) < 0 or others.value <= 0:
        return None
    product = own.value * others.value
    under = product**2 - own.low * others.high * (2 * own.value - own.low) * (
        2 * others.value - others.high
    )
    width = others.high * (2 * others.value - others.high)
    # Too wide an interval below leaves no lower bound but 0.
    low = (product - math.sqrt(max(under, 0.0))) / width if width > 0 else 0.0
    if others.low <= 0:
        return max(low, 0.0), None
    over = product**2 - own.high * others.low * (2 * own.value - own.high) * (
        2 * others.value - others.low
    )
    high = (product + math.sqrt(max(over, 0.0))) / (others.low * (2 * others.value - others.low))
    return max(low, 0.0), high
