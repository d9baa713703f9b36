"""The answer to one question: how large the change is, what makes it up, and where it is."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis import (
    ChangeSplit,
    CodedColumn,
    Estimate,
    GroupSums,
    MixSplit,
    Segment,
    find_segments,
    mean_change,
    split_by_mix,
    split_change,
)
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.explaining.question import Question, QuestionKind
from watchkeeper.pipeline.explaining.sides import ComparedRows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_ROWS = 100
_MOST_MIXES = 3
_MOST_GROUPS = 12
_SEGMENTS = 5
_MODEL = ("version", "variant")
"""What answered, by its name: a part of the relation between inputs and outcome, not an input."""


class NamedMix(msgspec.Struct, frozen=True, kw_only=True):
    """A change split by the groups of one column, of which the largest parts are told."""

    column: str
    split: MixSplit


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one quantity.

    Attributes
    ----------
    kind
        ``quality`` for the loss of labelled predictions, ``column`` for a column that moved,
        ``service`` for what the service did, ``business`` for a business metric.
    about, quantity
        The loss, the column or the objective; what was averaged.
    is_ratio
        Whether the quantity is a part of the rows, 0 to 1.
    rows, reference_rows
        With a known value.
    mean, reference_mean, change
        Of the quantity; the change with its interval.
    direction
        Which way segments were searched for.
    segments
        Where it happened, largest excess first. Empty if the change is spread evenly, or none.
    split
        Inputs or relationship; of a loss, and of what a feature contributed to the output.
    mixes
        By the columns whose mix adds most, and by version and variant.
    """

    kind: QuestionKind
    about: str
    quantity: str
    is_ratio: bool
    rows: int
    reference_rows: int
    mean: float
    reference_mean: float
    change: Estimate
    direction: str
    segments: tuple[Segment, ...]
    split: ChangeSplit | None
    mixes: tuple[NamedMix, ...]


def answer(
    question: Question,
    sides: ComparedRows,
    columns: list[CodedColumn],
    *,
    clocks: Collection[str] = (),
    threads: int | None = None,
) -> tuple[Finding | None, list[str]]:
    """Return what is found, and sentences on what cannot be said.

    Parameters
    ----------
    clocks
        Columns that only repeat the time: segments may be told by them, a shift of inputs not.
    """
    known = np.isfinite(question.values)
    now = sides.is_current
    rows, before = int((known & now).sum()), int((known & ~now).sum())
    if min(rows, before) < LEAST_ROWS:
        return None, [
            f"{question.quantity}: {rows:,} values now and {before:,} in the reference are too few"
            f" to say where it changed; {LEAST_ROWS} of each are needed."
        ]
    part = sides.only(known)
    values = question.values[known]
    coded = [one.only(known) for one in columns if one.name != question.left_out]
    said: list[str] = []
    split = None
    if question.follows_from_inputs:
        try:
            inputs = [one for one in coded if one.name not in (*clocks, *_MODEL)]
            split = split_change(inputs or coded, values, part.is_current, clusters=part.clusters)
        except SettingsError as error:
            said.append(f"Inputs or relationship: {error}.")
    sign = -1.0 if question.is_down else 1.0
    found = find_segments(
        coded,
        sign * values,
        part.is_current,
        clusters=part.clusters,
        most=_SEGMENTS,
        least_ratio=0.005,
        threads=threads,
    )
    finding = Finding(
        kind=question.kind,
        about=question.about,
        quantity=question.quantity,
        is_ratio=question.is_ratio,
        rows=rows,
        reference_rows=before,
        mean=float(values[part.is_current].mean()),
        reference_mean=float(values[~part.is_current].mean()),
        change=mean_change(values, part.is_current, part.clusters),
        direction="down" if question.is_down else "up",
        segments=tuple(_signed(one, sign) for one in found.segments),
        split=split,
        mixes=_mixes(coded, values, part.is_current),
    )
    return finding, said


def _signed(segment: Segment, sign: float) -> Segment:
    """Return a segment in the quantity's own sign."""
    if sign > 0.0:
        return segment
    low, high = segment.low, segment.high
    return msgspec.structs.replace(
        segment,
        mean=-segment.mean,
        expected=None if segment.expected is None else -segment.expected,
        change=None if segment.change is None else -segment.change,
        low=None if high is None else -high,
        high=None if low is None else -low,
        lift=None,
    )


def _mixes(columns: list[CodedColumn], values: Floats, now: Flags) -> tuple[NamedMix, ...]:
    """Return the splits by the categories whose mix adds most, version and variant always."""
    found = []
    for column in columns:
        if column.edges is not None:
            continue
        names = ["(null)", *column.values, *(["(rare values)"] if column.has_rest else [])]
        sums = [
            GroupSums.of(column.codes[side].astype(np.int64), values[side], len(names))
            for side in (~now, now)
        ]
        found.append(NamedMix(column=column.name, split=split_by_mix(names, *sums)))
    always = [one for one in found if one.column in _MODEL]
    others = [one for one in found if one not in always and one.split.mix.is_told]
    others.sort(key=lambda one: -abs(one.split.mix.value))
    return tuple(
        msgspec.structs.replace(
            one, split=msgspec.structs.replace(one.split, groups=one.split.groups[:_MOST_GROUPS])
        )
        for one in (*always, *others[:_MOST_MIXES])
    )
