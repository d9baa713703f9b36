"""Which task a backtest's labels are of, and by what it is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import METRICS, Measured, QualityChoice, chosen, measure_by_horizon
from watchkeeper.pipeline.backtesting.labelled_rows import HORIZON, with_label
from watchkeeper.pipeline.metric_values import MetricInfo, MetricValue
from watchkeeper.pipeline.quality.plan import MOST_HORIZONS, choice_of
from watchkeeper.pipeline.quality.scoring import Scorable, scorable
from watchkeeper.pipeline.quality.seen import Seen, seen_in
from watchkeeper.pipeline.quality.task import TaskPlan, Untold, task_of
from watchkeeper.pipeline.result_performance import HorizonPerformance

Flags = NDArray[np.bool_]

_RANKED = "Ranked lists are measured in a store, by feedback; a backtest does not read any."


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """A task that is known, and how its rows are measured."""

    plan: TaskPlan
    seen: Seen
    settings: QualitySettings

    @property
    def choice(self) -> QualityChoice:
        """What metrics need to know."""
        return choice_of(self.settings, self.plan.task)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what is measured, in the order in which they are shown."""
        return chosen(self.plan.task, self.choice)

    def infos(self) -> tuple[MetricInfo, ...]:
        """Return what is known of each metric."""
        facts = [(name, METRICS[name]) for name in self.metrics]
        return tuple(
            MetricInfo(
                name=name, label=one.label, unit=one.unit, higher_is_better=one.higher_is_better
            )
            for name, one in facts
        )

    def scorable(self, table: pa.Table) -> Scorable:
        """Return the rows of a table with labels that fit the task."""
        horizon = table.column(HORIZON) if HORIZON in table.column_names else None
        return scorable(table, self.plan, horizon=horizon, cost_matrix=self.settings.cost_matrix)

    def measured(self, rows: Scorable | None, chosen: Flags | None = None) -> list[MetricValue]:
        """Return the metrics of some rows, as far as these can say them."""
        if rows is None or not len(rows) or (chosen is not None and not chosen.any()):
            return []
        return [_told(one) for one in rows.measured(chosen, self.choice) if one.value is not None]


def by_horizon(task: LabelTask, rows: Scorable | None) -> tuple[HorizonPerformance, ...]:
    """Return the metrics of the forecasts of each number of steps ahead, up to 50 of these."""
    if rows is None or rows.horizons is None or not len(rows):
        return ()
    known = np.isfinite(rows.horizons)
    if not 0 < len(np.unique(rows.horizons[known])) <= MOST_HORIZONS:
        return ()
    found = measure_by_horizon(rows.rows(known), task.choice)
    return tuple(
        HorizonPerformance(
            horizon=one.horizon,
            metrics=tuple(_told(each) for each in one.measured if each.value is not None),
        )
        for one in found
    )


def label_task(tables: Iterable[pa.Table], settings: QualitySettings) -> LabelTask | Untold:
    """Return the task that outputs and labels are of, or why it cannot be told."""
    seen = Seen()
    for table in tables:
        seen = seen.merged(seen_in(with_label(table)))
    plan = task_of(seen, settings)
    if isinstance(plan, Untold):
        return plan
    if plan.task == "ranking":
        return Untold(reason=_RANKED)
    return LabelTask(plan=plan, seen=seen, settings=settings)


def _told(one: Measured) -> MetricValue:
    return MetricValue(name=one.name, value=one.value, low=one.low, high=one.high, rows=one.rows)
