"""Far more outliers than the baseline let expect open one incident, until they are fewer again."""

from __future__ import annotations

import shutil
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
    decide,
    list_incidents,
    set_baseline,
)
from watchkeeper.pipeline.alerting import picture_of
from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.pipeline.outliers import OutlierRounds, outlier_course
from watchkeeper.store import IncidentKey, ServiceIncident, Store
from watchkeeper.watch import Bucketing

MODEL = "churn"
START = datetime(2026, 3, 1, tzinfo=UTC)
END, PER_HOUR = 8 * 24, 60


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


@pytest.fixture(scope="module")
def referenced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a baseline and nothing since."""
    folder = tmp_path_factory.mktemp("stores") / "referenced"
    with Store.open(folder) as store:
        add_hours(store, 0, END)
        fix(store, END)
    return folder


@pytest.fixture
def begun(referenced: Path, tmp_path: Path) -> Store:
    return Store.open(shutil.copytree(referenced, tmp_path / "begun"))


def test_what_began_and_ended_between_two_looks_is_told_all_the_same(
    referenced: Path, tmp_path: Path
) -> None:
    found: list[list[ServiceIncident]] = []
    for name, looks in (("often", {24, 72, 96, 120}), ("once", {192})):
        with Store.open(shutil.copytree(referenced, tmp_path / name)) as store:
            for hour in range(0, 192, 24):
                odd = 0.2 if hour in {48, 120} else 0.0
                add_hours(store, END + hour, END + hour + 24, odd=odd)
                if hour + 24 in {*looks, 192}:
                    OutlierRounds(store).advance(now=START + timedelta(hours=END + hour + 24))
            found.append(store.service_incidents.all(MODEL))
    assert found[0] == found[1]
    assert [one.is_open for one in found[0]] == [False, False]
    assert (
        "1,440 predictions from 2026-03-11 00:00 to 2026-03-12 00:00 were outliers"
        in found[0][1].message
    )


def test_hours_that_come_late_are_judged_within_the_hour(begun: Store) -> None:
    with begun as store:
        rounds, now = OutlierRounds(store), START + timedelta(hours=END + 100)
        add_hours(store, END, END + 24)
        add_hours(store, END + 72, END + 90)
        assert rounds.advance(now=now) == []
        add_hours(store, END + 24, END + 72, odd=0.2)
        assert rounds.advance(now=now + timedelta(minutes=10)) == []
        [opened] = rounds.advance(now=now + timedelta(hours=1))
        assert opened.since == START + timedelta(hours=END + 24)


def test_far_more_outliers_open_one_incident_that_says_so_and_closes(begun: Store) -> None:
    with begun as store:
        add_hours(store, END, END + 48)
        assert looked(store, END + 48) == []
        add_hours(store, END + 48, END + 72, odd=0.2)
        [opened] = looked(store, END + 72)
        assert (opened.source, opened.objective, opened.severity) == (
            "quality",
            "outliers",
            "critical",
        )
        assert abs(opened.since - (START + timedelta(hours=END + 48))) <= timedelta(hours=1)
        assert opened.opened_at <= START + timedelta(hours=END + 60)
        assert "are outliers, most of them by x, y" in opened.message.replace("y, x", "x, y")
        assert opened.figures["outlier_ratio"] == pytest.approx(0.2, abs=0.05)
        assert looked(store, END + 72) == [], "it is told once"
        shown = picture_of_quality(store, opened)
        assert shown is not None and shown.course is not None
        assert (shown.since, len(shown.starts)) == (48, 72)
        assert max(shown.course.observed[:48]) < 5 < 15 < np.mean(shown.course.observed[48:])
        assert shown.course.levels[0].name == "used to be: 0.1 %"
        course = outlier_course(store, MODEL, start=START + timedelta(hours=END), end=None)
        assert (course.step_seconds, len(course.starts), set(course.scored)) == (3600, 72, {60})
        assert sum(course.outliers[48:]) / 1440 == pytest.approx(0.2, abs=0.05)
        assert sum(course.outliers[:48]) <= 12
        key = IncidentKey(model=MODEL, version=0, incident_id=opened.incident_id)
        assert course.incident == str(key)
        assert (picture_of(store, key) or b"").startswith(b"\x89PNG")
        found = affected_rows(store, key, limit=5)
        scores = [row[found.columns.index("outlier_score")] for row in found.rows]
        assert len(scores) == 5
        assert min(scores) >= 1.0
        add_hours(store, END + 72, END + 130)
        [closed] = looked(store, END + 130)
        assert (closed.incident_id, closed.is_open) == (opened.incident_id, False)


def test_a_new_baseline_takes_what_is_now_for_normal(begun: Store) -> None:
    with begun as store:
        add_hours(store, END, END + 100, odd=0.2)
        [opened] = looked(store, END + 100)
        fix(store, END + 100)
        add_hours(store, END + 100, END + 103, odd=0.2)
        [closed] = looked(store, END + 103)
        assert (closed.incident_id, closed.adopted) == (opened.incident_id, True)
        [summary] = list_incidents(store, now=START, model=MODEL)
        assert summary.closed_why == "adopted"


def test_what_was_adopted_is_no_outlier_from_the_next_look_on(begun: Store) -> None:
    with begun as store:
        add_hours(store, END, END + 30, odd=0.2)
        [opened] = looked(store, END + 30)
        key = IncidentKey(model=MODEL, version=0, incident_id=opened.incident_id)
        decide(store, key, "adopt", reason="another sensor", actor="ann", now=START)
        [closed] = looked(store, END + 30)
        assert (closed.incident_id, closed.is_open, closed.adopted) == (
            key.incident_id,
            False,
            True,
        )
        add_hours(store, END + 30, END + 60, odd=0.2)
        assert looked(store, END + 60) == []
        course = outlier_course(store, MODEL, start=START + timedelta(hours=END + 30), end=None)
        assert sum(course.scored) == 30 * PER_HOUR
        assert sum(course.outliers) <= 10
        assert course.reference_rows > 5_000


def test_it_closes_when_it_is_switched_off_and_that_is_said(begun: Store) -> None:
    with begun as store:
        add_hours(store, END, END + 100, odd=0.2)
        [opened] = looked(store, END + 100)
        off = OperatingSettings(quality=QualitySettings(outliers=False))
        store.operating.put(MODEL, off, actor="ann", now=START)
        [closed] = looked(store, END + 101)
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
