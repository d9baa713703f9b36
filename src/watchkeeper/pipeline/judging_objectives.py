"""How a model's service stands against its objectives, and the incidents of those that burn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

from watchkeeper.events import ObjectiveSettings, parse_duration
from watchkeeper.metrics import BurnReading, Good, read_burn_rates
from watchkeeper.pipeline.good_counts import GoodCounts, GoodUntil, frontier
from watchkeeper.store import Store

ObjectiveState: TypeAlias = Literal["ok", "burning", "exhausted", "no data"]


class ObjectiveStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service stands against one objective.

    Attributes
    ----------
    good_ratio, budget_left_ratio
        Over the objective's window; of the budget, 1 is all and 0 or less none. Null without data.
    burn_short, burn_long
        Of the pair of windows that is nearest to an incident.
    burn_rates
        Of every window, by its length: 5m, 30m, 1h, 6h, 3d.
    """

    name: str
    kind: Literal["availability", "latency"]
    target_ratio: float
    threshold_seconds: float | None
    window: str
    good_ratio: float | None
    budget_left_ratio: float | None
    burn_short: float | None
    burn_long: float | None
    burn_rates: dict[str, float]
    state: ObjectiveState
    explanation: str


class ObjectiveList(msgspec.Struct, frozen=True, kw_only=True):
    """The objectives of a model, in the order of its settings."""

    objectives: list[ObjectiveStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What counts and burn rates say of one objective."""

    objective: ObjectiveSettings
    counts: GoodUntil
    good: Good
    readings: list[BurnReading]

    @property
    def speaking(self) -> list[BurnReading]:
        """The pairs of windows that speak, the most urgent first."""
        return [reading for reading in self.readings if reading.holds]


def objectives_of(
    store: Store, model: str, *, now: datetime, counts: GoodCounts | None = None
) -> ObjectiveList:
    """Return how a model stands against the objectives that are in force."""
    objectives = store.operating.in_force(model).objectives
    open_ones = {
        one.objective
        for one in store.service_incidents.all(model, open_only=True)
        if one.source == "objective"
    }
    at = frontier(store, model, now)
    judged = judge(counts or GoodCounts(store, model), objectives, at or 0)
    return ObjectiveList(
        objectives=[_status(one, is_burning=one.objective.label in open_ones) for one in judged]
    )


def judge(
    counts: GoodCounts, objectives: Sequence[ObjectiveSettings], end: int
) -> Iterator[Judged]:
    """Yield what there is to say of each objective at a moment, seconds since 1970."""
    for objective in objectives:
        window = parse_duration(objective.window)
        until = counts.until(objective, end, window)
        yield Judged(
            objective=objective,
            counts=until,
            good=until.hours.since(until.hours.end - int(window.total_seconds())),
            readings=read_burn_rates(until.last, target=objective.target, window=window),
        )


def _status(judged: Judged, *, is_burning: bool) -> ObjectiveStatus:
    objective, good = judged.objective, judged.good
    left = good.budget_left_ratio(objective.target)
    state: ObjectiveState = "ok"
    if is_burning:
        state = "burning"
    elif left is None:
        state = "no data"
    elif left <= 0:
        state = "exhausted"
    nearest = max(judged.readings, key=lambda reading: reading.nearness)
    return ObjectiveStatus(
        name=objective.label,
        kind=objective.kind,
        target_ratio=objective.target,
        threshold_seconds=objective.threshold_seconds,
        window=objective.window,
        good_ratio=good.ratio,
        budget_left_ratio=left,
        burn_short=nearest.burn_short,
        burn_long=nearest.burn_long,
        burn_rates=dict(sorted(_burn_rates(judged))),
        state=state,
        explanation=_explanation(judged),
    )


def _burn_rates(judged: Judged) -> Iterator[tuple[str, float]]:
    for reading in judged.readings:
        for span, rate in (
            (reading.pair.long, reading.burn_long),
            (reading.pair.short, reading.burn_short),
        ):
            if rate is not None:
                yield short_span(span), rate


def _explanation(judged: Judged) -> str:
    good, objective = judged.good, judged.objective
    left = good.budget_left_ratio(objective.target)
    if good.ratio is None or left is None:
        what = "" if objective.threshold_seconds is None else " with a latency"
        return f"there were no predictions{what} in the last {objective.window}"
    said = (
        f"{_percent(good.ratio)} of {good.total:,} predictions in the last {objective.window} were"
        f" good, {_percent(objective.target)} must be; "
    )
    if left <= 0:
        return said + "nothing of the error budget is left"
    return said + f"{_percent(left)} of the error budget is left"


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.6g} %" if ratio > 0.99 else f"{100 * ratio:.3g} %"


def short_span(span: timedelta) -> str:
    """Return a length of time in short, such as 5m, 6h or 3d."""
    minutes = int(span / timedelta(minutes=1))
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
