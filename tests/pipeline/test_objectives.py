"""An objective that burns opens one incident, which gets worse, closes, and survives restarts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from pipeline.test_service_rollup import MODEL, NOON, prediction
from watchkeeper.events import ObjectiveSettings, OperatingSettings
from watchkeeper.pipeline import GoodCounts, ServiceWatch, objectives_of
from watchkeeper.store import ServiceIncident, Store

DAY = 24 * 60
AVAILABLE = ObjectiveSettings(kind="availability", target=0.999)
FAST = ObjectiveSettings(kind="latency", target=0.95, threshold_seconds=0.25, name="fast")


def table(
    first: int, last: int, *, per_minute: int, bad: float = 0.0, slow: float = 0.0, seed: int = 0
) -> pa.Table:
    """Predictions of minutes from noon, some of which fail or take a second."""
    random = np.random.default_rng([seed, first + 10**6, last + 10**6])
    minutes = np.repeat(np.arange(first, last), per_minute)
    seconds = minutes * 60 + np.tile(np.arange(per_minute) * 60 // per_minute, last - first)
    fails = random.random(len(minutes)) < bad
    return pa.table(
        {
            "prediction_id": [f"{first}-{last}-{i}" for i in range(len(minutes))],
            "time": pa.array(
                [NOON + timedelta(seconds=int(s)) for s in seconds], pa.timestamp("us", "UTC")
            ),
            "error": pa.array(["x" if one else None for one in fails], pa.string()),
            "latency_seconds": np.where(random.random(len(minutes)) < slow, 1.0, 0.1),
        }
    )


def put(store: Store, *objectives: ObjectiveSettings) -> None:
    settings = OperatingSettings(objectives=objectives)
    store.operating.put(MODEL, settings, actor="ann", now=NOON)


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Life:
    """A store and a watch over it, which is made anew for every look, as after a kill."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def pass_(self, first: int, last: int, **more: Any) -> list[ServiceIncident]:
        more = {"per_minute": 30} | more
        self.store.append_table(MODEL, "prediction", table(first, last, **more))
        return self.look(last)

    def look(self, minutes: float) -> list[ServiceIncident]:
        return ServiceWatch(self.store).advance(now=later(minutes), at_once=True)

    def open(self) -> list[ServiceIncident]:
        return self.store.service_incidents.all(MODEL, open_only=True)


def actions(store: Store) -> list[str]:
    return [e.action for e in store.audit.entries() if e.action.startswith("incident")]


