"""Checks of metrics, decided by what a comparison measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from watchkeeper.checks import Check, CheckResult, Metric
from watchkeeper.comparison import (
    MetricComparison,
    PerformanceComparison,
    difference_in_unit,
    in_unit,
)
from watchkeeper.errors import SettingsError, nearest
from watchkeeper.metrics.quality import METRICS


def metrics_checked(checks: Sequence[Check], *, has_labels: bool) -> tuple[str, ...]:
    """Return the metrics that checks are about.

    Raises
    ------
    SettingsError
        If there is no such metric, or no label was named.
    """
    names = [check.metric for check in checks if isinstance(check, Metric)]
    for name in names:
        if name not in METRICS:
            raise SettingsError(f"check of metric {name!r}: unknown.{nearest(name, METRICS)}")
    if names and not has_labels:
        raise SettingsError(
            f"A check of metric {names[0]!r} needs labels: name the columns of prediction and label"
            " with output and label (--output, --label)."
        )
    return tuple(dict.fromkeys(names))


def with_metric_checks(
    results: Sequence[CheckResult], checks: Sequence[Check], found: PerformanceComparison | None
) -> tuple[CheckResult, ...]:
    """Return results with those of checks of metrics decided; both in the same order."""
    return tuple(
        _decided(result, check, found)
        if isinstance(check, Metric) and found is not None
        else result
        for result, check in zip(results, checks, strict=True)
    )


def _decided(result: CheckResult, check: Metric, found: PerformanceComparison) -> CheckResult:
    metric = found.metrics.get(check.metric)
    if metric is None or metric.current.value is None:
        reason = f"{check.metric} is not said of these predictions."
        if metric is not None and metric.current.unsaid:
            reason = metric.current.unsaid
        return msgspec.structs.replace(result, passed=None, message=reason)
    passed = _within(check, metric)
    return msgspec.structs.replace(
        result, passed=passed, rows=metric.current.rows, message=_message(check, metric, passed)
    )


def _within(check: Metric, metric: MetricComparison) -> bool | None:
    value = metric.current.value
    assert value is not None
    if check.minimum is not None and value < check.minimum:
        return False
    if check.maximum is not None and value > check.maximum:
        return False
    if check.worse_by is None:
        return True
    if metric.difference is None:
        return None
    fall = metric.difference.value if metric.better == "lower" else -metric.difference.value
    return (abs(fall) if metric.better == "neither" else fall) <= check.worse_by


def _message(check: Metric, metric: MetricComparison, passed: bool | None) -> str:
    if passed is None:
        return f"The reference does not say {metric.label}, so a change cannot be told."
    limits = [
        f"at {end} {in_unit(limit, metric.unit)}"
        for end, limit in (("least", check.minimum), ("most", check.maximum))
        if limit is not None
    ]
    if check.worse_by is not None:
        worse = difference_in_unit(check.worse_by, metric.unit).lstrip("+")
        limits.append(f"worse by at most {worse}")
    return f"{metric.message}; allowed: {' and '.join(limits)}."
