"""One day of a business metric, from the records that there are some days later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.entity_sums import entity_sums, sql_of
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.pipeline.business.record_tables import (
    RecordTables,
    before,
    opened,
    record_tables,
)
from watchkeeper.store import DAY, BusinessDay, Kind, Store

WAITS: Final = (0, 1, 3, 8, 15, 31)
"""Days after its end at which a day may be looked at."""

_NEARLY_ALL = 0.95
# A query may look back by a day: a click at midnight names a prediction of the day before.
_LOOKS_BACK = DAY
_WORDS: dict[Kind, str] = {
    "prediction": r"\b(predictions|version|variant)\b",
    "outcome": r"\b(outcomes|label|label_time)\b",
    "feedback": r"\bfeedback\b",
}


def kinds_of(metric: BusinessMetric) -> frozenset[Kind]:
    """Return which kinds of records a metric looks at."""
    if metric.ready is not None:
        named = "FROM predictions" in READY_MADE[metric.ready].sql
        return frozenset({"feedback", "prediction"} if named else {"feedback"})
    sql = (metric.sql or "").casefold()
    found = frozenset(kind for kind, words in _WORDS.items() if re.search(words, sql))
    return found | {"prediction"} if "outcome" in found else found


def measured_day(
    store: Store, model: str, metric: BusinessMetric, start: int, wait_days: int
) -> BusinessDay:
    """Return a day's sums from the records of up to so many days after its end.

    Raises
    ------
    SettingsError
        If the metric's query cannot be answered.
    StoreError
        If rows cannot be read.
    """
    tables = _tables(store, model, metric, start, wait_days)
    return _day(metric, before(tables, _time(start + (1 + wait_days) * DAY)), start)


def usual_wait(
    store: Store, model: str, metric: BusinessMetric, starts: Sequence[int], until: int
) -> int:
    """Return after how many days 95 % of what ever belongs to a day has usually come.

    Parameters
    ----------
    starts
        Days to look at.
    until
        End of the records, seconds since 1970.
    """
    if metric.ready is not None:
        known = READY_MADE[metric.ready].wait_days
        if known is not None:
            return known
    return max((_wait(store, model, metric, start, until) for start in starts), default=0)


def _wait(store: Store, model: str, metric: BusinessMetric, start: int, until: int) -> int:
    waits = [wait for wait in WAITS if start + (1 + wait) * DAY <= until] or [0]
    tables = _tables(store, model, metric, start, waits[-1])
    seen = [_day(metric, before(tables, _time(start + (1 + wait) * DAY)), start) for wait in waits]
    wait = waits[-1]
    for earlier, day in reversed(list(zip(waits, seen, strict=True))):
        if not (_is_nearly(day.above, seen[-1].above) and _is_nearly(day.below, seen[-1].below)):
            break
        wait = earlier
    return wait


def _is_nearly(value: float, final: float) -> bool:
    return abs(value - final) <= (1.0 - _NEARLY_ALL) * abs(final)


def _tables(
    store: Store, model: str, metric: BusinessMetric, start: int, wait_days: int
) -> RecordTables:
    first, last = start - _LOOKS_BACK, start + (1 + wait_days) * DAY
    kinds = kinds_of(metric)
    return record_tables(store, model, start=_time(first), end=_time(last), kinds=kinds)


def _day(metric: BusinessMetric, tables: RecordTables, start: int) -> BusinessDay:
    with opened(tables) as connection:
        sums = entity_sums(connection, metric.name, sql_of(metric), seconds=DAY)
    inside = np.flatnonzero(sums.bucket == start // DAY)
    return BusinessDay(
        start=start,
        above=float(sums.above[inside].sum()),
        below=float(sums.below[inside].sum()),
        entities=len(inside),
        error=sums.ratio(inside).error,
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
