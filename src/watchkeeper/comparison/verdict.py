"""From two profiles to a verdict: which columns drifted, and whether that can be chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from scipy.special import ndtri

from watchkeeper.comparison import wording
from watchkeeper.comparison.block import Pair, blocks_of
from watchkeeper.comparison.distances import distances_of
from watchkeeper.comparison.effect import NOTHING_SEEN, effects_of
from watchkeeper.comparison.quality import qualities_of
from watchkeeper.comparison.result import (
    ColumnComparison,
    ColumnEffect,
    ColumnQuality,
    Distances,
    Distribution,
    JointDrift,
    SegmentComparison,
    VectorComparison,
)
from watchkeeper.comparison.rule import Rule
from watchkeeper.comparison.tests import p_values, together
from watchkeeper.events import ColumnType
from watchkeeper.profiles import (
    FIRST,
    Bins,
    BucketProfile,
    ColumnProfile,
    NumberBins,
    bin_labels,
)
from watchkeeper.stats import holm

_JOINT_PART = 0.2
"""Of the accepted rate of false calls, what the joint test may use."""
_POWER = 0.8
_LARGE_SHIFT_SD = 1.0
"""A comparison that could have missed a shift of this size says nothing."""
_TESTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How strict a comparison is.

    Attributes
    ----------
    false_call_rate
        Accepted chance of a verdict of drift where there is none, over all columns, 0 to 1.
    least_effect
        Part of the rows that must have moved before a change matters, 0 to 1.
    rule
        A threshold on a distance that decides instead of the tests.
    """

    false_call_rate: float = 0.05
    least_effect: float = 0.02
    rule: Rule | None = None


