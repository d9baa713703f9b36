"""A segment as it is told, and what rows that were set aside say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import CodedColumn
from watchkeeper.diagnosis.conditions import Condition, condition_of, text_of
from watchkeeper.diagnosis.held_out import HeldOut
from watchkeeper.diagnosis.literals import Literal
from watchkeeper.diagnosis.segment_search import Candidate
from watchkeeper.stats import holm

Flags = NDArray[np.bool_]

LEVEL = 0.05


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges what a search found.

    Attributes
    ----------
    is_current, aside
        Which of all rows are current, and which were set aside; shape (rows,).
    held_out
        The rows set aside, in their order.
    """

    columns: Sequence[CodedColumn]
    is_current: Flags
    aside: Flags
    held_out: HeldOut

    def confirmed(self, chosen: Sequence[Candidate]) -> tuple[Segment, ...]:
        """Return what the rows set aside confirm."""
        masks = [rows_within(self.columns, one.literals) for one in chosen]
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


def rows_within(columns: Sequence[CodedColumn], literals: Sequence[Literal]) -> Flags:
    """Return which rows are in a segment, shape (rows,)."""
    inside = np.ones(len(columns[0].codes), dtype=np.bool_)
    for one in literals:
        codes = columns[one.place].codes
        inside &= (codes - np.uint8(one.low)) <= np.uint8(one.high - one.low)
    return inside
