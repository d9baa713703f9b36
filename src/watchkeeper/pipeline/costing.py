"""What a model's predictions cost: by day and group, this month, and at its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from watchkeeper.metrics import MOST_DAYS, NANO, Forecast, forecast_sum
from watchkeeper.pipeline.good_counts import frontier
from watchkeeper.pipeline.service_over_time import MOST_GROUPS, GroupBy
from watchkeeper.profiles import OTHER
from watchkeeper.store import HOUR, CellSums, Dimension, Store

CostState: TypeAlias = Literal["no budget", "ok", "at risk", "exceeding", "spent"]

_DAY = 86_400


class MonthCost(msgspec.Struct, frozen=True, kw_only=True):
    """The month of the newest events, in UTC: ``since <= time < until``.

    Attributes
    ----------
    forecast_usd, forecast_low_usd, forecast_high_usd
        For the month's end, with an interval that holds it nine times in ten; null before there
        are 7 whole days to go by.
    state
        ``at risk`` if the forecast exceeds the budget, ``exceeding`` if even its lower end does,
        ``spent`` if the budget is.
    """

    since: datetime
    until: datetime
    spent_usd: float
    forecast_usd: float | None
    forecast_low_usd: float | None
    forecast_high_usd: float | None
    budget_usd: float | None
    state: CostState


class DayCost(msgspec.Struct, frozen=True, kw_only=True):
    """The known cost of a day, in UTC, and all its predictions."""

    day: date
    cost_usd: float
    predictions: int


class GroupCost(msgspec.Struct, frozen=True, kw_only=True):
    """The known cost of a group in this month.

    Attributes
    ----------
    predictions, priced
        All of them, and those whose cost is known.
    """

    group: str
    cost_usd: float
    predictions: int
    priced: int
    cost_per_prediction_usd: float | None


class CostReport(msgspec.Struct, frozen=True, kw_only=True):
    """Cost of a model; ``month`` is null before the first prediction.

    Attributes
    ----------
    days
        From eight weeks ago, or the month's first, to the one under way.
    groups
        The dearest first.
    """

    currency: Literal["USD"]
    month: MonthCost | None
    days: list[DayCost]
    groups: list[GroupCost]


def cost_report(store: Store, model: str, *, now: datetime, by: GroupBy = "none") -> CostReport:
    """Return what a model's predictions cost."""
    at = frontier(store, model, now)
    if at is None:
        return CostReport(currency="USD", month=None, days=[], groups=[])
    found = _days(store, model, at)
    dimension: Dimension = "all" if by == "none" else by
    since, until = (_seconds(moment) for moment in _month(at))
    sums = store.service_cells.sums(model, HOUR, start=since, end=until, dimension=dimension)
    return CostReport(
        currency="USD",
        month=_month_cost(store, model, at, found),
        days=[_day_cost(start, day) for start, day in found.items()],
        groups=_groups(sums),
    )


def month_cost(store: Store, model: str, *, now: datetime) -> tuple[MonthCost, datetime] | None:
    """Return the month's cost and the moment it is known up to, ``None`` without predictions."""
    at = frontier(store, model, now)
    if at is None:
        return None
    return _month_cost(store, model, at, _days(store, model, at)), _time(at)


def days_between(store: Store, model: str, since: datetime, until: datetime) -> list[DayCost]:
    """Return the cost of each day, in UTC, from the first that had predictions to the last."""
    found = _summed(store, model, _seconds(since), _seconds(until))
    return [_day_cost(start, day) for start, day in found.items()]


class _Day(NamedTuple):
    nano_usd: int
    rows: int


def _days(store: Store, model: str, at: int) -> dict[int, _Day]:
    """Return every day from the first that had predictions, by its start."""
    today = at // _DAY * _DAY
    start = min(today - (MOST_DAYS + 1) * _DAY, _seconds(_month(at)[0]))
    found = _summed(store, model, start, today + _DAY)
    if found:
        for gap in range(max(found) + _DAY, today + 1, _DAY):
            found[gap] = _Day(0, 0)
    return found


def _summed(store: Store, model: str, start: int, end: int) -> dict[int, _Day]:
    """Return every day from the first to the last that had predictions, by its start."""
    found: dict[int, _Day] = {}
    for one in store.service_cells.sums(model, HOUR, start=start, end=end):
        day = one.start // _DAY * _DAY
        for gap in range(max(found, default=day) + _DAY, day, _DAY):
            found[gap] = _Day(0, 0)
        before = found.get(day, _Day(0, 0))
        found[day] = _Day(before.nano_usd + one.cost_nano_usd, before.rows + one.predictions)
    return found


def _day_cost(start: int, day: _Day) -> DayCost:
    return DayCost(day=_time(start).date(), cost_usd=day.nano_usd / NANO, predictions=day.rows)


def _month_cost(store: Store, model: str, at: int, days: Mapping[int, _Day]) -> MonthCost:
    since, until = _month(at)
    begins, today = _seconds(since), at // _DAY * _DAY
    spent = sum(day.nano_usd for start, day in days.items() if start >= begins) / NANO
    # Of the first day only a part may have been logged.
    past = [day.nano_usd / NANO for start, day in days.items() if start < today][1:]
    parts = [1 - (at - today) / _DAY] + [1.0] * ((_seconds(until) - today) // _DAY - 1)
    coming = forecast_sum(past, parts)
    costs = store.operating.in_force(model).costs
    budget = None if costs is None else costs.month_budget_usd
    return MonthCost(
        since=since,
        until=until,
        spent_usd=spent,
        forecast_usd=None if coming is None else spent + coming.expected,
        forecast_low_usd=None if coming is None else spent + coming.low,
        forecast_high_usd=None if coming is None else spent + coming.high,
        budget_usd=budget,
        state=_state(spent, coming, budget),
    )


def _state(spent: float, coming: Forecast | None, budget: float | None) -> CostState:
    if budget is None:
        return "no budget"
    if spent >= budget:
        return "spent"
    if coming is not None and spent + coming.low > budget:
        return "exceeding"
    return "at risk" if coming is not None and spent + coming.expected > budget else "ok"


def _groups(sums: list[CellSums]) -> list[GroupCost]:
    groups: dict[str, list[CellSums]] = {}
    for one in sums:
        groups.setdefault(one.value or "all", []).append(one)
    cost = {name: sum(one.cost_nano_usd for one in cells) for name, cells in groups.items()}
    others = groups.pop(OTHER, [])
    order = sorted(groups, key=lambda name: (-cost[name], name))
    for name in order[MOST_GROUPS:]:
        others += groups[name]
    found = [_group(name, groups[name]) for name in order[:MOST_GROUPS]]
    return [*found, _group(OTHER, others)] if others else found


def _group(name: str, cells: list[CellSums]) -> GroupCost:
    usd = sum(one.cost_nano_usd for one in cells) / NANO
    priced = sum(one.costed for one in cells)
    return GroupCost(
        group=name,
        cost_usd=usd,
        predictions=sum(one.predictions for one in cells),
        priced=priced,
        cost_per_prediction_usd=usd / priced if priced else None,
    )


def _month(at: int) -> tuple[datetime, datetime]:
    """Return the first moment of the month that holds this one, and the first after it."""
    since = _time(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return since, (since + timedelta(days=32)).replace(day=1)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
