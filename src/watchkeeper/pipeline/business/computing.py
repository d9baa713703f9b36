"""A model's business metrics, from its records, over time and in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa

from watchkeeper.errors import DataError, SettingsError, nearest
from watchkeeper.events import BusinessMetric
from watchkeeper.pipeline.business.answer import Business, BusinessInfo, BusinessSeries
from watchkeeper.pipeline.business.entity_sums import EntitySums, entity_sums, sql_of
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.pipeline.business.record_tables import RecordTables, opened, record_tables
from watchkeeper.pipeline.business.standing import standing_of
from watchkeeper.pipeline.business.wording import unit_of
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import Store

BusinessBy: TypeAlias = Literal["none", "version", "variant"]
BusinessFunction: TypeAlias = Callable[[RecordTables], pa.Table]
"""Takes a model's records, gives rows with time, entity, numerator and denominator."""

_USUAL_SPAN = timedelta(days=28)
_DAY, _HOUR = 86_400, 3_600
_MOST_HOURS = 72
_MOST_GROUPS = 20


def business(
    store: Store,
    model: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    by: BusinessBy = "none",
    metrics: Sequence[str] = (),
    functions: Mapping[str, BusinessFunction] | None = None,
) -> Business:
    """Return business metrics of a window, by default the last 28 days of the model's events.

    Parameters
    ----------
    by
        Whether versions or variants are told apart.
    metrics
        Names of metrics that are declared in the store, or of ready-made ones; none: all declared
        ones, or, without any, the ready-made ones whose feedback is there.
    functions
        Metrics in Python, by name, beside them.

    Raises
    ------
    DataError
        If the store has no such model, or nothing but outcomes of it.
    SettingsError
        If a metric is unknown, or its query cannot be answered.
    """
    check_model(store, model)
    until = end or _after_newest(store, model)
    since = start or until - _USUAL_SPAN
    if since >= until:
        raise SettingsError(f"The window is empty: it begins at {since} and ends at {until}.")
    tables = record_tables(store, model, start=since, end=until)
    step = _HOUR if (until - since) <= timedelta(hours=_MOST_HOURS) else _DAY
    first = int(since.timestamp()) // step
    count = int((until - timedelta(microseconds=1)).timestamp()) // step - first + 1
    asked = _asked(store, model, metrics, tables, given=functions is not None)
    steps = _Steps(first=first, count=count, seconds=step)
    series, said = [], []
    with opened(tables) as connection:
        for metric in asked:
            found = list(_series(connection, metric.name, sql_of(metric), by, steps))
            series += found
            if all(one.total is None for one in found):
                said.append(f"{metric.name} cannot be said: no row has a denominator.")
        for name, function in (functions or {}).items():
            rows = function(tables)
            connection.register("watchkeeper_rows", rows)
            series += _series(connection, name, "FROM watchkeeper_rows", by, steps)
            connection.unregister("watchkeeper_rows")
    if not series and not said:
        said.append("No business metric is declared, and no feedback for a ready-made one came.")
    infos = [
        BusinessInfo(
            name=metric.name, unit=unit_of(metric), watch=standing_of(store, model, metric)
        )
        for metric in asked
    ]
    said += [one.watch.said for one in infos if one.watch is not None and one.watch.said]
    infos += [BusinessInfo(name=name, unit=None) for name in functions or {}]
    return Business(
        model=model,
        step_seconds=step,
        starts=tuple(datetime.fromtimestamp((first + at) * step, UTC) for at in range(count)),
        metrics=tuple(infos),
        series=tuple(series),
        said=tuple(said),
    )


def _after_newest(store: Store, model: str) -> datetime:
    """Return the first moment after all predictions and feedback; the model has records."""
    found = (store.newest_time(model, "prediction"), store.newest_time(model, "feedback"))
    times = [time for time in found if time is not None]
    if not times:
        raise DataError(f"Model {model!r} has neither predictions nor feedback yet.")
    return max(times) + timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    first: int
    count: int
    seconds: int


def _asked(
    store: Store, model: str, names: Sequence[str], tables: RecordTables, *, given: bool
) -> list[BusinessMetric]:
    declared = {metric.name: metric for metric in store.operating.in_force(model).business}
    ready: dict[str, BusinessMetric] = {
        name: BusinessMetric(name=name, ready=name) for name in READY_MADE
    }
    known = ready | declared
    for name in names:
        if name not in known:
            raise SettingsError(f"There is no business metric {name!r}.{nearest(name, known)}")
    if names:
        return [known[name] for name in names]
    if declared or given:
        return list(declared.values())
    kinds = set(tables.feedback["kind"].unique().to_pylist())
    return [ready[name] for name, metric in READY_MADE.items() if metric.kinds & kinds]


def _series(
    connection: duckdb.DuckDBPyConnection, name: str, sql: str, by: BusinessBy, steps: _Steps
) -> Iterator[BusinessSeries]:
    per_step = entity_sums(connection, name, sql, by=by, seconds=steps.seconds)
    in_all = entity_sums(connection, name, sql, by=by, seconds=None)
    names, sizes = np.unique(in_all.group, return_counts=True)
    for one in sorted(names[np.argsort(-sizes, kind="stable")][:_MOST_GROUPS]):
        yield _one(name, str(one), per_step, in_all, steps)


def _one(
    name: str, group: str, per_step: EntitySums, in_all: EntitySums, steps: _Steps
) -> BusinessSeries:
    total = in_all.ratio(in_all.group == group)
    inside = np.flatnonzero(per_step.group == group)
    places = per_step.bucket[inside] - steps.first
    order = np.argsort(places, kind="stable")
    edges = np.searchsorted(places[order], np.arange(steps.count + 1))
    inside = inside[order]
    found = [per_step.ratio(inside[edges[at] : edges[at + 1]]) for at in range(steps.count)]
    return BusinessSeries(
        metric=name,
        group=group,
        value=tuple(one.value for one in found),
        low=tuple(one.low for one in found),
        high=tuple(one.high for one in found),
        total=total.value,
        total_low=total.low,
        total_high=total.high,
        entities=total.entities,
    )
