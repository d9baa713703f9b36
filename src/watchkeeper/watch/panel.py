"""Profiles of all watched columns laid side by side as numbers that can be compared over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from watchkeeper.profiles import (
    FIRST,
    Bins,
    BucketProfile,
    CategoryBins,
    ColumnProfile,
    NumberBins,
    bin_midpoints,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NUMBER_GROUPS = 12
_ROWS_PER_GROUP = 5.0
_LIGHT_TAILS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One column of one segment (``""`` for all rows)."""

    column: str
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one bucket shows, over all units.

    Attributes
    ----------
    rows, values
        Rows, and rows that are neither null nor misfit, shape (units,).
    fine, groups
        Counts per bin and per group of bins, all units one after the other.
    level, within
        Mean normal score of the values and its variance within the bucket, shape (units,);
        zero where the unit has no level.
    sums, counted
        Sum and number of the finite values in the column's own unit, shape (units,).
    """

    rows: Floats
    values: Floats
    fine: Floats
    groups: Floats
    level: Floats
    within: Floats
    sums: Floats
    counted: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How bins become scores and groups; fixed by the reference.

    Attributes
    ----------
    units
        The watched columns, by segment.
    fine_start, group_start
        Where each unit's bins and groups start in the flat arrays, with the total at the end.
    group_of
        Group of each bin, in the flat array of groups.
    score
        Normal score of each bin, 0 for nulls, misfits and units without a level.
    has_level
        Whether a unit has a level: numbers, and categories of two values.
    reference
        Counts of the whole reference per bin, flat.
    group_mean
        Mean of the values of each group in the column's own unit; NaN for categories.
    reference_mean, reference_sd
        Mean and standard deviation of the reference in the column's own unit; NaN for categories.
    within_group
        Part of each bin in its group, as in the reference, flat.
    unvalued_group
        Groups of nulls and misfits, flat.
    """

    units: tuple[Unit, ...]
    fine_start: NDArray[np.intp]
    group_start: NDArray[np.intp]
    group_of: NDArray[np.intp]
    score: Floats
    has_level: NDArray[np.bool_]
    reference: Floats
    group_mean: Floats
    reference_mean: Floats
    reference_sd: Floats
    within_group: Floats
    unvalued_group: NDArray[np.bool_]

    def read(self, profile: BucketProfile) -> Reading:
        """Lay a bucket's profile out; a missing column counts as no rows."""
        counts = np.zeros(int(self.fine_start[-1]))
        sums, counted = np.zeros(len(self.units)), np.zeros(len(self.units))
        for i, unit in enumerate(self.units):
            column = column_of(profile, unit)
            if column is None:
                continue
            counts[self.fine_start[i] : self.fine_start[i + 1]] = column.counts
            if column.moments is not None and column.moments.count:
                sums[i] = column.moments.mean * column.moments.count
                counted[i] = column.moments.count
        return self._summarise(counts, sums, counted)

    def _summarise(self, counts: Floats, sums: Floats, counted: Floats) -> Reading:
        starts = self.fine_start[:-1]
        rows = np.add.reduceat(counts, starts)
        values = rows - counts[starts] - counts[starts + 1]
        some = np.maximum(values, 1.0)
        level = np.add.reduceat(counts * self.score, starts) / some
        square = np.add.reduceat(counts * self.score**2, starts) / some
        groups: Floats = np.bincount(
            self.group_of, counts, minlength=int(self.group_start[-1])
        ).astype(np.float64)
        return Reading(
            rows=rows,
            values=values,
            fine=counts,
            groups=groups,
            level=np.where(self.has_level, level, 0.0),
            within=np.where(self.has_level, np.maximum(square - level**2, 0.0), 0.0),
            sums=sums,
            counted=counted,
        )

    def unit_of_group(self) -> NDArray[np.intp]:
        """Return the unit of each group, shape (groups,)."""
        return np.repeat(np.arange(len(self.units)), np.diff(self.group_start))


def column_of(profile: BucketProfile, unit: Unit) -> ColumnProfile | None:
    """Return a unit's profile in a bucket, or ``None`` when the bucket has none."""
    columns: Mapping[str, ColumnProfile] = profile.columns
    if unit.segment:
        columns = profile.segments.get(unit.segment, {})
    return columns.get(unit.column)


def build_panel(
    units: Sequence[Unit], bins: Mapping[str, Bins], profiles: Sequence[BucketProfile]
) -> Panel:
    """Fix scores and groups from the reference's profiles."""
    sizes = [bins[u.column].size for u in units]
    fine_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    reference = np.zeros(int(fine_start[-1]))
    count, mean, square = (np.zeros(len(units)) for _ in range(3))
    buckets = np.zeros(len(units))
    for profile in profiles:
        for i, unit in enumerate(units):
            column = column_of(profile, unit)
            if column is None or column.rows == 0:
                continue
            buckets[i] += 1
            reference[fine_start[i] : fine_start[i + 1]] += column.counts
            moments = column.moments
            if moments is not None and moments.count:
                total = count[i] + moments.count
                delta = moments.mean - mean[i]
                square[i] += moments.m2 + delta**2 * count[i] * moments.count / total
                mean[i] += delta * moments.count / total
                count[i] = total
    score = np.zeros(len(reference))
    has_level = np.zeros(len(units), dtype=np.bool_)
    group_of = np.zeros(len(reference), dtype=np.intp)
    group_start = [0]
    means: list[Floats] = []
    for i, unit in enumerate(units):
        place = slice(fine_start[i], fine_start[i + 1])
        counts, column_bins = reference[place], bins[unit.column]
        score[place], has_level[i] = _scores(counts, column_bins)
        typical = counts.sum() / max(buckets[i], 1.0)
        groups = _groups(counts, column_bins, typical)
        group_of[place] = group_start[-1] + groups
        group_start.append(group_start[-1] + int(groups.max()) + 1)
        means.append(group_means(counts, groups, column_bins, mean[i]))
    unvalued = np.zeros(group_start[-1], dtype=np.bool_)
    for special in range(FIRST):
        unvalued[np.array(group_start[:-1], dtype=np.intp) + special] = True
    number = np.array([isinstance(bins[u.column], NumberBins) for u in units], dtype=np.bool_)
    return Panel(
        units=tuple(units),
        fine_start=fine_start,
        group_start=np.array(group_start, dtype=np.intp),
        group_of=group_of,
        score=score,
        has_level=has_level,
        reference=reference,
        group_mean=np.concatenate(means) if means else np.zeros(0),
        reference_mean=np.where(number & (count > 0), mean, np.nan),
        reference_sd=np.where(
            number & (count > 1), np.sqrt(square / np.maximum(count - 1, 1)), np.nan
        ),
        within_group=_within_group(reference, group_of),
        unvalued_group=unvalued,
    )


