"""The few metrics of a task that a person looks at first."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.pipeline.metric_values import MetricInfo, MetricValue
from watchkeeper.report.wording import NOTHING, number

_FIRST = (
    "cost",
    "roc_auc",
    "pr_auc",
    "accuracy",
    "f_beta",
    "macro_f_beta",
    "micro_f_beta",
    "hamming_loss",
    "brier",
    "log_loss",
    "mae",
    "rmse",
    "r2",
    "bias",
)
_MOST = 6


def main_metrics(metrics: Sequence[MetricInfo]) -> list[MetricInfo]:
    """Return up to six metrics, the owner's cost first; of a short list all.

    Examples
    --------
    >>> info = MetricInfo(name="mcc", label="MCC", unit="score", higher_is_better=True)
    >>> [one.name for one in main_metrics([info])]
    ['mcc']
    """
    if len(metrics) <= _MOST:
        return list(metrics)
    known = {one.name: one for one in metrics}
    return [known[name] for name in _FIRST if name in known][:_MOST]


def value_of(metrics: Sequence[MetricValue], name: str) -> MetricValue | None:
    """Return a metric by its name, ``None`` where it could not be said."""
    return next((one for one in metrics if one.name == name), None)


def value_text(one: MetricValue | None) -> str:
    """Write a metric's value."""
    return NOTHING if one is None else number(one.value)


def interval_text(one: MetricValue | None) -> str:
    """Write its interval, nothing where it is not known.

    Examples
    --------
    >>> interval_text(MetricValue(name="mae", value=2.0, low=1.5, high=2.5, rows=9))
    '1.5 to 2.5'
    """
    if one is None or one.low is None or one.high is None:
        return ""
    return f"{number(one.low)} to {number(one.high)}"
