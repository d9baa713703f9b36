"""Far more outliers than the baseline let expect open one incident, until they are fewer again."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events import OperatingSettings, QualitySettings
from watchkeeper.pipeline import (
    Plan,
    QualityWatch,
    ServiceWatch,
    affected_rows,
    list_incidents,
    set_baseline,
)
from watchkeeper.pipeline.outliers import outlier_course
from watchkeeper.store import IncidentKey, ServiceIncident, Store
from watchkeeper.watch import Bucketing

MODEL = "churn"
START = datetime(2026, 3, 1, tzinfo=UTC)
REFERENCE_DAYS, PER_HOUR = 8, 60


def add_hours(store: Store, first: int, last: int, *, odd: float = 0.0) -> None:
    """Keep the predictions of some hours; a part of them has numbers that do not go together."""
    random = np.random.default_rng([first, last])
    rows = (last - first) * PER_HOUR
    x = random.normal(size=rows)
    y = np.where(random.random(rows) < odd, -x + 6 * np.sign(x), x + 0.1 * random.normal(size=rows))
    times = [START + timedelta(hours=first, minutes=n * 60 / PER_HOUR) for n in range(rows)]
    columns = {
        "prediction_id": [f"{first}-{n}" for n in range(rows)],
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "feature:x": x,
        "feature:y": y,
        "output": random.random(rows),
    }
    store.append_table(MODEL, "prediction", pa.table(columns))


def fix(store: Store, hour: int) -> None:
    """Set a baseline on all that came before an hour."""
    set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse("1h"), season=False),
        until=START + timedelta(hours=hour),
        budget="1 per 30d",
        note="",
        actor="ann",
        now=START + timedelta(hours=hour),
    )


def looked(store: Store, hour: int) -> list[ServiceIncident]:
    now = START + timedelta(hours=hour)
    ServiceWatch(store).advance(now=now, at_once=True)
    return QualityWatch(store).advance(now=now, at_once=True)


@pytest.fixture
def begun(tmp_path: Path) -> Store:
    store = Store.open(tmp_path)
    add_hours(store, 0, REFERENCE_DAYS * 24)
    fix(store, REFERENCE_DAYS * 24)
    return store


def test_far_more_outliers_open_one_incident_that_says_so_and_closes(begun: Store) -> None:
    with begun as store:
        end = REFERENCE_DAYS * 24
        add_hours(store, end, end + 48)
        assert looked(store, end + 48) == []
        add_hours(store, end + 48, end + 72, odd=0.2)
        [opened] = looked(store, end + 72)
        assert (opened.source, opened.objective, opened.severity) == (
            "quality",
            "outliers",
            "critical",
        )
        assert abs(opened.since - (START + timedelta(hours=end + 48))) <= timedelta(hours=1)
        assert opened.opened_at <= START + timedelta(hours=end + 60)
        assert "are outliers, most of them by x, y" in opened.message.replace("y, x", "x, y")
        assert opened.figures["outlier_ratio"] == pytest.approx(0.2, abs=0.05)
        assert looked(store, end + 72) == [], "it is told once"
        course = outlier_course(store, MODEL, start=START + timedelta(hours=end), end=None)
        assert (course.step_seconds, len(course.starts), set(course.scored)) == (3600, 72, {60})
        assert sum(course.outliers[48:]) / 1440 == pytest.approx(0.2, abs=0.05)
        assert sum(course.outliers[:48]) <= 12
        key = IncidentKey(model=MODEL, version=0, incident_id=opened.incident_id)
        assert course.incident == str(key)
        found = affected_rows(store, key, limit=5)
        scores = [row[found.columns.index("outlier_score")] for row in found.rows]
        assert len(scores) == 5
        assert min(scores) >= 1.0
        add_hours(store, end + 72, end + 130)
        [closed] = looked(store, end + 130)
        assert (closed.incident_id, closed.is_open) == (opened.incident_id, False)


def test_a_new_baseline_takes_what_is_now_for_normal(begun: Store) -> None:
    with begun as store:
        end = REFERENCE_DAYS * 24
        add_hours(store, end, end + 100, odd=0.2)
        [opened] = looked(store, end + 100)
        fix(store, end + 100)
        add_hours(store, end + 100, end + 103, odd=0.2)
        [closed] = looked(store, end + 103)
        assert (closed.incident_id, closed.adopted) == (opened.incident_id, True)
        [summary] = list_incidents(store, now=START, model=MODEL)
        assert summary.closed_why == "adopted"


def test_it_closes_when_it_is_switched_off_and_that_is_said(begun: Store) -> None:
    with begun as store:
        end = REFERENCE_DAYS * 24
        add_hours(store, end, end + 100, odd=0.2)
        [opened] = looked(store, end + 100)
        off = OperatingSettings(quality=QualitySettings(outliers=False))
        store.operating.put(MODEL, off, actor="ann", now=START)
        [closed] = looked(store, end + 101)
        assert (closed.incident_id, closed.is_open) == (opened.incident_id, False)
        course = outlier_course(store, MODEL, start=None, end=None)
        assert course.state == "off"
        assert "switched off" in course.said[0]


def test_a_damaged_scorer_is_said(begun: Store) -> None:
    with begun as store:
        connection = sqlite3.connect(store.folder / "state.sqlite")
        with connection:
            connection.execute("UPDATE outlier_scorers SET payload = substr(payload, 1, 99)")
        connection.close()
        course = outlier_course(store, MODEL, start=None, end=None)
        assert course.state == "none"
        assert "A new baseline brings another" in course.said[0]
