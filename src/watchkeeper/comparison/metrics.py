"""Metrics of both sides held against each other: what changed, and whether that can be chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from watchkeeper.comparison.metric_wording import of_metric
from watchkeeper.comparison.performance import MetricChange, MetricComparison
from watchkeeper.diagnosis import Estimate
from watchkeeper.metrics.quality import METRICS, Gap, Measured, MetricFacts, gap
from watchkeeper.stats import Z_95, holm

_AUC = "roc_auc"


def compare_metrics(
    reference: Sequence[Measured] | None,
    current: Sequence[Measured],
    *,
    false_call_rate: float = 0.05,
    least_effect: float = 0.02,
) -> dict[str, MetricComparison]:
    """Compare the metrics of two sides, of which no row is on both.

    A metric is better or worse when two things hold. Its difference is no chance: by the interval
    of the difference, made of those of both sides, with the chance of any wrong call over all
    metrics at most ``false_call_rate`` (Holm). And it matters: a ratio moved by ``least_effect``
    or more, an area under the ROC curve by half of that (as much as if that part of the rows were
    told apart), anything else by that part of what it was.

    Parameters
    ----------
    reference
        The same metrics in the same order, or nothing.
    false_call_rate
        Accepted chance of calling any metric better or worse where nothing changed, 0 to 1.
    least_effect
        See above; 0 to 1.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17; G. Y. Zou, A. Donner (2008), Construction of confidence limits about
    effect measures, Statistics in Medicine 27; S. Holm (1979), A simple sequentially rejective
    multiple test procedure, Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> before = Measured(name="accuracy", value=0.9, low=0.89, high=0.91, rows=4_000)
    >>> now = Measured(name="accuracy", value=0.85, low=0.84, high=0.86, rows=4_000)
    >>> compare_metrics([before], [now])["accuracy"].message
    'accuracy is worse: 90 % became 85 %, -5 points (-6.4 to -3.6)'
    """
    before: Sequence[Measured | None] = [None] * len(current) if reference is None else reference
    gaps = [_gap(first, second) for first, second in zip(before, current, strict=True)]
    plain = [_p_value(one) for one in gaps]
    adjusted = _adjusted(plain)
    found: dict[str, MetricComparison] = {}
    for first, second, between, p, q in zip(before, current, gaps, plain, adjusted, strict=True):
        facts = METRICS[second.name]
        change: MetricChange = "unknown" if between is None else "none"
        if between is not None and q is not None and q <= false_call_rate:
            change = _change(between, facts, least_effect)
        found[second.name] = MetricComparison(
            label=facts.label,
            unit=facts.unit,
            better=facts.better,
            reference=first,
            current=second,
            difference=None if between is None else _difference(between),
            p_value=p,
            adjusted_p_value=q,
            change=change,
            message=of_metric(facts, first, second, between, change),
        )
    return found


def worse_first(
    metrics: Mapping[str, MetricComparison],
) -> list[tuple[str, MetricComparison]]:
    """Return metrics that got worse, then the others, both in their order."""
    return sorted(metrics.items(), key=lambda item: item[1].change != "worse")


def _gap(first: Measured | None, second: Measured) -> Gap | None:
    return None if first is None else gap("current", second, first)


def _difference(between: Gap) -> Estimate:
    return Estimate(
        value=between.difference, low=between.difference_low, high=between.difference_high
    )


def _p_value(between: Gap | None) -> float | None:
    """Return twice the chance of a difference this large: below 0.05 if the interval excludes 0."""
    if between is None:
        return None
    value = between.difference
    end = between.difference_low if value > 0 else between.difference_high
    if end is None:
        return None
    reach = abs(value - end)
    if reach <= 0.0:
        return 1.0 if value == 0.0 else 0.0
    return 2.0 * float(ndtr(-abs(value) / reach * Z_95))


def _adjusted(plain: Sequence[float | None]) -> list[float | None]:
    known = [place for place, p in enumerate(plain) if p is not None]
    values = holm(np.array([plain[place] for place in known], dtype=np.float64))
    adjusted: list[float | None] = [None] * len(plain)
    for place, value in zip(known, values.tolist(), strict=True):
        adjusted[place] = min(1.0, value)
    return adjusted


def _change(between: Gap, facts: MetricFacts, least_effect: float) -> MetricChange:
    size = abs(between.difference)
    if facts.unit == "ratio":
        needed = least_effect / 2 if between.metric == _AUC else least_effect
    else:
        needed = least_effect * abs(between.others)
    if size < needed or math.isclose(size, 0.0):
        return "none"
    if facts.higher_is_better is None:
        return "other"
    return "better" if (between.difference > 0) == facts.higher_is_better else "worse"
