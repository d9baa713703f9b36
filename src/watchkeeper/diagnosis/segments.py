"""The segments that carry a change, each with its size, its loss, and what proves it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import CodedColumn
from watchkeeper.diagnosis.conditions import Condition, condition_of, text_of
from watchkeeper.diagnosis.held_out import HeldOut
from watchkeeper.diagnosis.literals import Literal
from watchkeeper.diagnosis.segment_search import Candidate, rescored, search_segments
from watchkeeper.diagnosis.sharpening import sharpened
from watchkeeper.diagnosis.tallies import Rows
from watchkeeper.errors import UsageError
from watchkeeper.stats import holm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

LEVEL = 0.05
_LEAST_ROWS = 40
_MOST_HELD_OUT = 200_000


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that changed more than the rest, found by search and confirmed on rows set aside.

    Attributes
    ----------
    text
        The conditions as one text.
    rows, ratio
        Its current rows, and their part of all current rows.
    mean, expected
        Of the quantity over its current rows, and over its reference's; without a reference, over
        the current rows outside it. By the rows set aside alone, as all that follows. ``None`` if
        the reference has no such rows.
    change, low, high
        ``mean - expected``, with its interval at 95 %.
    lift
        ``mean`` over the mean of all current rows; ``None`` if that is not above 0.
    share
        Its part of the whole change of the quantity's sum, 1 for all of it, more if other rows
        changed the other way; without a reference, its part of the sum. ``None`` where the whole
        cannot be told from 0.
    p_value
        Of its having changed no more than other rows, by the rows set aside, corrected for the
        number of segments (Holm).
    """

    conditions: tuple[Condition, ...]
    text: str
    rows: int
    ratio: float
    mean: float
    expected: float | None
    change: float | None
    low: float | None
    high: float | None
    lift: float | None
    share: float | None
    p_value: float


class SegmentFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found.

    Attributes
    ----------
    segments
        Largest excess first; none is a near-duplicate of one before it.
    rows, reference_rows
        Of each side.
    mean, reference_mean
        Of the quantity over all rows of each side; ``None`` without a reference.
    least_rows
        Current rows of the smallest segment looked for.
    """

    segments: tuple[Segment, ...]
    rows: int
    reference_rows: int
    mean: float
    reference_mean: float | None
    least_rows: int


def find_segments(
    columns: Sequence[CodedColumn],
    values: Floats,
    is_current: Flags | None = None,
    *,
    clusters: Ints | None = None,
    most: int = 5,
    most_conditions: int = 3,
    least_ratio: float = 0.002,
    seed: int = 0,
    threads: int | None = None,
) -> SegmentFindings:
    """Return the smallest segments whose rows carry an increase of a quantity.

    Half of the rows, 200,000 at most, are set aside before the search and judge what it finds, so
    intervals and p-values are honest although very many segments were looked at. What is found
    after the first must stand out among the rows outside those before it.

    Parameters
    ----------
    values
        The quantity, shape (rows,), finite: a loss, an error, the value of a column. For a
        decrease give it with the other sign.
    is_current
        Which rows are the current ones, shape (rows,); the others are the reference's. ``None``:
        there is no reference, and segments are held against the mean of all rows.
    clusters
        Rows of the same number depend on each other, for example those of one entity.
    most, most_conditions
        Segments to find, and conditions of each, 1 to 3.
    least_ratio
        Part of the current rows that the smallest segment has; never fewer than 40 of those
        searched.

    Examples
    --------
    >>> from watchkeeper.diagnosis import code_categories
    >>> carrier = code_categories("carrier", np.arange(20_000) % 10, [*"ABCDEFGHIJ"])
    >>> error = (np.arange(20_000) % 97 < 9) | (np.arange(20_000) % 10 == 3)
    >>> find_segments([carrier], error.astype(float)).segments[0].text
    'carrier = D'
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    now = np.ones(len(values), dtype=np.bool_) if is_current is None else np.asarray(is_current)
    _check(columns, values, now)
    rng = np.random.default_rng(seed)
    aside = _set_aside(len(values), clusters, rng)
    searched = np.flatnonzero(~aside).astype(np.int32)
    rows = Rows(current=searched[now[searched]], reference=searched[~now[searched]])
    least = max(least_ratio * len(rows.current), _LEAST_ROWS)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        found = search_segments(
            columns,
            values,
            rows,
            least_rows=least,
            most_conditions=most_conditions,
            pool=pool,
        )
    chosen = _distinct(columns, values, rows, found, most=most, least_rows=least)
    columns = [*columns]
    chosen = [sharpened(columns, values, rows.current, one) for one in chosen]
    place = np.flatnonzero(aside)
    judge = _Judge(
        columns=columns,
        is_current=now,
        aside=aside,
        held_out=HeldOut(
            values=values[place],
            is_current=now[place],
            clusters=None if clusters is None else clusters[place],
        ),
    )
    return SegmentFindings(
        segments=judge.confirmed(chosen),
        rows=int(now.sum()),
        reference_rows=int((~now).sum()),
        mean=float(values[now].mean()),
        reference_mean=None if now.all() else float(values[~now].mean()),
        least_rows=int(np.ceil(least * len(values) / max(len(searched), 1))),
    )


