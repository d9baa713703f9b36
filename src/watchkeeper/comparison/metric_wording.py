"""Metrics of both sides in words."""

from __future__ import annotations

from watchkeeper.metrics.quality import Gap, Measured, MetricFacts

_CHANGES = {"better": " is better", "worse": " is worse", "other": " changed"}


def of_metric(
    facts: MetricFacts,
    reference: Measured | None,
    current: Measured,
    between: Gap | None,
    change: str,
) -> str:
    """Return what a metric says of both sides."""
    if current.value is None:
        return f"{facts.label} cannot be said: {current.unsaid or ''}".rstrip()
    now = in_unit(current.value, facts.unit)
    if reference is None:
        return f"{facts.label}: {now}{_between(current.low, current.high, facts.unit)}"
    if between is None:
        reason = f" {reference.unsaid}" if reference.unsaid else ""
        return f"{facts.label}: {now}; the reference does not say it.{reason}"
    moved = difference_in_unit(between.difference, facts.unit)
    ends = ""
    if between.difference_low is not None and between.difference_high is not None:
        low = signed(between.difference_low, facts.unit)
        ends = f" ({low} to {signed(between.difference_high, facts.unit)})"
    before = in_unit(between.others, facts.unit)
    return f"{facts.label}{_CHANGES.get(change, '')}: {before} became {now}, {moved}{ends}"


def in_unit(value: float, unit: str) -> str:
    """Return a metric's value as people read it.

    Examples
    --------
    >>> in_unit(0.9123, "ratio"), in_unit(0.28456, "nats")
    ('91.2 %', '0.285')
    """
    return f"{100.0 * value:.3g} %" if unit == "ratio" else f"{value:,.3g}"


def difference_in_unit(value: float, unit: str) -> str:
    """Return a difference of a metric, with its sign.

    Examples
    --------
    >>> difference_in_unit(-0.0123, "ratio"), difference_in_unit(0.02, "nats")
    ('-1.2 points', '+0.02')
    """
    return f"{signed(value, unit)} points" if unit == "ratio" else signed(value, unit)


def signed(value: float, unit: str) -> str:
    """Return a difference without what it counts, which stands beside it."""
    return f"{100.0 * value:+.2g}" if unit == "ratio" else f"{value:+,.3g}"


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return ""
    return f" ({in_unit(low, unit)} to {in_unit(high, unit)})"
