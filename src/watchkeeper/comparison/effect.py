"""How large each column's change is, with intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chndtrinc, gammainc

from watchkeeper.comparison.block import Block, Pair
from watchkeeper.comparison.result import ColumnEffect, ValueChange
from watchkeeper.comparison.values import by_value
from watchkeeper.profiles import Moments

Floats = NDArray[np.float64]

NOTHING_SEEN = ColumnEffect(moved_ratio=0.0, moved_low=0.0, moved_high=1.0)
"""Of a column without rows on one side."""

_MOST_CHANGED = 5
_LEAST_CHANGE = 1e-6
_Z = 1.959964
_NEARLY_NORMAL = 1e4
_WIDTH = 1.5


def effects_of(block: Block) -> list[ColumnEffect]:
    """Return the size of each column's change.

    Notes
    -----
    Shares of two samples differ without any change, so their total variation is never zero, and
    less so over fewer cells: neighbouring bins of a number count as one. Categories are looked at
    by bins and value by value, and the larger part counts: bins pool rare values, some of which may
    come and others go without a trace in them.
    """
    moved, low, high = _of_numbers(block) if block.numbers else _of_categories(block)
    changed = _most_changed(block)
    return [
        _effect(pair, rounded(at), rounded(least), rounded(most), values)
        for pair, at, least, most, values in zip(
            block.pairs, moved.tolist(), low.tolist(), high.tolist(), changed, strict=True
        )
    ]


def _of_numbers(block: Block) -> tuple[Floats, Floats, Floats]:
    return moved_between_bins(block.first_cells, block.second_cells)


def _of_categories(block: Block) -> tuple[Floats, Floats, Floats]:
    by_bin = np.stack(moved_between_values(block.first_cells, block.second_cells))
    by_name = np.stack(moved_between_values(*by_value(*block.values)))
    moved, low, _ = np.where(by_name[0] > by_bin[0], by_name, by_bin)
    return moved, low, np.maximum(by_bin[2], by_name[2])


def moved_between_bins(before: Floats, after: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the part of the rows that moved beyond chance, and its interval at 95 %.

    Parameters
    ----------
    before, after
        Rows per cell, shape (columns, cells), each row with a sum above 0; cells empty in both do
        not count.

    Notes
    -----
    Of Pearson's statistic the noncentrality is what is left beyond chance; the total variation is
    reduced by the root of that part, and its interval is that of the noncentrality.
    """
    pooled = before + after
    degrees = np.maximum(np.count_nonzero(pooled, axis=1) - 1, 0)
    size, other = before.sum(axis=1), after.sum(axis=1)
    difference = np.abs(after / other[:, None] - before / size[:, None])
    share = np.where(pooled > 0, pooled / (size + other)[:, None], 1.0)
    scale = 1.0 / size + 1.0 / other
    statistic = (difference**2 / share).sum(axis=1) / scale
    plain = difference.sum(axis=1) / 2

    beyond = np.maximum(statistic - degrees, 0.0)
    low = np.minimum(_noncentrality(statistic, degrees, 0.975), beyond)
    high = np.maximum(_noncentrality(statistic, degrees, 0.025), beyond)
    same = statistic <= 0
    divisor = np.where(same, 1.0, statistic)

    def part(noncentrality: Floats) -> Floats:
        ratio: Floats = np.minimum(plain * np.sqrt(noncentrality / divisor), 1.0)
        return np.where(degrees > 0, ratio, 0.0)

    unseen = np.minimum(np.sqrt(degrees * scale), 1.0)
    return part(beyond), part(low), np.where(same, unseen, part(high))


