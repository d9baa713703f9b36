"""The days of watched business metrics, each as it was judged, beside what was expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.answer import BusinessWatch
from watchkeeper.pipeline.business.metric_watch import MetricWatch, metric_watch, watched_metrics
from watchkeeper.pipeline.business.standing import standing_of
from watchkeeper.pipeline.business.wording import unit_of
from watchkeeper.pipeline.opened import newest_baseline
from watchkeeper.store import Store
from watchkeeper.watch import JudgedDay


class MetricCourse(msgspec.Struct, frozen=True, kw_only=True):
    """The days of one metric.

    Attributes
    ----------
    is_share
        Whether values are parts of a whole, 0 to 1.
    watch
        How it stands.
    starts, value, expected
        One for each day that says something; ``expected`` is what its season lets expect.
    """

    name: str
    unit: str | None
    is_share: bool
    watch: BusinessWatch
    starts: tuple[datetime, ...]
    value: tuple[float, ...]
    expected: tuple[float, ...]


class BusinessCourse(msgspec.Struct, frozen=True, kw_only=True):
    """The days of a model's watched business metrics, as they are kept."""

    model: str
    metrics: tuple[MetricCourse, ...]


def business_course(
    store: Store, model: str, *, start: datetime | None, end: datetime | None
) -> BusinessCourse:
    """Return the days with ``start <= start of the day < end``, of the reference too.

    Nothing is computed anew: it takes no longer the more records there are.

    Raises
    ------
    DataError
        If the store has no such model.
    """
    metrics = watched_metrics(store, model)
    baseline = newest_baseline(store, model)
    found = []
    for metric in metrics:
        seen = None
        if baseline is not None:
            seen = metric_watch(store, model, metric, baseline, metrics=len(metrics))
        standing = standing_of(store, model, metric)
        assert standing is not None
        days = [] if seen is None else [*_days(seen, start, end)]
        found.append(_course(metric, standing, days))
    return BusinessCourse(model=model, metrics=tuple(found))


def _days(seen: MetricWatch, start: datetime | None, end: datetime | None) -> Iterator[JudgedDay]:
    if seen.usual is None:
        return
    for one in seen.usual.judged(seen.days):
        at = datetime.fromtimestamp(one.day.start, UTC)
        if (start is None or at >= start) and (end is None or at < end):
            yield one


def _course(metric: BusinessMetric, standing: BusinessWatch, days: list[JudgedDay]) -> MetricCourse:
    unit = unit_of(metric)
    return MetricCourse(
        name=metric.name,
        unit=unit,
        is_share=unit is None and metric.ready is not None,
        watch=standing,
        starts=tuple(datetime.fromtimestamp(one.day.start, UTC) for one in days),
        value=tuple(one.day.value for one in days),
        expected=tuple(one.expected for one in days),
    )