@dataclass(slots=True, kw_only=True)
class Measured:
    """What was found of one column, before it is judged beside all others."""

    quality: ColumnQuality
    tests: dict[str, float] = field(default_factory=dict)
    effect: ColumnEffect = NOTHING_SEEN
    distances: Distances = field(default_factory=Distances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All columns judged together."""

    columns: dict[str, ColumnComparison]
    vectors: dict[str, VectorComparison]
    segments: tuple[SegmentComparison, ...]
    joint: JointDrift | None
    rows_needed: int | None


def judge(
    types: Mapping[str, ColumnType],
    bins: Mapping[str, Bins],
    reference: BucketProfile,
    current: BucketProfile,
    settings: Settings,
    joint: JointDrift | None = None,
    vectors: Mapping[str, VectorComparison] | None = None,
    missing: Collection[str] = (),
) -> Judged:
    """Judge every column, of all rows and of each segment, and all columns jointly.

    Parameters
    ----------
    types
        Profiled columns in their order; all have bins, and a profile on both sides.
    joint, vectors
        The classifiers' findings, not adjusted yet.
    missing
        Columns that the current side does not have: that is a fact, whatever the tests say.

    Notes
    -----
    The chance of any wrong call is at most the accepted rate: one fifth of it is the joint test's,
    four fifths are all columns' (Holm 1979).
    """
    pairs = list(_pairs(types, bins, reference, current))
    found = _measured(pairs)
    plain = [together(one.tests) for one in found]
    part = 1.0 - (_JOINT_PART if joint is not None else 0.0)
    vectors = vectors or {}
    of_vectors = [one.p_value for one in vectors.values()]
    hypotheses = len(pairs) + len(vectors)
    adjusted = _adjusted([*plain, *of_vectors], part)
    columns: dict[str, dict[str, ColumnComparison]] = {"": {}}
    needed = rows_needed(reference.rows, current.rows, settings, hypotheses)
    for pair, one, p, q in zip(pairs, found, plain, adjusted[: len(pairs)], strict=True):
        columns.setdefault(pair.segment, {})[pair.column] = _column(
            pair, one, p, q, settings, hypotheses, missing=pair.column in missing
        )
    if joint is not None:
        joint = _joint(joint, settings)
    return Judged(
        columns=columns.pop(""),
        vectors={
            name: _vectors(name, one, q or 0.0, settings, too_few=needed is not None)
            for (name, one), q in zip(vectors.items(), adjusted[len(pairs) :], strict=True)
        },
        segments=tuple(_segment(name, own, reference, current) for name, own in columns.items()),
        joint=joint,
        rows_needed=needed,
    )


def _measured(pairs: Sequence[Pair]) -> list[Measured]:
    found = [Measured(quality=quality) for quality in qualities_of(pairs)]
    for block in blocks_of(pairs):
        for place, tests, effect, distances in zip(
            block.at, p_values(block), effects_of(block), distances_of(block), strict=True
        ):
            found[place].tests = tests
            found[place].effect = effect
            found[place].distances = distances
    return found


def rows_needed(first: int, second: int, settings: Settings, columns: int) -> int | None:
    """Return how many rows each side should have, ``None`` when these are enough.

    Enough is what shows a shift by one standard deviation, in one column of all, in four cases of
    five.
    """
    level = settings.false_call_rate * (1 - _JOINT_PART) / max(columns * _TESTS, 1)
    wanted = (_LARGE_SHIFT_SD / float(ndtri(1 - level / 2) + ndtri(_POWER))) ** 2
    if first and second and 1.0 / first + 1.0 / second <= wanted:
        return None
    return math.ceil(2.0 / wanted)


def _pairs(
    types: Mapping[str, ColumnType],
    bins: Mapping[str, Bins],
    reference: BucketProfile,
    current: BucketProfile,
) -> Sequence[Pair]:
    sides = [("", reference.columns, current.columns)]
    common = [name for name in reference.segments if name in current.segments]
    common.sort(key=lambda name: -_rows(reference.segments[name]))
    sides += [(name, reference.segments[name], current.segments[name]) for name in common]
    labels = {name: bin_labels(bins[name]) for name in types}
    return [
        Pair(
            column=name,
            segment=segment,
            type=kind,
            bins=bins[name],
            labels=labels[name],
            reference=first[name],
            current=second[name],
        )
        for segment, first, second in sides
        for name, kind in types.items()
    ]


def _rows(columns: Mapping[str, ColumnProfile]) -> int:
    return max((column.rows for column in columns.values()), default=0)


def _adjusted(p_values_: Sequence[float | None], part: float) -> list[float | None]:
    known = [place for place, p in enumerate(p_values_) if p is not None]
    values = holm(np.array([p_values_[place] for place in known], dtype=np.float64)) / part
    adjusted: list[float | None] = [None] * len(p_values_)
    for place, value in zip(known, values.tolist(), strict=True):
        adjusted[place] = min(1.0, value)
    return adjusted


def _column(
    pair: Pair,
    found: Measured,
    p: float | None,
    adjusted: float | None,
    settings: Settings,
    hypotheses: int,
    *,
    missing: bool,
) -> ColumnComparison:
    effect, distances, quality = found.effect, found.distances, found.quality
    if missing:
        drifted = True
    elif settings.rule is not None:
        drifted = settings.rule.broken_by(distances)
    else:
        significant = adjusted is not None and adjusted <= settings.false_call_rate
        drifted = significant and effect.moved_ratio >= settings.least_effect
    too_few = rows_needed(pair.reference.rows, pair.current.rows, settings, hypotheses) is not None
    inconclusive = not drifted and too_few
    return ColumnComparison(
        type=pair.type,
        drifted=drifted,
        inconclusive=inconclusive,
        p_value=p,
        adjusted_p_value=adjusted,
        tests=found.tests,
        rule=_rule(settings, missing=missing),
        effect=effect,
        distances=distances,
        quality=quality,
        distribution=_distribution(pair),
        message=wording.of_column(
            pair.column,
            effect,
            quality,
            drifted=drifted,
            inconclusive=inconclusive,
            significant=adjusted is not None and adjusted <= settings.false_call_rate,
            rule=settings.rule,
            missing=missing,
        ),
    )


def _rule(settings: Settings, *, missing: bool) -> str:
    if missing:
        return "missing"
    return "test" if settings.rule is None else str(settings.rule)


def _distribution(pair: Pair) -> Distribution:
    return Distribution(
        labels=tuple(pair.labels[FIRST:]),
        edges=pair.bins.edges if isinstance(pair.bins, NumberBins) else None,
        reference=tuple(pair.reference.counts[FIRST:].tolist()),
        current=tuple(pair.current.counts[FIRST:].tolist()),
    )


def _joint(joint: JointDrift, settings: Settings) -> JointDrift:
    adjusted = min(1.0, joint.p_value / _JOINT_PART)
    # An AUC of 0.5 + a/2 belongs to samples of which a part of about a is told apart.
    matters = 2.0 * joint.auc - 1.0 >= settings.least_effect
    drifted = settings.rule is None and adjusted <= settings.false_call_rate and matters
    return msgspec.structs.replace(joint, drifted=drifted, adjusted_p_value=adjusted)


def _vectors(
    name: str, found: VectorComparison, adjusted: float, settings: Settings, *, too_few: bool
) -> VectorComparison:
    matters = 2.0 * found.auc - 1.0 >= settings.least_effect
    drifted = settings.rule is None and adjusted <= settings.false_call_rate and matters
    return msgspec.structs.replace(
        found,
        drifted=drifted,
        inconclusive=too_few and not drifted,
        adjusted_p_value=adjusted,
        message=wording.of_vectors(name, found, drifted=drifted, inconclusive=too_few),
    )


def _segment(
    name: str,
    columns: dict[str, ColumnComparison],
    reference: BucketProfile,
    current: BucketProfile,
) -> SegmentComparison:
    drifted = any(column.drifted for column in columns.values())
    return SegmentComparison(
        segment=name,
        reference_rows=_rows(reference.segments[name]),
        current_rows=_rows(current.segments[name]),
        drifted=drifted,
        inconclusive=not drifted and any(column.inconclusive for column in columns.values()),
        columns=columns,
    )
