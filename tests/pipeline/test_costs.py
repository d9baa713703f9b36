"""What a month costs is told by day and group, forecast, and held against its budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events import CostSettings, OperatingSettings, Prediction
from watchkeeper.pipeline import Plan, ServiceWatch, Watch, cost_report, set_baseline
from watchkeeper.store import ServiceIncident, Store
from watchkeeper.watch import Bucketing

MODEL = "m"
FIRST = datetime(2026, 2, 1, tzinfo=UTC)


def log(store: Store, day: int, usd: float, *, hours: Sequence[int] = (6, 18)) -> None:
    """Log some predictions of a day from the first of February on, which cost so much together."""
    store.append(
        [
            Prediction(
                model=MODEL,
                prediction_id=f"{day}-{hour}-{version}",
                time=FIRST + timedelta(days=day, hours=hour),
                version=version,
                cost_usd=usd / len(hours) * part,
            )
            for hour in hours
            for version, part in (("big", 0.75), ("small", 0.25))
        ]
    )


def put(store: Store, budget: float | None) -> None:
    settings = OperatingSettings(costs=CostSettings(month_budget_usd=budget))
    store.operating.put(MODEL, settings, actor="ann", now=FIRST)


def look(store: Store, day: float) -> list[ServiceIncident]:
    return ServiceWatch(store).advance(now=FIRST + timedelta(days=day), at_once=True)


def until_told(store: Store, days: range) -> list[ServiceIncident]:
    """Log the same cost each day, and return the first that is told of it."""
    for day in days:
        log(store, day, 10.0)
        told = look(store, day + 1)
        if told:
            break
    for later in range(day + 1, days.stop):
        log(store, later, 0.0)
    return told


def test_the_month_is_told_by_day_and_group(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for day in [*range(20), *range(22, 38)]:
            log(store, day, 10.0)
        look(store, 37.8)
        found = cost_report(store, MODEL, now=FIRST + timedelta(days=60), by="version")
        assert found.month is not None
        # 10 March, 18:00: nine whole days and this one were spent.
        assert (found.month.since, found.month.until) == (
            datetime(2026, 3, 1, tzinfo=UTC),
            datetime(2026, 4, 1, tzinfo=UTC),
        )
        assert found.month.spent_usd == 100
        assert found.month.state == "no budget"
        assert found.month.forecast_low_usd is not None
        assert found.month.forecast_high_usd is not None
        assert found.month.forecast_low_usd < 310 < found.month.forecast_high_usd
        assert len(found.days) == 38
        assert found.days[20].cost_usd == found.days[20].predictions == 0
        assert (found.days[0].day, found.days[-1].day) == (date(2026, 2, 1), date(2026, 3, 10))
        assert [(one.group, one.cost_usd, one.priced) for one in found.groups] == [
            ("big", 75, 20),
            ("small", 25, 20),
        ]
        assert found.groups[0].cost_per_prediction_usd == 3.75


def test_there_is_no_forecast_before_a_week_and_no_month_before_a_prediction(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        assert cost_report(store, MODEL, now=FIRST).month is None
        for day in range(7):
            log(store, day, 10.0)
        look(store, 7)
        month = cost_report(store, MODEL, now=FIRST).month
        assert month is not None
        assert (month.spent_usd, month.forecast_usd) == (70, None)
        for day in range(7, 9):
            log(store, day, 10.0)
        look(store, 9)
        month = cost_report(store, MODEL, now=FIRST).month
        assert month is not None
        assert month.forecast_usd == pytest.approx(90 + 2.5 + 190)


def test_a_budget_that_will_not_do_warns_is_critical_when_spent_and_ends_with_the_month(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        put(store, 200)
        [warned] = until_told(store, range(12))
        assert (warned.source, warned.objective, warned.severity) == ("cost", "budget", "warning")
        said = "February 2026 will cost more than its budget of 200.00 USD"
        assert warned.message.startswith(said)
        assert warned.figures["forecast_low_usd"] > 200
        [spent] = until_told(store, range(12, 28))
        assert (spent.incident_id, spent.severity) == (warned.incident_id, "critical")
        assert spent.figures["spent_usd"] == 200
        log(store, 28, 1.0)
        [closed] = look(store, 28.5)
        assert closed.closed_at == datetime(2026, 3, 1, tzinfo=UTC)
        assert look(store, 28.6) == []


def test_a_higher_budget_closes_the_incident_and_one_that_does_opens_none(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, 100)
        for day in range(10):
            log(store, day, 10.0)
        assert [one.severity for one in look(store, 10)] == ["critical"]
        put(store, 1000)
        assert [one.is_open for one in look(store, 10)] == [False]
        put(store, None)
        assert look(store, 10) == []


def hours_of_cost(first: int, last: int, *, rows: int = 30, factor: float = 1.0) -> pa.Table:
    random = np.random.default_rng([first, last])
    counts = random.poisson(rows, last - first)
    hours = np.repeat(np.arange(first, last), counts)
    return pa.table(
        {
            "prediction_id": [f"{first}-{i}" for i in range(len(hours))],
            "time": pa.array(
                [FIRST + timedelta(hours=int(h), seconds=i % 3600) for i, h in enumerate(hours)],
                pa.timestamp("us", "UTC"),
            ),
            "feature:x": random.normal(size=len(hours)),
            "cost_usd": 0.01 * factor * random.lognormal(0, 0.3, size=len(hours)),
        }
    )


@pytest.mark.parametrize(
    ("change", "column"), [({"factor": 1.3}, "cost_usd"), ({"rows": 50}, "(rows)")]
)
def test_a_jump_of_the_cost_opens_an_incident_under_the_one_budget(
    tmp_path: Path, change: dict[str, Any], column: str
) -> None:
    """Of the cost of each prediction, or of the total, when there are more of the same cost."""
    with Store.open(tmp_path) as store:
        store.append_table(MODEL, "prediction", hours_of_cost(0, 300))
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False),
            until=FIRST + timedelta(hours=300),
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=FIRST,
        )
        watch = Watch(store, MODEL)
        store.append_table(MODEL, "prediction", hours_of_cost(300, 340))
        calm = watch.advance(now=FIRST + timedelta(hours=340))
        assert (calm.buckets, calm.changes) == (39, ())
        store.append_table(MODEL, "prediction", hours_of_cost(340, 352, **change))
        told = watch.advance(now=FIRST + timedelta(hours=352)).changes
        assert [one.what for one in told][:1] == ["opened"]
        assert told[0].incident.streams[0].column == column
        assert told[0].bucket <= 48
