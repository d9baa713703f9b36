"""How much of a change comes from the inputs, and how much from their relation to the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from watchkeeper.diagnosis.coded_columns import CodedColumn, grouped
from watchkeeper.diagnosis.column_shares import input_parts
from watchkeeper.diagnosis.confirmed import Segment
from watchkeeper.diagnosis.estimate import Estimate
from watchkeeper.diagnosis.nuisances import Nuisances, fit_nuisances
from watchkeeper.diagnosis.segments import find_segments
from watchkeeper.stats import holm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

MOST_ROWS = 40_000
"""Rows of each side that are looked at; of more, so many by chance."""
LEAST_ROWS = 200
OUTSIDE = 0.95
"""A current row is outside the shared support if it is this likely a current one, sides alike."""
_LEAST_OVERLAP = 0.05
_TOLD_OUTSIDE = 0.01


class ColumnPart(msgspec.Struct, frozen=True, kw_only=True):
    """One column's part.

    Attributes
    ----------
    inputs
        What the change of its own distribution adds to the quantity's mean, by a sum of one
        function of each column fitted on the reference.
    relationship
        How differently the relation changed along its values, a standard deviation; 0 if it
        changed evenly by all that can be told.
    p_value
        Of its having changed evenly, corrected for the number of columns (Holm).
    """

    column: str
    inputs: float
    relationship: float
    p_value: float


class ChangeSplit(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a quantity's mean split in two: ``change = inputs + relationship``.

    Attributes
    ----------
    inputs
        What would have changed had the relation of inputs and outcome stayed.
    relationship
        Mean change at equal inputs, over those that both sides share; ``None`` where they share
        too few to tell.
    overlap_ratio
        1 if both sides' inputs are distributed alike, 0 if they can be told apart with certainty.
    outside_ratio, outside_mean
        Part of the current rows whose inputs the reference hardly has, and the mean of the
        quantity there: whether those are due to inputs or relation nobody can tell.
    outside
        Where they are, if they are a segment.
    columns
        Largest part first, those with next to none left out.
    rows
        Of both sides that were looked at.
    """

    change: Estimate
    inputs: Estimate | None
    relationship: Estimate | None
    overlap_ratio: float
    outside_ratio: float
    outside_mean: float | None
    outside: Segment | None
    columns: tuple[ColumnPart, ...]
    rows: int


