"""A business metric's change in the units that its owner cares about."""

from __future__ import annotations

from datetime import UTC, datetime

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.watch import DayShift


def unit_of(metric: BusinessMetric) -> str | None:
    """Return the unit of a metric's ratio."""
    if metric.unit is None and metric.ready is not None:
        return READY_MADE[metric.ready].unit
    return metric.unit


def counts_of(metric: BusinessMetric) -> str | None:
    """Return what a metric's numerator counts."""
    if metric.counts is None and metric.ready is not None:
        return READY_MADE[metric.ready].counts
    return metric.counts


def value_text(metric: BusinessMetric, value: float) -> str:
    """Return a value with its unit; a share without one in per cent."""
    unit = unit_of(metric)
    if unit is None and metric.ready is not None:
        return f"{100 * value:.3g}%"
    return f"{value:.3g}" if unit is None else f"{value:.3g} {unit}"


def fallen_text(metric: BusinessMetric, shift: DayShift) -> str:
    """Return that a metric is worse: from what to what, since when, and what that comes to."""
    return f"{changed_text(metric, shift)}, {_days_text(shift)}.{_missing_text(metric, shift)}"


def changed_text(metric: BusinessMetric, shift: DayShift) -> str:
    """Return from what to what a metric has moved, and since when."""
    lasting, past = ("has fallen", "fell") if shift.is_lower else ("has risen", "rose")
    change, span = "", f"since {_date(shift.since)}"
    if shift.expected > 0.0:
        change = f" ({100 * (shift.value / shift.expected - 1.0):+.2g}%)"
    if shift.ended is not None:
        lasting, span = past, f"from {_date(shift.since)} to before {_date(shift.ended)}"
    return (
        f"{metric.name} {lasting} from {_number(metric, shift.expected)} to"
        f" {value_text(metric, shift.value)}{change} {span}"
    )


def _days_text(shift: DayShift) -> str:
    days = "one day" if shift.days == 1 else f"{shift.days} days"
    return f"over {days} of {shift.entities:,} entities each"


def _missing_text(metric: BusinessMetric, shift: DayShift) -> str:
    counts = counts_of(metric)
    if counts is None:
        return ""
    verb, lets = ("is", "lets") if shift.ended is None else ("was", "let")
    where = "below" if shift.missing > 0 else "above"
    size = f"{abs(shift.missing):,.3g}"
    return f" That {verb} {size} {counts} a day {where} what its season {lets} expect."


def _number(metric: BusinessMetric, value: float) -> str:
    return value_text(metric, value).partition(" ")[0]


def _date(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
