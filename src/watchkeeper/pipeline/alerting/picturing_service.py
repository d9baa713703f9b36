"""What is drawn of an objective that burns, and of a month that costs more than its budget."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.pipeline.costing import DayCost, MonthCost, days_between, month_cost
from watchkeeper.pipeline.good_counts import CountedCells, GoodCounts
from watchkeeper.store import HOUR, MINUTE, ServiceIncident, Store

if TYPE_CHECKING:
    from watchkeeper.actions.picture import Picture

_MOST_POINTS = 120
_STEPS: Final = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR)
_AFTER = timedelta(minutes=30)


def picture_of_service(store: Store, incident: ServiceIncident) -> Picture | None:
    """Return what is to be drawn, ``None`` where nothing is kept of its time any more."""
    if incident.source == "quality":
        return picture_of_quality(store, incident)
    newest = store.service_cells.newest(incident.model)
    if newest is None:
        return None
    if incident.source == "cost":
        return _of_budget(store, incident, datetime.fromtimestamp(newest, UTC))
    return _of_objective(store, incident, newest)


def _of_objective(store: Store, incident: ServiceIncident, newest: int) -> Picture | None:
    from watchkeeper.actions.picture import Course, Level, Picture

    began, opened = _seconds(incident.since), _seconds(incident.opened_at)
    window = int(incident.figures.get("long_seconds", HOUR))
    begin = min(began, opened) - max(window, HOUR)
    ended = newest if incident.closed_at is None else _seconds(incident.closed_at + _AFTER)
    end = max(min(ended, newest), opened) + 1
    step = next((one for one in _STEPS if (end - begin) <= one * _MOST_POINTS), _STEPS[-1])
    level = (
        MINUTE if step < HOUR and store.service_cells.has_minutes(incident.model, begin) else HOUR
    )
    step = max(step, level)
    begin, end = begin // step * step, -(-end // step) * step
    counts = GoodCounts(store, incident.model).between(
        level, begin, end, threshold=_threshold(store, incident)
    )
    if not counts.totals.any():
        return None
    begin = max(begin, int(counts.starts.min()) // step * step)
    allowed = 100 * (1 - incident.figures["target_ratio"])
    least = allowed * incident.figures.get("burn_least", 1.0)
    starts = range(begin, end, step)
    until = end if incident.closed_at is None else _seconds(incident.closed_at)
    levels = [Level(name=f"allowed: {allowed:.4g} %", value=allowed)]
    if least > allowed:
        levels.append(Level(name=f"an incident from {least:.4g} %", value=least))
    head, text = _in_two(incident.message)
    return Picture(
        title=f"{incident.model}: {head}",
        text=text,
        severity=incident.severity,
        starts=[datetime.fromtimestamp(start, UTC) for start in starts],
        since=sum(start + step <= began for start in starts),
        until=sum(start < until for start in starts),
        is_open=incident.is_open,
        course=Course(
            name=f"{_fault(store, incident)}, % of each {_length(step)}",
            observed=_shares(counts, starts),
            levels=levels,
        ),
    )


def _threshold(store: Store, incident: ServiceIncident) -> float | None:
    """Return the latency of the objective, as it was told, else as it is in force."""
    told = incident.figures.get("threshold_seconds")
    if told is not None:
        return told
    for objective in store.operating.in_force(incident.model).objectives:
        if objective.label == incident.objective:
            return objective.threshold_seconds
    return None


def _fault(store: Store, incident: ServiceIncident) -> str:
    threshold = _threshold(store, incident)
    return "predictions that failed" if threshold is None else f"longer than {threshold:g} s"


def _length(step: int) -> str:
    if step % HOUR:
        return "minute" if step == MINUTE else f"{step // MINUTE} minutes"
    return "hour" if step == HOUR else f"{step // HOUR} hours"


def _shares(counts: CountedCells, starts: range) -> list[float]:
    """Return the bad ones of each step in percent, ``nan`` without predictions."""
    total, bad = [0] * len(starts), [0] * len(starts)
    cells = zip(counts.starts.tolist(), counts.totals.tolist(), counts.bad.tolist(), strict=True)
    for start, judged, failed in cells:
        at = (start - starts.start) // starts.step
        total[at] += judged
        bad[at] += failed
    return [100 * b / t if t else math.nan for b, t in zip(bad, total, strict=True)]


def _of_budget(store: Store, incident: ServiceIncident, newest: datetime) -> Picture | None:
    from watchkeeper.actions.picture import Course, Level, Picture

    since = incident.since
    until = (since + timedelta(days=32)).replace(day=1)
    count = (until - since).days
    days = days_between(store, incident.model, since, until)
    if not days:
        return None
    spent = _spent(days, since, count, min(count, (newest - since).days + 1))
    known = month_cost(store, incident.model, now=newest)
    month = known[0] if known is not None and known[0].since == since else None
    low, expected, high = _to_come(month, spent)
    ended = min(until, incident.closed_at or newest)
    budget = incident.figures.get("budget_usd")
    opened = (incident.opened_at - since).days
    head, text = _in_two(incident.message)
    return Picture(
        title=f"{incident.model}: {head}",
        text=text,
        severity=incident.severity,
        starts=[since + timedelta(days=at) for at in range(count)],
        since=opened,
        until=min(count, max(opened, (ended - since).days) + 1),
        is_open=incident.is_open,
        began="opened",
        times="%d %b",
        course=Course(
            name=f"USD since {since:%d %B}, by day",
            observed=spent,
            low=low,
            high=high,
            band="where the month will end",
            coming=expected,
            levels=[]
            if budget is None
            else [Level(name=f"budget: {budget:,.4g} USD", value=budget)],
        ),
    )


def _spent(days: list[DayCost], since: datetime, count: int, known: int) -> list[float]:
    """Return what the month had cost at the end of each day, ``nan`` for those to come."""
    of_day = [0.0] * count
    for day in days:
        of_day[(day.day - since.date()).days] += day.cost_usd
    return [*accumulate(of_day[:known]), *[math.nan] * (count - known)]


def _to_come(month: MonthCost | None, spent: list[float]) -> list[list[float]]:
    """Return low end, middle and high end of the forecast by day, on straight lines from today."""
    if month is None or month.forecast_usd is None:
        return [[], [], []]
    today = max(at for at, usd in enumerate(spent) if math.isfinite(usd))
    left = len(spent) - 1 - today
    if left == 0:
        return [[], [], []]
    found = []
    for end in (month.forecast_low_usd, month.forecast_usd, month.forecast_high_usd):
        rise = ((end or 0.0) - spent[today]) / left
        found.append([math.nan] * today + [spent[today] + rise * day for day in range(left + 1)])
    return found


def _in_two(message: str) -> tuple[str, str]:
    """Return what goes into the title, and the rest.

    Examples
    --------
    >>> _in_two("fast uses up its error budget 9 times as fast as it may (8 times in 5m): 7 of 9.")
    ('fast uses up its error budget 9 times as fast as it may', '8 times in 5m; 7 of 9.')
    >>> _in_two("The budget of May 2026, 5 USD, is spent: 6 USD so far. Forecast: 9 USD.")
    ('The budget of May 2026, 5 USD, is spent', '6 USD so far. Forecast: 9 USD.')
    """
    head = re.split(r" \(|: ", message, maxsplit=1)[0]
    return head, message.removeprefix(head).lstrip(" (:").replace("): ", "; ", 1)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())
