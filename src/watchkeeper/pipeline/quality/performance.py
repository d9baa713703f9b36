"""How good a model's predictions are, over time and in all, read from its quality cells."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from watchkeeper.errors import SettingsError, nearest
from watchkeeper.metrics import Completeness
from watchkeeper.metrics.quality import METRICS, chosen
from watchkeeper.pipeline.quality.calibrating import calibration
from watchkeeper.pipeline.quality.cell import QualityCell
from watchkeeper.pipeline.quality.labels_by_age import cohorts, label_delay
from watchkeeper.pipeline.quality.performance_answer import (
    MetricInfo,
    MetricSeries,
    MetricValue,
    Performance,
    PerformanceGroup,
    PerformanceTotal,
)
from watchkeeper.pipeline.quality.plan import KeptPlan, choice_of, measuring_of
from watchkeeper.pipeline.quality.saying import sentences
from watchkeeper.pipeline.quality.settled import RECENT_DAYS
from watchkeeper.pipeline.quality.totals import (
    QUICK_ROWS,
    WindowTotals,
    measured_totals,
    pooled_totals,
)
from watchkeeper.pipeline.quality.window import QualityWindow, quality_window
from watchkeeper.pipeline.stored import check_model
from watchkeeper.profiles import OTHER
from watchkeeper.store import DAY, HOUR, Dimension, KeptCell, QualityDimension, Store

PerformanceBy: TypeAlias = Literal["none", "version", "variant", "segment", "horizon"]

MOST_GROUPS = 20


def performance(
    store: Store,
    model: str,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    by: PerformanceBy = "none",
    metrics: Sequence[str] = (),
    points: int = 200,
    exact: bool = False,
) -> Performance:
    """Return a model's quality over a window, by default the last 7 days of its events.

    Steps are hours if there are no more than ``points`` of them, else days.

    Parameters
    ----------
    exact
        Whether the totals of more than 200,000 predictions are measured from all their rows, which
        takes some seconds per million, and not as means of the steps.

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
    window = quality_window(store, model, start=start, end=end, points=points, now=now)
    progress = store.quality.progress(model)
    if not progress.plan:
        check_model(store, model)
    kept = KeptPlan.from_bytes(progress.plan)
    names = _names(kept, metrics)
    dimension: QualityDimension = "all" if by == "none" else by
    cells = store.quality.cells(
        model, window.step, start=window.since, end=window.until, dimension=dimension
    )
    groups = _groups(store, model, window, dimension, cells, names)
    newest = store.quality.rows.newest(model)
    as_of = min(int(now.timestamp()), newest or window.until)
    reference = _reference(store, model, kept, as_of)
    recent = cohorts(store, model, start=as_of - RECENT_DAYS * DAY, end=as_of + HOUR)
    delay = label_delay(recent, reference, now=as_of)
    curve = recent.curve(as_of)
    totals = _totals(store, model, kept, window, dimension, cells, progress.revision, exact=exact)
    days = store.quality.cells(
        model, DAY, start=window.since // DAY * DAY, end=window.until, dimension="all"
    )
    return Performance(
        task=None if kept.task is None else kept.task.task,
        metrics=[_info(name) for name in names],
        since=_time(window.since),
        until=_time(window.until),
        step_seconds=window.step,
        starts=[_time(one) for one in window.starts],
        settled=[_settled(curve, as_of - one - window.step) for one in window.starts],
        groups=groups,
        totals=_with_counts(totals.groups, groups, names),
        reference=_reference_metrics(store, model, names),
        calibration=calibration(QualityCell.from_bytes(day.payload) for day in days),
        label_delay=delay,
        said=list(
            sentences(
                kept,
                delay,
                predictions=sum(sum(group.predictions) for group in groups),
                labelled=sum(sum(group.labelled) for group in groups),
                pending=len(store.quality.pending(model)),
                totals=totals,
                one_in=max((QualityCell.from_bytes(c.payload).one_in for c in cells), default=1),
                missing=None if groups or by == "none" else by,
            )
        ),
    )


def _names(kept: KeptPlan, wanted: Collection[str]) -> list[str]:
    """Return the metrics of the task, in the order in which they are shown."""
    if kept.task is None:
        return []
    choice = choice_of(kept.plan.settings, kept.task.task)
    return [name for name in chosen(kept.task.task, choice) if not wanted or name in wanted]


def _info(name: str) -> MetricInfo:
    facts = METRICS[name]
    return MetricInfo(
        name=name, label=facts.label, unit=facts.unit, higher_is_better=facts.higher_is_better
    )


