"""What a model's service did over time: throughput, errors, latency and cost, by step and group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np

from watchkeeper.errors import SettingsError
from watchkeeper.metrics import ServiceCell
from watchkeeper.profiles import OTHER
from watchkeeper.store import HOUR, MINUTE, Dimension, Store

GroupBy: TypeAlias = Literal["none", "version", "variant", "segment"]

MOST_GROUPS = 20
_DAY = 86_400
_STEPS = (60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, _DAY)
_QUANTILES = np.array([0.5, 0.95, 0.99])
_USUAL_SPAN = timedelta(days=7)


class ServiceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The last hour of events, up to the newest: ``since <= time < until``.

    What nothing is known of is null.
    """

    since: datetime
    until: datetime
    predictions: int
    per_second: float
    error_ratio: float
    latency_p50_seconds: float | None
    latency_p95_seconds: float | None
    latency_p99_seconds: float | None
    cost_usd: float | None


class ServiceSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One group's numbers, one for each step; null where nothing is known."""

    group: str
    predictions: list[int]
    per_second: list[float]
    errors: list[int]
    error_ratio: list[float | None]
    latency_p50_seconds: list[float | None]
    latency_p95_seconds: list[float | None]
    latency_p99_seconds: list[float | None]
    cost_usd: list[float | None]
    cost_per_prediction_usd: list[float | None]


class ServiceTotal(msgspec.Struct, frozen=True, kw_only=True):
    """One group's numbers over the whole window."""

    group: str
    predictions: int
    errors: int
    error_ratio: float | None
    latency_p50_seconds: float | None
    latency_p95_seconds: float | None
    latency_p99_seconds: float | None
    cost_usd: float | None
    cost_per_prediction_usd: float | None


class ServiceHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A window in whole steps, groups with most predictions first.

    Attributes
    ----------
    since, until
        The window, widened to whole steps: ``since <= time < until``.
    """

    since: datetime
    until: datetime
    step_seconds: int
    starts: list[datetime]
    series: list[ServiceSeries]
    totals: list[ServiceTotal]


def service_summary(
    store: Store, model: str, *, minutes: int = 60, until: int | None = None
) -> ServiceSummary | None:
    """Return the last hour, or so many minutes, ``None`` if they are empty.

    Parameters
    ----------
    until
        Moment that lies in the last minute, seconds since 1970; by default the newest event.
    """
    last = store.service_cells.newest(model) if until is None else until
    if last is None:
        return None
    until = last // MINUTE * MINUTE + MINUTE
    since = until - minutes * MINUTE
    found = store.service_cells.cells(model, MINUTE, start=since, end=until)
    cell = ServiceCell.merged([one for _, _, one in found])
    if not cell.predictions:
        return None
    p50, p95, p99 = _quantiles(cell)
    return ServiceSummary(
        since=_time(since),
        until=_time(until),
        predictions=cell.predictions,
        per_second=cell.predictions / (until - since),
        error_ratio=cell.errors / cell.predictions,
        latency_p50_seconds=p50,
        latency_p95_seconds=p95,
        latency_p99_seconds=p99,
        cost_usd=cell.cost_usd,
    )


def service_history(
    store: Store,
    model: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    by: GroupBy = "none",
    points: int = 200,
) -> ServiceHistory:
    """Return a model's service over a window, by default the last 7 days of its events.

    The step is the shortest, from a minute to days, that needs no more than ``points`` of them;
    where minutes are kept no longer, an hour at least.

    Raises
    ------
    SettingsError
        If the window is empty.
    """
    newest = store.service_cells.newest(model)
    if end is None:
        last = int(datetime.now(UTC).timestamp()) if newest is None else newest
        until = last // MINUTE * MINUTE + MINUTE
        if start is not None:
            until = max(until, _seconds(start) + MINUTE)
    else:
        until = _seconds(end)
    since = until - int(_USUAL_SPAN.total_seconds()) if start is None else _seconds(start)
    if since >= until:
        raise SettingsError("from must lie before to")
    step = _step(until - since, points, is_fine=store.service_cells.has_minutes(model, since))
    since, until = since // step * step, -(-until // step) * step
    level = HOUR if step % HOUR == 0 else MINUTE
    dimension: Dimension = "all" if by == "none" else by
    found = store.service_cells.cells(model, level, start=since, end=until, dimension=dimension)
    groups = _grouped(found)
    starts = range(since, until, step)
    return ServiceHistory(
        since=_time(since),
        until=_time(until),
        step_seconds=step,
        starts=[_time(one) for one in starts],
        series=[_series(name, cells, starts) for name, cells in groups.items()],
        totals=[
            _total(name, ServiceCell.merged([one.cell for one in cells]))
            for name, cells in groups.items()
        ],
    )


class _Placed(NamedTuple):
    start: int
    cell: ServiceCell


def _step(span: int, points: int, *, is_fine: bool) -> int:
    least = MINUTE if is_fine else HOUR
    for step in _STEPS:
        if step >= least and span <= step * points:
            return step
    return -(-span // (points * _DAY)) * _DAY


def _grouped(found: Iterable[tuple[str, int, ServiceCell]]) -> dict[str, list[_Placed]]:
    """Return the cells of each group, most predictions first; those beyond 20 are one group."""
    groups: dict[str, list[_Placed]] = {}
    for value, start, cell in found:
        groups.setdefault(value or "all", []).append(_Placed(start, cell))
    sizes = {name: sum(one.cell.predictions for one in cells) for name, cells in groups.items()}
    others = groups.pop(OTHER, [])
    order = sorted(groups, key=lambda name: (-sizes[name], name))
    for name in order[MOST_GROUPS:]:
        others += groups[name]
    kept = {name: groups[name] for name in order[:MOST_GROUPS]}
    return kept | {OTHER: others} if others else kept


def _series(name: str, cells: list[_Placed], starts: range) -> ServiceSeries:
    placed: list[list[ServiceCell]] = [[] for _ in starts]
    for one in cells:
        placed[(one.start - starts.start) // starts.step].append(one.cell)
    merged = [ServiceCell.merged(found) for found in placed]
    p50, p95, p99 = zip(*map(_quantiles, merged), strict=True)
    return ServiceSeries(
        group=name,
        predictions=[cell.predictions for cell in merged],
        per_second=[cell.predictions / starts.step for cell in merged],
        errors=[cell.errors for cell in merged],
        error_ratio=[cell.error_ratio for cell in merged],
        latency_p50_seconds=list(p50),
        latency_p95_seconds=list(p95),
        latency_p99_seconds=list(p99),
        cost_usd=[cell.cost_usd for cell in merged],
        cost_per_prediction_usd=[cell.cost_per_prediction_usd for cell in merged],
    )


def _total(name: str, cell: ServiceCell) -> ServiceTotal:
    p50, p95, p99 = _quantiles(cell)
    return ServiceTotal(
        group=name,
        predictions=cell.predictions,
        errors=cell.errors,
        error_ratio=cell.error_ratio,
        latency_p50_seconds=p50,
        latency_p95_seconds=p95,
        latency_p99_seconds=p99,
        cost_usd=cell.cost_usd,
        cost_per_prediction_usd=cell.cost_per_prediction_usd,
    )


def _quantiles(cell: ServiceCell) -> tuple[float | None, float | None, float | None]:
    if not cell.latencies.keys.size:
        return None, None, None
    p50, p95, p99 = (float(f"{q:.6g}") for q in cell.latencies.quantiles(_QUANTILES))
    return p50, p95, p99


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