def _check(columns: Sequence[CodedColumn], values: Floats, now: Flags) -> None:
    sizes = {len(one.codes) for one in columns} | {len(values), len(now)}
    if len(sizes) != 1 or not columns:
        raise UsageError(
            f"Expected one or more columns of as many rows as the quantity has, got {len(columns)}"
            f" columns and {sorted(sizes)} rows. Code every column over all rows."
        )
    if not now.any() or not np.isfinite(values).all():
        raise UsageError(
            "Expected current rows and a finite quantity. Leave rows out where it is not known."
        )


def _set_aside(rows: int, clusters: Ints | None, rng: np.random.Generator) -> Flags:
    """Return which rows judge: about half, whole clusters, 200,000 or so at most."""
    part = min(0.5, _MOST_HELD_OUT / rows)
    if clusters is None:
        return rng.random(rows, dtype=np.float32) < part
    names, of = np.unique(clusters, return_inverse=True)
    aside: Flags = (rng.random(len(names)) < part)[of]
    return aside


def _distinct(
    columns: Sequence[CodedColumn],
    values: Floats,
    rows: Rows,
    found: Sequence[Candidate],
    *,
    most: int,
    least_rows: float,
) -> list[Candidate]:
    """Return the best, then what is best among the rows outside those before, and so on."""
    chosen: list[Candidate] = []
    while found and len(chosen) < most:
        best = max(found, key=lambda one: one.gain)
        if best.gain <= 0.0:
            break
        chosen.append(best)
        if len(chosen) == most:
            break
        inside = _mask(columns, best.literals)
        rows = Rows(
            current=rows.current[~inside[rows.current]],
            reference=rows.reference[~inside[rows.reference]],
        )
        if not len(rows.current):
            break
        found = rescored(columns, values, rows, found, least_rows=least_rows)
    return chosen


def _mask(columns: Sequence[CodedColumn], literals: Sequence[Literal]) -> Flags:
    inside = np.ones(len(columns[0].codes), dtype=np.bool_)
    for one in literals:
        codes = columns[one.place].codes
        inside &= (codes - np.uint8(one.low)) <= np.uint8(one.high - one.low)
    return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    columns: Sequence[CodedColumn]
    is_current: Flags
    aside: Flags
    held_out: HeldOut

    def confirmed(self, chosen: Sequence[Candidate]) -> tuple[Segment, ...]:
        """Return what the rows set aside confirm."""
        masks = [_mask(self.columns, one.literals) for one in chosen]
        among = np.ones(len(self.held_out.values), dtype=np.bool_)
        beyond = []
        for mask in masks:
            within = mask[self.aside]
            beyond.append(self.held_out.beyond(within, among))
            among = among & ~within
        adjusted = holm(np.array([one.p_value for one in beyond])) if beyond else np.zeros(0)
        return tuple(
            self._segment(one, mask, float(p))
            for one, mask, p in zip(chosen, masks, adjusted, strict=True)
            if p <= LEVEL
        )

    def _segment(self, one: Candidate, mask: Flags, p_value: float) -> Segment:
        conditions = tuple(condition_of(self.columns[x.place], x.low, x.high) for x in one.literals)
        within, now = mask[self.aside], self.held_out.is_current
        if now.all():
            before = self.held_out.mean(~within)
            change = self.held_out.beyond(within, np.ones(len(within), dtype=np.bool_))
        else:
            before = self.held_out.mean(within & ~now)
            change = self.held_out.change(within)
        mean = self.held_out.mean(within & now).value
        overall = self.held_out.mean(now).value
        rows = int((mask & self.is_current).sum())
        is_known = before.rows > 0
        return Segment(
            conditions=conditions,
            text=text_of(conditions),
            rows=rows,
            ratio=rows / int(self.is_current.sum()),
            mean=mean,
            expected=before.value if is_known else None,
            change=change.value if is_known else None,
            low=change.low if np.isfinite(change.low) else None,
            high=change.high if np.isfinite(change.high) else None,
            lift=mean / overall if overall > 0.0 else None,
            share=self._share(within),
            p_value=p_value,
        )

    def _share(self, within: Flags) -> float | None:
        """Return a segment's part of the whole, by the rows set aside."""
        values, now = self.held_out.values, self.held_out.is_current
        if now.all():
            total = float(values.sum())
            return float(values[within].sum()) / total if total > 0.0 else None
        whole = self.held_out.change(np.ones(len(within), dtype=np.bool_))
        if not (whole.low > 0.0 or whole.high < 0.0) or not (within & ~now).any():
            return None
        part = self.held_out.change(within)
        ratio = float((within & now).sum()) / float(now.sum())
        return ratio * part.value / whole.value