def _groups(
    store: Store,
    model: str,
    window: QualityWindow,
    dimension: QualityDimension,
    cells: Iterable[KeptCell],
    names: Sequence[str],
) -> list[PerformanceGroup]:
    """Return the groups, most predictions first; those beyond 20 are left out.

    Numbers of steps ahead come the nearest first, and all of them.
    """
    counts = {} if dimension == "horizon" else _served(store, model, window, dimension)
    placed: dict[str, dict[int, KeptCell]] = {}
    for cell in cells:
        placed.setdefault(cell.value, {})[cell.start] = cell
        group = counts.setdefault(cell.value, {})
        group[cell.start] = max(group.get(cell.start, 0), cell.predictions)
    order = sorted(counts, key=lambda name: (name == OTHER, -sum(counts[name].values()), name))
    order = order[: MOST_GROUPS + 1]
    if dimension == "horizon":
        order = sorted(counts, key=lambda name: math.inf if name == OTHER else float(name))
    return [_group(name, window, counts[name], placed.get(name, {}), names) for name in order]


def _served(
    store: Store, model: str, window: QualityWindow, dimension: Dimension
) -> dict[str, dict[int, int]]:
    """Return how many predictions of each group were served in each step, with a label or not."""
    counts: dict[str, dict[int, int]] = {}
    for one in store.service_cells.sums(
        model, HOUR, start=window.since, end=window.until, dimension=dimension
    ):
        place = one.start // window.step * window.step
        group = counts.setdefault(one.value, {})
        group[place] = group.get(place, 0) + one.predictions
    return counts


def _group(
    name: str,
    window: QualityWindow,
    counts: dict[int, int],
    placed: dict[int, KeptCell],
    names: Sequence[str],
) -> PerformanceGroup:
    found = {start: QualityCell.from_bytes(cell.payload) for start, cell in placed.items()}
    by_name = {
        start: {metric.name: metric for metric in cell.metrics} for start, cell in found.items()
    }

    def values(metric: str, part: str) -> list[float | None]:
        return [getattr(by_name.get(start, {}).get(metric), part, None) for start in window.starts]

    return PerformanceGroup(
        group=name or "all",
        predictions=[counts.get(start, 0) for start in window.starts],
        labelled=[placed[start].labelled if start in placed else 0 for start in window.starts],
        series=[
            MetricSeries(
                metric=metric,
                value=values(metric, "value"),
                low=values(metric, "low"),
                high=values(metric, "high"),
            )
            for metric in names
        ],
    )


def _totals(
    store: Store,
    model: str,
    kept: KeptPlan,
    window: QualityWindow,
    dimension: QualityDimension,
    cells: Sequence[KeptCell],
    revision: int,
    *,
    exact: bool,
) -> WindowTotals:
    if kept.task is None or not cells:
        return WindowTotals()
    is_large = sum(cell.predictions for cell in cells) > QUICK_ROWS
    if is_large and not exact:
        return pooled_totals((cell.value or "all", cell) for cell in cells)
    return measured_totals(
        store,
        model,
        measuring_of(store, model, kept.plan, kept.task),
        start=window.since,
        end=window.until,
        dimension=dimension,
        revision=revision,
        is_large=is_large,
    )


def _with_counts(
    totals: Sequence[PerformanceTotal], groups: Sequence[PerformanceGroup], names: Collection[str]
) -> list[PerformanceTotal]:
    """Return a total for each group, in their order, with the metrics that are asked for."""
    known = {total.group: total for total in totals}
    found: list[PerformanceTotal] = []
    for group in groups:
        total = known.get(group.group)
        metrics = [] if total is None else [m for m in total.metrics if m.name in names]
        predictions = max(sum(group.predictions), 0 if total is None else total.predictions)
        labelled = 0 if total is None else total.labelled
        found.append(
            PerformanceTotal(
                group=group.group, predictions=predictions, labelled=labelled, metrics=metrics
            )
        )
    return found


def _reference(store: Store, model: str, kept: KeptPlan, as_of: int) -> Completeness | None:
    if kept.plan.reference is None:
        return None
    _, start, end = kept.plan.reference
    found = cohorts(store, model, start=start, end=end)
    return found.curve(as_of) if found.delays.any() else None


def _reference_metrics(
    store: Store, model: str, names: Collection[str]
) -> list[MetricValue] | None:
    cell = store.quality.reference(model)
    if cell is None or not cell.labelled:
        return None
    return [
        MetricValue(name=one.name, value=one.value, low=one.low, high=one.high, rows=one.rows)
        for one in QualityCell.from_bytes(cell.payload).metrics
        if one.name in names
    ]


def _settled(curve: Completeness, age: int) -> float:
    if curve.final <= 0 or age <= 0:
        return 0.0
    return round(min(curve.at(age) / curve.final, 1.0), 4)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