def split_change(
    columns: Sequence[CodedColumn],
    values: Floats,
    is_current: Flags,
    *,
    clusters: Ints | None = None,
    seed: int = 0,
) -> ChangeSplit | None:
    """Return how much of a change is due to inputs; ``None`` with fewer than 200 rows on a side.

    The distribution that both sides share has the density ``p q / (p + q)``; the mean change of
    the quantity at equal inputs over it is estimated from what trees that saw other rows leave
    unexplained of the quantity and of the side, so that errors of the trees cancel out to first
    order.

    Parameters
    ----------
    values
        The quantity, shape (rows,): a loss, an error.
    is_current
        The side of each row, shape (rows,).
    clusters
        Rows of the same number depend on each other.

    Raises
    ------
    SettingsError
        If scikit-learn is not installed; the message names the extra.

    References
    ----------
    T. Cai, H. Namkoong, S. Yadlowsky (2023), Diagnosing model performance under distribution
    shift, arXiv:2303.02011 (the split, the shared distribution); P. M. Robinson (1988),
    Root-n-consistent semiparametric regression, Econometrica 56 (the estimate); F. Li, K. Morgan,
    A. Zaslavsky (2018), Balancing covariates via propensity score weighting, Journal of the
    American Statistical Association 113 (that its weights are those of the shared distribution).
    """
    rng = np.random.default_rng(seed)
    rows = _drawn(is_current, rng)
    if rows is None:
        return None
    now, own = is_current[rows], values[rows]
    coded = [column.only(rows) for column in columns]
    groups = None if clusters is None else clusters[rows]
    guessed = fit_nuisances(coded, own, now, clusters=groups, rng=rng)
    residual = _Residual.of(own, now, guessed)
    change, inputs, relationship = residual.split(own, now, groups)
    overlap = float(4.0 * np.mean(residual.side**2))
    shared = overlap >= _LEAST_OVERLAP
    outside = now & (guessed.is_current > OUTSIDE)
    ratio = float(outside.sum() / now.sum())
    return ChangeSplit(
        change=change,
        inputs=inputs if shared else None,
        relationship=relationship if shared else None,
        overlap_ratio=min(overlap, 1.0),
        outside_ratio=ratio,
        outside_mean=float(own[outside].mean()) if outside.any() else None,
        outside=_where(coded, outside, now, groups) if ratio >= _TOLD_OUTSIDE else None,
        columns=_columns(coded, own, now, residual),
        rows=len(rows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Residual:
    """What is left of the quantity and of the side when the inputs are known."""

    value: Floats
    side: Floats

    @classmethod
    def of(cls, values: Floats, now: Flags, guessed: Nuisances) -> _Residual:
        return cls(value=values - guessed.value, side=now.astype(np.float64) - guessed.is_current)

    def split(
        self, values: Floats, now: Flags, clusters: Ints | None
    ) -> tuple[Estimate, Estimate, Estimate]:
        """Return the change, and its parts due to inputs and relationship."""
        total = float(self.side @ self.side)
        relation = float(self.side @ self.value) / max(total, 1e-12)
        means = float(values[now].mean()), float(values[~now].mean())
        change = means[0] - means[1]
        # What each row adds to the error of either estimate.
        of_relation = self.side * (self.value - relation * self.side) / max(total, 1e-12)
        of_change = np.where(
            now, (values - means[0]) / now.sum(), -(values - means[1]) / (~now).sum()
        )
        return (
            Estimate.of(change, _variance(of_change, clusters)),
            Estimate.of(change - relation, _variance(of_change - of_relation, clusters)),
            Estimate.of(relation, _variance(of_relation, clusters)),
        )


def _variance(parts: Floats, clusters: Ints | None) -> float:
    if clusters is not None:
        groups = np.unique(clusters, return_inverse=True)[1]
        parts = np.bincount(groups, weights=parts).astype(np.float64)
    return float(parts @ parts)


def _drawn(now: Flags, rng: np.random.Generator) -> Ints | None:
    """Return as many rows of either side, as many as there are of the smaller."""
    sides = [np.flatnonzero(side) for side in (~now, now)]
    size = min(MOST_ROWS, *(len(side) for side in sides))
    if size < LEAST_ROWS:
        return None
    drawn: Ints = np.sort(np.concatenate([rng.choice(s, size, replace=False) for s in sides]))
    return drawn


def _where(
    columns: Sequence[CodedColumn], outside: Flags, now: Flags, clusters: Ints | None
) -> Segment | None:
    found = find_segments(
        [column.only(now) for column in columns],
        outside[now].astype(np.float64),
        clusters=None if clusters is None else clusters[now],
        most=1,
        most_conditions=2,
    )
    return found.segments[0] if found.segments else None


def _columns(
    columns: Sequence[CodedColumn], values: Floats, now: Flags, residual: _Residual
) -> tuple[ColumnPart, ...]:
    inputs = input_parts(columns, values, now)
    spreads = [_spread(column, residual) for column in columns]
    adjusted = holm(np.array([p for _, p in spreads]))
    parts = [
        ColumnPart(
            column=column.name,
            inputs=float(part),
            relationship=spread if p <= 0.05 else 0.0,
            p_value=float(p),
        )
        for column, part, (spread, _), p in zip(columns, inputs, spreads, adjusted, strict=True)
    ]
    parts.sort(key=lambda one: -max(abs(one.inputs), one.relationship))
    largest = max((max(abs(one.inputs), one.relationship) for one in parts), default=0.0)
    return tuple(
        one
        for one in parts
        if largest > 0.0 and max(abs(one.inputs), one.relationship) >= 0.02 * largest
    )


def _spread(column: CodedColumn, residual: _Residual) -> tuple[float, float]:
    """Return how unevenly the relation changed along a column, and the p-value (Cochran's Q)."""
    groups = grouped(column.codes)
    side, value = residual.side, residual.value
    weight = np.bincount(groups, weights=side * side)
    effect = np.bincount(groups, weights=side * value) / np.maximum(weight, 1e-12)
    left = side * (value - effect[groups] * side)
    error = np.bincount(groups, weights=left * left) / np.maximum(weight, 1e-12) ** 2
    kept = (weight > 10.0) & (error > 0.0)
    if kept.sum() < 2:
        return 0.0, 1.0
    precision = 1.0 / error[kept]
    mean = float(precision @ effect[kept] / precision.sum())
    q, freedom = float(precision @ (effect[kept] - mean) ** 2), int(kept.sum()) - 1
    share = weight[kept] / weight[kept].sum()
    about = float(share @ effect[kept])
    beyond = float(share @ (effect[kept] - about) ** 2 - share @ error[kept])
    return float(np.sqrt(max(beyond, 0.0))), float(chdtrc(freedom, q))
