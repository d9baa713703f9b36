"""The metrics of both sides as cells of text, the same in every form."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.comparison import (
    MetricComparison,
    PerformanceComparison,
    difference_in_unit,
    in_unit,
    worse_first,
)
from watchkeeper.metrics.quality import Measured
from watchkeeper.report.comparison.verdict import chance
from watchkeeper.report.wording import NOTHING

HEADS = ("Metric", "Verdict", "Reference", "Current", "Difference", "Adj. p")

_WORDS = {"worse": "worse", "better": "better", "other": "changed", "none": "as before"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One metric in words; ``name`` is its key."""

    name: str
    change: str
    cells: tuple[str, str, str, str, str, str]


def metric_rows(performance: PerformanceComparison) -> list[MetricRow]:
    """Return a row for each metric that either side can say, those that got worse first."""
    return [
        MetricRow(name=key, change=one.change, cells=_cells(one))
        for key, one in worse_first(performance.metrics)
        if one.current.value is not None or (one.reference and one.reference.value is not None)
    ]


def sentences(performance: PerformanceComparison) -> tuple[str, ...]:
    """Return what makes up the change, and what cannot be known, in sentences."""
    found = () if performance.loss is None else performance.loss.conclusions
    gaps = tuple(
        f"{one.column} = {one.group}: {one.metric} {in_unit(one.value, 'ratio')} against"
        f" {in_unit(one.others, 'ratio')} of the others."
        if one.metric not in {"mae", "bias"}
        else f"{one.column} = {one.group}: {one.metric} {one.value:.3g} against {one.others:.3g}"
        " of the others."
        for one in performance.gaps
        if one.gap.is_told
    )
    return (*found, *gaps, *performance.said)


def _cells(one: MetricComparison) -> tuple[str, str, str, str, str, str]:
    return (
        one.label,
        _WORDS.get(one.change, NOTHING),
        _side(one.reference, one.unit),
        _side(one.current, one.unit),
        _difference(one),
        chance(one.adjusted_p_value),
    )


def _difference(one: MetricComparison) -> str:
    found = one.difference
    if found is None:
        return NOTHING
    value = difference_in_unit(found.value, one.unit)
    if found.low is None or found.high is None:
        return value
    ends = (difference_in_unit(end, one.unit) for end in (found.low, found.high))
    low, high = (end.removesuffix(" points") for end in ends)
    return f"{value} ({low} to {high})"


def _side(side: Measured | None, unit: str) -> str:
    if side is None or side.value is None:
        return NOTHING
    if side.low is None or side.high is None:
        return in_unit(side.value, unit)
    low, high = (in_unit(end, unit).removesuffix(" %") for end in (side.low, side.high))
    return f"{in_unit(side.value, unit)} ({low} to {high})"