def _within_group(reference: Floats, group_of: NDArray[np.intp]) -> Floats:
    """Return the reference share of each bin in its group; bins of a group never seen alike."""
    smoothed = reference + 1e-9
    total = np.bincount(group_of, smoothed)
    part: Floats = smoothed / total[group_of]
    return part


def _scores(counts: Floats, bins: Bins) -> tuple[Floats, bool]:
    """Return the normal score (van der Waerden 1952) of the middle of each bin.

    Robust, yet nearly a mean: it loses next to nothing on normal data and cannot be thrown
    by one absurd value, which the shape's outermost groups see anyway.
    """
    score = np.zeros(len(counts))
    values = counts[FIRST:]
    total = values.sum()
    if total == 0:
        return score, False
    if isinstance(bins, CategoryBins):
        common = np.flatnonzero(values > 0)
        if len(common) != 2:
            return score, False
        share = values[common[1]] / total
        deviation = np.sqrt(share * (1 - share))
        score[FIRST + common] = [-share / deviation, (1 - share) / deviation]
        return score, True
    linear = _linear_scores(values, total, bins)
    if linear is not None:
        score[FIRST:] = linear
        return score, True
    below = np.cumsum(values) - values
    middle = (below + 0.5 * values + 0.25) / (total + 0.5)
    score[FIRST:] = ndtri(middle)
    return score, True


def _linear_scores(values: Floats, total: float, bins: NumberBins) -> Floats | None:
    """Standardised bin middles, or ``None`` where the tails are too heavy for a mean."""
    middles = bin_midpoints(bins)[FIRST:]
    weight = values / total
    mean = float(weight @ middles)
    deviation = float(np.sqrt(weight @ (middles - mean) ** 2))
    if not np.isfinite(deviation) or deviation <= 1e-12 * max(1.0, abs(mean)):
        return None
    z = (middles - mean) / deviation
    return z if float(weight @ z**4) < _LIGHT_TAILS else None


def _groups(counts: Floats, bins: Bins, typical_rows: float) -> NDArray[np.intp]:
    """Group bins so that a usual bucket can fill them: null, misfit, then groups of values.

    Numbers: neighbours, about equally full, and the two ranges that the reference never showed.
    Categories: the fullest values alone, the rest dealt out over pools, unseen ones alone.
    """
    values = counts[FIRST:]
    most = int(np.clip(typical_rows / _ROWS_PER_GROUP, 3, 1000))
    if isinstance(bins, NumberBins):
        total = max(values.sum(), 1.0)
        middle = (np.cumsum(values) - 0.5 * values) / total
        wanted = min(_NUMBER_GROUPS, most)
        raw = np.minimum((middle * wanted).astype(np.intp), wanted - 1)
        if len(raw) > 1:
            raw[0], raw[-1] = -1, wanted
        _, inner = np.unique(raw, return_inverse=True)
    else:
        inner = _category_groups(values, most)
    return np.concatenate([[0, 1], 2 + inner]).astype(np.intp)


def _category_groups(values: Floats, most: int) -> NDArray[np.intp]:
    known = len(values) - 1
    if known <= most:
        return np.arange(len(values), dtype=np.intp)
    order = np.argsort(-values[:known], kind="stable")
    alone = most * 2 // 3
    pools = max(1, most - alone)
    group = np.zeros(len(values), dtype=np.intp)
    group[order[:alone]] = np.arange(alone)
    group[order[alone:]] = alone + np.arange(known - alone) % pools
    group[known] = int(group[:known].max()) + 1
    return group


def group_means(counts: Floats, groups: NDArray[np.intp], bins: Bins, mean: float) -> Floats:
    """Return the mean of each group's values in the column's unit; NaN for categories."""
    size = int(groups.max()) + 1
    if isinstance(bins, CategoryBins) or not bins.edges or counts[FIRST:].sum() == 0:
        return np.full(size, np.nan)
    edges = np.array(bins.edges)
    middles = np.concatenate([[edges[0]], (edges[:-1] + edges[1:]) / 2, [edges[-1]]])
    weight = np.bincount(groups[FIRST:], counts[FIRST:], minlength=size)
    total = np.bincount(groups[FIRST:], counts[FIRST:] * middles, minlength=size)
    means = total / np.maximum(weight, 1.0)
    # Bin middles are off in long tails: move all so that the reference's own mean is met.
    means += mean - float((means * weight).sum() / weight.sum())
    means[:FIRST] = np.nan
    return means