def moved_between_values(before: Floats, after: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the same for cells that may be thousands, most of them hardly changed.

    Parameters
    ----------
    before, after
        Rows per cell, shape (columns, cells), each row with a sum above 0; several per cell.

    Notes
    -----
    What some cells gain others lose, so the gains alone and the losses alone are the total
    variation. One of them may be spread so thinly that it drowns in chance: the larger counts. A
    cell's difference in its standard deviations, z, is reduced by ``k exp(-z² / 2 t²)``: nearly
    nothing where it is far off, and so much where it is not that chance alone adds up to zero
    (``k`` is the mean of the absolute z by chance over that of the exponential).
    """
    size, other = before.sum(axis=1), after.sum(axis=1)
    pooled = before + after
    difference = after / other[:, None] - before / size[:, None]
    variance = pooled * (1.0 - pooled / (size + other)[:, None])
    variance = variance * ((1.0 / size + 1.0 / other) / (size + other))[:, None]
    error = np.sqrt(variance)
    z = np.abs(difference) / np.where(error > 0, error, 1.0)
    usual = math.sqrt(2 / math.pi) / math.sqrt(_WIDTH**2 / (_WIDTH**2 + 1))
    real = error * (z - usual * np.exp(-((z / _WIDTH) ** 2) / 2))
    # A cell without any difference belongs to both sides, half and half.
    side = np.sign(difference)
    gained = (real * (1.0 + side)).sum(axis=1) / 2
    lost = (real * (1.0 - side)).sum(axis=1) / 2
    # Half of the cells' chance, since gains and losses share them.
    spread = np.sqrt(variance.sum(axis=1) / 2)
    moved = np.maximum(gained, lost)
    low, at, high = (np.clip(moved + z * spread, 0.0, 1.0) for z in (-_Z, 0.0, _Z))
    return at, low, high


def _noncentrality(statistic: Floats, degrees: NDArray[np.intp], p: float) -> Floats:
    """Return the noncentrality at which a statistic so small has chance ``p``; 0 if none has."""
    found = np.zeros_like(statistic)
    # A large statistic is nearly normal with mean d + n and variance 2 d + 4 n.
    large = statistic > _NEARLY_NORMAL
    z = _Z if p < 0.5 else -_Z
    root = np.sqrt(np.maximum(statistic[large] - degrees[large], 0.0))
    found[large] = np.maximum(root + z, 0.0) ** 2
    # Without any noncentrality the chance is largest.
    solvable = ~large & (gammainc(np.maximum(degrees, 1) / 2, statistic / 2) > p)
    exact = chndtrinc(statistic[solvable], degrees[solvable], p)
    found[solvable] = np.where(np.isfinite(exact), exact, 0.0)
    return found


def _most_changed(block: Block) -> list[tuple[ValueChange, ...]]:
    """Return the values or bins whose shares changed most, largest change first."""
    first = block.before / block.before.sum(axis=1, keepdims=True)
    second = block.after / block.after.sum(axis=1, keepdims=True)
    change = np.abs(second - first)
    order = np.argsort(-change, axis=1, kind="stable")[:, :_MOST_CHANGED]
    first, second, change = (np.take_along_axis(m, order, 1) for m in (first, second, change))
    return [
        tuple(
            ValueChange(
                value=pair.labels[place],
                reference_ratio=rounded(before),
                current_ratio=rounded(after),
            )
            for place, before, after, by in zip(*rows, strict=True)
            if by > _LEAST_CHANGE
        )
        for pair, *rows in zip(
            block.pairs,
            order.tolist(),
            first.tolist(),
            second.tolist(),
            change.tolist(),
            strict=True,
        )
    ]


def _effect(
    pair: Pair, moved: float, low: float, high: float, changed: tuple[ValueChange, ...]
) -> ColumnEffect:
    one, two = pair.reference.moments, pair.current.moments
    if one is None or two is None or not one.count or not two.count:
        return ColumnEffect(moved_ratio=moved, moved_low=low, moved_high=high, most_changed=changed)
    shift = two.mean - one.mean
    sd = math.sqrt(one.m2 / one.count)
    error = _standard_error(one, two)
    return ColumnEffect(
        moved_ratio=moved,
        moved_low=low,
        moved_high=high,
        reference_mean=rounded(one.mean),
        current_mean=rounded(two.mean),
        shift=rounded(shift),
        shift_sd=rounded(shift / sd) if sd > 0 else None,
        shift_low=rounded(shift - _Z * error),
        shift_high=rounded(shift + _Z * error),
        most_changed=changed,
    )


def _standard_error(one: Moments, two: Moments) -> float:
    return math.sqrt(one.m2 / one.count**2 + two.m2 / two.count**2)


def rounded(value: float) -> float:
    """Return a number at six digits, as people read it."""
    return float(f"{value:.6g}")
