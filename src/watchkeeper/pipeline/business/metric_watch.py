"""Business metrics held against the days of a baseline's reference."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.day_ratio import WAITS, kinds_of, measured_day, usual_wait
from watchkeeper.pipeline.opened import OpenBaseline
from watchkeeper.store import DAY, Store
from watchkeeper.watch import (
    BUSINESS_SHARE,
    Calendar,
    DayShift,
    RatioDay,
    UsualDays,
    day_shifts,
    usual_days,
)

MOST_DAYS: Final = 400
"""Days of the reference that are learned from, the newest."""

_PROBES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWatch:
    """What is known of one metric.

    Attributes
    ----------
    wait_days
        Days after its end at which a day is judged.
    reference_days
        Days of the reference that say something.
    usual
        What they let expect; ``None`` if they are too few.
    days
        All days that are kept, those of the reference too, in order.
    until
        End of the newest day that is judged, seconds since 1970; ``None`` if none is.
    worse, better
        Times in which it was worse than usual, and in which it was better, in order.
    """

    metric: BusinessMetric
    wait_days: int
    reference_days: int
    usual: UsualDays | None
    days: tuple[RatioDay, ...]
    until: int | None
    worse: tuple[DayShift, ...]
    better: tuple[DayShift, ...]


def watched_metrics(store: Store, model: str) -> list[BusinessMetric]:
    """Return the business metrics of a model that are watched."""
    return [metric for metric in store.operating.in_force(model).business if metric.watched]


def recipe_of(metric: BusinessMetric) -> str:
    """Return what tells metrics apart that are computed in different ways."""
    text = f"{metric.ready or ''}\n{metric.sql or ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def missing_days(
    store: Store, model: str, metric: BusinessMetric, baseline: OpenBaseline, *, now: datetime
) -> Iterator[int]:
    """Measure the days that have come as far as they usually come, one by one, and keep them.

    Yields
    ------
    How many days are left; nothing if none was missing.

    Raises
    ------
    SettingsError
        If the metric's query cannot be answered.
    StoreError
        If rows cannot be read.
    """
    until = _known_until(store, model, metric, baseline, now)
    reference = _reference(baseline)
    if until is None or not reference:
        return
    recipe = recipe_of(metric)
    wait = store.business.wait_days(model, recipe, baseline.version)
    if wait is None:
        wait = usual_wait(store, model, metric, _probes(reference, until), until)
        store.business.keep_wait(model, recipe, baseline.version, wait)
    kept = {day.start for day in store.business.days(model, recipe, wait)}
    due = range(reference.start, until - (1 + wait) * DAY + 1, DAY)
    missing = [start for start in due if start not in kept]
    for left, start in zip(reversed(range(len(missing))), missing, strict=True):
        day = measured_day(store, model, metric, start, wait)
        store.business.keep(model, recipe, wait, [day])
        yield left


def metric_watch(
    store: Store, model: str, metric: BusinessMetric, baseline: OpenBaseline, *, metrics: int
) -> MetricWatch | None:
    """Return what the days that are kept say of a metric, ``None`` if none is.

    Parameters
    ----------
    metrics
        How many are watched: they share what the budget has for them.
    """
    recipe = recipe_of(metric)
    wait = store.business.wait_days(model, recipe, baseline.version)
    reference = _reference(baseline)
    if wait is None or not reference:
        return None
    days = [
        RatioDay(start=d.start, above=d.above, below=d.below, entities=d.entities, error=d.error)
        for d in store.business.days(model, recipe, wait)
        if d.start >= reference.start
    ]
    before = [day for day in days if day.start < reference.stop]
    after = [day for day in days if day.start >= reference.stop]
    usual = usual_days(before, baseline.fitted.settings.calendar or Calendar())
    mean_days = baseline.false_alarm_days / BUSINESS_SHARE * metrics
    worse, better = (
        ()
        if usual is None
        else tuple(
            day_shifts(
                usual,
                after,
                is_lower=is_lower,
                tolerance=metric.tolerance,
                mean_days=mean_days,
            )
        )
        for is_lower in (metric.better == "higher", metric.better == "lower")
    )
    return MetricWatch(
        metric=metric,
        wait_days=wait,
        reference_days=sum(day.is_told for day in before),
        usual=usual,
        days=tuple(days),
        until=after[-1].start + DAY if after else None,
        worse=worse,
        better=better,
    )


def _reference(baseline: OpenBaseline) -> range:
    """Return the whole days of a baseline's reference, empty if it has no times."""
    if baseline.fitted.start is None:
        return range(0)
    last = int(baseline.setup.begins.timestamp()) // DAY * DAY
    first = -(-int(baseline.fitted.start.timestamp()) // DAY) * DAY
    return range(max(first, last - MOST_DAYS * DAY), last, DAY)


def _probes(reference: Sequence[int], until: int) -> list[int]:
    """Return a few days of the reference, with all that ever belongs to them if there are any."""
    whole = [start for start in reference if start + (1 + WAITS[-1]) * DAY <= until]
    chosen = whole or reference[: max(len(reference) // 4, 1)]
    return [chosen[place * (len(chosen) - 1) // (_PROBES - 1)] for place in range(_PROBES)]


def _known_until(
    store: Store, model: str, metric: BusinessMetric, baseline: OpenBaseline, now: datetime
) -> int | None:
    """Return up to when all kinds of records that a metric looks at have come."""
    times = [store.newest_time(model, kind) for kind in kinds_of(metric)]
    known = [time for time in times if time is not None]
    if not known or len(known) < len(times):
        return None
    return int(min(*known, now).timestamp() - baseline.setup.lateness_seconds)