def test_an_outage_opens_one_critical_incident_which_closes_after_it(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        assert life.pass_(-3 * DAY, 0) == []
        [opened] = life.pass_(0, 2, bad=1.0)
        assert (opened.source, opened.objective, opened.severity) == (
            "objective",
            "availability",
            "critical",
        )
        assert opened.since == NOON
        assert opened.opened_at == later(2) - timedelta(seconds=2)
        assert "60 of 1,800 predictions of the last 1h failed" in opened.message
        assert opened.figures["burn_long"] == pytest.approx(60 / 1800 / 0.001, rel=1e-3)
        for at in range(2, 6):
            life.pass_(at, at + 1, bad=0.3)
        assert [one.incident_id for one in life.open()] == [opened.incident_id]
        told = [life.pass_(at, at + 5) for at in range(6, 120, 5)]
        [[closed]] = [one for one in told if one and not one[0].is_open]
        assert closed.incident_id == opened.incident_id
        assert closed.closed_at is not None
        assert closed.closed_at - closed.last_seen_at >= timedelta(minutes=30)
        assert life.open() == []
        assert actions(store) == ["incident.open", "incident.close"]


def test_a_slow_burn_warns_and_becomes_critical_when_it_is_fast(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        life.pass_(-4 * DAY, -DAY, per_minute=5)
        [opened] = life.pass_(-DAY, 0, per_minute=5, bad=0.005)
        assert opened.severity == "warning"
        assert opened.figures["long_seconds"] == 3 * 86_400
        [worse] = life.pass_(0, 10, per_minute=5, bad=1.0)
        assert (worse.incident_id, worse.severity) == (opened.incident_id, "critical")
        assert worse.opened_at == opened.opened_at
        [same] = life.pass_(10, 60, per_minute=5, bad=0.02)
        assert same.severity == "critical"
        assert actions(store) == ["incident.open", "incident.update"]


def test_slow_predictions_burn_the_objective_of_the_latency_only(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE, FAST)
        life = Life(store)
        life.pass_(-120, 0, slow=0.01)
        [opened] = life.pass_(0, 60, slow=0.9)
        assert opened.objective == "fast"
        assert "predictions of the last 1h took longer than 0.25 s" in opened.message
        assert [one.objective for one in life.open()] == ["fast"]


def test_a_few_failures_among_few_predictions_wake_nobody(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        for hour in range(9):
            at = 60.0 * hour
            store.append([prediction(f"{hour}-{i}", minutes=at + i) for i in range(10)])
            store.append(
                [prediction(f"{hour}-x", minutes=at + 10, error="x" if hour == 4 else None)]
            )
            assert life.look(at + 11) == []
        [status] = objectives_of(store, MODEL, now=later(600)).objectives
        assert status.state == "exhausted"  # one of 99 is more than one of a thousand
        assert status.burn_rates["3d"] == pytest.approx(1 / 99 / 0.001)


def test_an_outage_without_any_further_prediction_is_over_by_the_clock(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        now = datetime.now(NOON.tzinfo)
        shift = int((now - NOON) / timedelta(minutes=1))
        life = Life(store)
        life.pass_(shift - 120, shift - 2)
        assert life.pass_(shift - 2, shift, bad=1.0)
        assert life.look(shift + 20)  # still in the last half an hour
        assert life.open()
        # Six hours later the shorter window of the slowest pair has nothing bad in it.
        [closed] = [one for one in life.look(shift + 8 * 60) if not one.is_open]
        assert closed.closed_at is not None


def test_the_status_tells_budget_and_burn_rates(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE, FAST)
        assert [one.state for one in objectives_of(store, MODEL, now=NOON).objectives] == [
            "no data",
            "no data",
        ]
        records = [
            prediction(str(i), minutes=-i / 10, error="x" if i == 4000 else None)
            for i in range(5000)
        ]
        store.append(records)
        ServiceWatch(store).advance(now=NOON, at_once=True)
        available, fast = objectives_of(store, MODEL, now=NOON).objectives
        assert available.good_ratio == 1 - 1 / 5000
        assert available.budget_left_ratio == pytest.approx(0.8)
        assert available.state == "ok"
        assert set(available.burn_rates) == {"5m", "30m", "1h", "6h", "3d"}
        assert available.burn_rates["3d"] == pytest.approx(0.2)
        assert available.burn_rates["1h"] == 0
        assert available.explanation == (
            "99.98 % of 5,000 predictions in the last 30d were good, 99.9 % must be;"
            " 80 % of the error budget is left"
        )
        assert (fast.state, fast.explanation) == (
            "no data",
            "there were no predictions with a latency in the last 30d",
        )


def test_what_was_looked_through_is_read_again_only_where_it_grew(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, FAST)
        life = Life(store)
        life.pass_(-600, 0, per_minute=3, slow=0.3)
        counts = GoodCounts(store, MODEL)
        first = objectives_of(store, MODEL, now=NOON, counts=counts)
        assert first == objectives_of(store, MODEL, now=NOON, counts=counts)
        life.pass_(-599, -598, per_minute=50, slow=1.0)  # late
        life.pass_(0, 3, per_minute=7, slow=0.5)
        kept = objectives_of(store, MODEL, now=later(3), counts=counts)
        assert kept == objectives_of(store, MODEL, now=later(3))
        assert kept != first


def test_an_objective_that_is_set_no_longer_has_no_open_incident(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        life.pass_(-60, 0)
        assert life.pass_(0, 3, bad=1.0)
        put(store, replace(AVAILABLE, name="up"))
        told = life.look(3)
        assert {one.objective: one.is_open for one in told} == {"up": True, "availability": False}
        put(store)
        [closed] = life.look(3)
        assert closed.message.endswith("It is an objective no longer.")
        assert life.open() == []
