"""A business metric's value of each entity on each day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.day_ratio import kinds_of
from watchkeeper.pipeline.business.entity_sums import entity_sums, sql_of
from watchkeeper.pipeline.business.record_tables import opened, record_tables
from watchkeeper.store import DAY, Store


def entity_days(
    store: Store,
    model: str,
    metric: BusinessMetric,
    *,
    start: datetime,
    end: datetime,
    wait: timedelta,
) -> dict[tuple[str, int], float]:
    """Return values by entity and day since 1970.

    Parameters
    ----------
    start, end
        Days that began at or after ``start`` and were over at ``end``.
    wait
        How long after its end what belongs to a day comes.

    Raises
    ------
    SettingsError
        If the metric's query cannot be answered.
    """
    first, last = -(-int(start.timestamp()) // DAY), int(end.timestamp()) // DAY
    if first >= last:
        return {}
    begins, ends = (datetime.fromtimestamp(day * DAY, UTC) for day in (first - 1, last))
    tables = record_tables(store, model, start=begins, end=ends + wait, kinds=kinds_of(metric))
    with opened(tables) as connection:
        sums = entity_sums(connection, metric.name, sql_of(metric), seconds=DAY)
    inside = (sums.bucket >= first) & (sums.bucket < last) & (sums.below > 0.0)
    inside &= sums.entity != ""
    values = sums.above[inside] / sums.below[inside]
    keys = zip(sums.entity[inside].tolist(), sums.bucket[inside].tolist(), strict=True)
    return dict(zip(keys, values.tolist(), strict=True))
