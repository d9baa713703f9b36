"""A change of a mean over all rows: how much happened within groups, how much by their mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.estimate import Estimate
from watchkeeper.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_SHARED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSums:
    """Rows, sum and sum of squares of a quantity by group, each of shape (groups,)."""

    rows: Floats
    sums: Floats
    squares: Floats

    @classmethod
    def of(cls, groups: Ints, values: Floats, size: int) -> GroupSums:
        """Return the sums of rows whose groups are numbers from 0, below ``size``."""
        return cls(
            rows=np.bincount(groups, minlength=size).astype(np.float64),
            sums=np.bincount(groups, weights=values, minlength=size).astype(np.float64),
            squares=np.bincount(groups, values * values, minlength=size).astype(np.float64),
        )


class GroupPart(msgspec.Struct, frozen=True, kw_only=True):
    """One group's part in a change.

    Attributes
    ----------
    before_ratio, after_ratio
        Its part of the rows of each side.
    before_mean, after_mean
        Of the quantity; ``None`` without rows.
    within
        What the change of its own mean adds to the change over all rows.
    mix
        What the change of its part of the rows adds: above 0 when a group worse than the others
        grows, or a better one shrinks.
    """

    name: str
    before_ratio: float
    after_ratio: float
    before_mean: float | None
    after_mean: float | None
    within: float
    mix: float


class MixSplit(msgspec.Struct, frozen=True, kw_only=True):
    """A change split by groups: ``change = within + mix``, exactly, and so is each a sum of parts.

    Attributes
    ----------
    is_paradox
        Whether all rows changed one way while the groups, taken by themselves, changed the other
        way, or not at all, by what can be told (E. H. Simpson, 1951). Not where less than half of
        either side is in groups that both sides have: then there is next to nothing within groups.
    groups
        Largest part first.
    """

    change: Estimate
    within: Estimate
    mix: Estimate
    is_paradox: bool
    groups: tuple[GroupPart, ...]


def split_by_mix(names: Sequence[str], before: GroupSums, after: GroupSums) -> MixSplit:
    """Split the change of a mean into changes within groups and a change of their mix.

    A group that has rows on one side only counts as mix.

    Raises
    ------
    UsageError
        If a side has no rows.

    References
    ----------
    E. M. Kitagawa (1955), Components of a difference between two rates, Journal of the American
    Statistical Association 50.

    Examples
    --------
    >>> before = GroupSums(rows=np.array([90.0, 10]), sums=np.array([9.0, 5]), squares=np.ones(2))
    >>> after = GroupSums(rows=np.array([50.0, 50]), sums=np.array([5.0, 25]), squares=np.ones(2))
    >>> split = split_by_mix(["short", "long"], before, after)
    >>> round(split.change.value, 6), round(split.mix.value, 6), split.is_paradox
    (0.16, 0.16, True)
    """
    if not before.rows.sum() or not after.rows.sum():
        raise UsageError("Expected rows on both sides of a change, got none on one.")
    old, new = _Side.of(before), _Side.of(after)
    old_mean = np.where(old.is_there, old.mean, new.mean)
    new_mean = np.where(new.is_there, new.mean, old.mean)
    within = (old.ratio + new.ratio) / 2.0 * (new_mean - old_mean)
    level = (old_mean + new_mean) / 2.0
    centre = float((old.ratio + new.ratio) @ level / 2.0)
    mix = (level - centre) * (new.ratio - old.ratio)
    error = old.variance + new.variance
    within_variance = float(((old.ratio + new.ratio) / 2.0) ** 2 @ error)
    mix_variance = float(((new.ratio - old.ratio) / 2.0) ** 2 @ error)
    for side in (old, new):
        about = float(side.ratio @ level)
        mix_variance += float(side.ratio @ (level - about) ** 2) / side.total
    change = float(within.sum() + mix.sum())
    told = Estimate.of(change, within_variance + mix_variance)
    inside = Estimate.of(float(within.sum()), within_variance)
    order = np.argsort(-np.abs(within + mix), kind="stable")
    return MixSplit(
        change=told,
        within=inside,
        mix=Estimate.of(float(mix.sum()), mix_variance),
        is_paradox=_is_paradox(told, inside) and _least_shared(old, new) >= _LEAST_SHARED,
        groups=tuple(
            GroupPart(
                name=names[i],
                before_ratio=float(old.ratio[i]),
                after_ratio=float(new.ratio[i]),
                before_mean=float(old.mean[i]) if old.is_there[i] else None,
                after_mean=float(new.mean[i]) if new.is_there[i] else None,
                within=float(within[i]),
                mix=float(mix[i]),
            )
            for i in order
            if old.is_there[i] or new.is_there[i]
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    total: float
    ratio: Floats
    mean: Floats
    variance: Floats
    is_there: NDArray[np.bool_]

    @classmethod
    def of(cls, sums: GroupSums) -> _Side:
        rows = np.maximum(sums.rows, 1.0)
        mean = sums.sums / rows
        spread = np.maximum(sums.squares / rows - mean**2, 0.0)
        return cls(
            total=float(sums.rows.sum()),
            ratio=sums.rows / sums.rows.sum(),
            mean=mean,
            variance=spread / np.maximum(rows - 1.0, 1.0),
            is_there=sums.rows > 0,
        )


def _least_shared(old: _Side, new: _Side) -> float:
    """Return the smaller of the sides' parts that are in groups which both have."""
    both = old.is_there & new.is_there
    return float(min(old.ratio[both].sum(), new.ratio[both].sum()))


def _is_paradox(change: Estimate, within: Estimate) -> bool:
    if not change.is_told:
        return False
    return not within.is_told or (within.value > 0.0) != (change.value > 0.0)
