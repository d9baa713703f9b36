"""How good predictions will turn out to be, over time, read from what was estimated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from watchkeeper.errors import SettingsError, nearest
from watchkeeper.metrics.quality import METRICS, chosen
from watchkeeper.pipeline.estimating.cell import EstimatedCell
from watchkeeper.pipeline.estimating.estimates_answer import (
    Estimates,
    EstimateSeries,
    OutsideColumn,
)
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.pipeline.estimating.saying import sentences
from watchkeeper.pipeline.estimating.scored import known_values, scored
from watchkeeper.pipeline.quality import MetricInfo, MetricValue
from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.pipeline.quality.plan import choice_of
from watchkeeper.pipeline.quality.settled import settled_until
from watchkeeper.pipeline.quality.window import QualityWindow, quality_window
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import DAY, EstimateCell, KeptCell, Store

SCORED_DAYS = 90


def estimates(
    store: Store,
    model: str,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    metrics: Sequence[str] = (),
    points: int = 200,
) -> Estimates:
    """Return what is estimated over a window, by default the last 7 days of a model's events.

    Steps are hours if there are no more than ``points`` of them and they have estimates, else days.

    Raises
    ------
    DataError
        If the store has no such model.
    SettingsError
        If the window is empty, or a metric is unknown.
    """
    for name in metrics:
        if name not in METRICS:
            raise SettingsError(f"metrics: there is no metric {name!r}.{nearest(name, METRICS)}")
    payload = store.estimates.facts(model)
    if payload is None:
        check_model(store, model)
    facts = None if payload is None else EstimatorFacts.from_bytes(payload)
    window = quality_window(store, model, start=start, end=end, points=points, now=now)
    window, cells = _cells(store, model, window)
    measured = store.quality.cells(model, window.step, start=window.since, end=window.until)
    names = _names(facts, cells, metrics)
    reference = _reference(store, model, names)
    known = {one.name: one.value for one in reference or () if one.value is not None}
    first = window.until - SCORED_DAYS * DAY
    scores = scored(
        store.estimates.cells(model, window.step, start=first, end=window.until),
        store.quality.cells(model, window.step, start=first, end=window.until),
        known,
        names,
    )
    by_start = {cell.start: EstimatedCell.from_bytes(cell.payload) for cell in cells}
    days = window.in_days()
    told = sentences(
        facts,
        by_start,
        _settled_days(store, model, days, now),
        scores,
        pending=len(store.estimates.pending(model)),
        step=window.step,
    )
    return Estimates(
        task=None if facts is None or facts.task is None else facts.task.task,
        metrics=[_info(name) for name in names],
        since=_time(window.since),
        until=_time(window.until),
        step_seconds=window.step,
        starts=[_time(one) for one in window.starts],
        predictions=_counted(window, {cell.start: cell.predictions for cell in cells}),
        labelled=_counted(window, {cell.start: cell.labelled for cell in measured}),
        series=[_series(name, window, by_start, measured) for name in names],
        outside=[by_start[at].outside if at in by_start else None for at in window.starts],
        refused=[by_start[at].refused if at in by_start else None for at in window.starts],
        outside_columns=_outside_columns(by_start.values()),
        reference=reference,
        reference_rows=None if facts is None or facts.why_not else facts.labelled,
        scores=scores,
        said=list(told),
    )


def _cells(
    store: Store, model: str, window: QualityWindow
) -> tuple[QualityWindow, list[EstimateCell]]:
    """Return the estimates of a window; in days where there are none of hours."""
    found = store.estimates.cells(model, window.step, start=window.since, end=window.until)
    if found or window.step == DAY:
        return window, found
    days = window.in_days()
    return days, store.estimates.cells(model, DAY, start=days.since, end=days.until)


def _names(
    facts: EstimatorFacts | None, cells: Iterable[EstimateCell], wanted: Sequence[str]
) -> list[str]:
    """Return the metrics that are measured and estimated, in the order in which they are shown."""
    if facts is None or facts.task is None or facts.why_not is not None:
        return []
    found = {one.name for cell in cells for one in EstimatedCell.from_bytes(cell.payload).values}
    task = facts.task.task
    known = chosen(task, choice_of(facts.plan.settings, task))
    return [name for name in known if name in found and (not wanted or name in wanted)]


def _series(
    name: str,
    window: QualityWindow,
    by_start: dict[int, EstimatedCell],
    measured: Iterable[KeptCell],
) -> EstimateSeries:
    values = {at: {one.name: one for one in cell.values} for at, cell in by_start.items()}
    labels = {at: {one.name: one for one in cell.corrected} for at, cell in by_start.items()}
    real = {cell.start: known_values(cell) for cell in measured}

    def told(found: Mapping[int, Mapping[str, object]], part: str) -> list[float | None]:
        return [getattr(found.get(at, {}).get(name), part, None) for at in window.starts]

    return EstimateSeries(
        metric=name,
        value=told(values, "value"),
        low=told(values, "low"),
        high=told(values, "high"),
        corrected=told(labels, "value"),
        corrected_low=told(labels, "low"),
        corrected_high=told(labels, "high"),
        measured=[real.get(at, {}).get(name) for at in window.starts],
    )


def _counted(window: QualityWindow, counts: dict[int, int]) -> list[int]:
    return [counts.get(at, 0) for at in window.starts]


def _outside_columns(cells: Iterable[EstimatedCell]) -> list[OutsideColumn]:
    steps: dict[str, int] = {}
    for cell in cells:
        if cell.refused is not None:
            for column, _ in cell.columns:
                steps[column] = steps.get(column, 0) + 1
    order = sorted(steps, key=lambda column: (-steps[column], column))
    return [OutsideColumn(column=column, steps=steps[column]) for column in order]


def _reference(store: Store, model: str, names: Sequence[str]) -> list[MetricValue] | None:
    cell = store.quality.reference(model)
    if cell is None or not cell.labelled:
        return None
    return [
        MetricValue(name=one.name, value=one.value, low=one.low, high=one.high, rows=one.rows)
        for one in QualityCell.from_bytes(cell.payload).metrics
        if one.name in names
    ]


def _settled_days(
    store: Store, model: str, window: QualityWindow, now: datetime
) -> dict[int, EstimatedCell]:
    """Return the days of a window whose labels have come."""
    as_of = min(int(now.timestamp()), store.quality.rows.newest(model) or 0)
    end = settled_until(store, model, as_of=as_of) - DAY
    cells = store.estimates.cells(model, DAY, start=window.since, end=min(window.until, end + 1))
    return {cell.start: EstimatedCell.from_bytes(cell.payload) for cell in cells}


def _info(name: str) -> MetricInfo:
    facts = METRICS[name]
    return MetricInfo(
        name=name, label=facts.label, unit=facts.unit, higher_is_better=facts.higher_is_better
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
