"""Labels that fall behind those of the reference open one incident, until they are back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.pipeline import Plan, QualityWatch, ServiceWatch, set_baseline
from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.store import ServiceIncident, Store
from watchkeeper.watch import Bucketing

MODEL = "churn"
START = datetime(2026, 3, 1, tzinfo=UTC)
REFERENCE_DAYS, PER_DAY = 10, 48
_STAMP = pa.timestamp("us", "UTC")


def add_days(store: Store, first: int, last: int) -> None:
    """Keep the predictions of some days."""
    for day in range(first, last):
        random = np.random.default_rng(day)
        times = [START + timedelta(days=day, minutes=30 * n) for n in range(PER_DAY)]
        columns = {
            "prediction_id": [f"{day}-{n}" for n in range(PER_DAY)],
            "time": pa.array(times, _STAMP),
            "feature:x": random.normal(size=PER_DAY),
            "output": random.random(PER_DAY),
        }
        store.append_table(MODEL, "prediction", pa.table(columns))


def add_labels(store: Store, first: int, last: int, *, share: float = 1.0, hours: int = 20) -> None:
    """Keep labels of days, for a share of their predictions, that many hours later."""
    for day in range(first, last):
        known = [n for n in range(PER_DAY) if n * 7 % PER_DAY < share * PER_DAY]
        times = [START + timedelta(days=day, minutes=30 * n, hours=hours) for n in known]
        columns = {
            "prediction_id": [f"{day}-{n}" for n in known],
            "time": pa.array(times, _STAMP),
            "label": [n % 3 == 0 for n in known],
        }
        store.append_table(MODEL, "outcome", pa.table(columns))


def add_both(store: Store, first: int, last: int) -> None:
    """Keep days with their labels, which come day by day."""
    for day in range(first, last):
        add_days(store, day, day + 1)
        add_labels(store, day, day + 1, share=0.95)


def begin(store: Store) -> None:
    """Fill the reference, with labels for 95 % within a day, and set the baseline."""
    add_days(store, 0, REFERENCE_DAYS)
    add_labels(store, 0, REFERENCE_DAYS, share=0.95)
    fix(store)


def fix(store: Store) -> None:
    """Set the baseline, at the end of the reference."""
    set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse("1d"), season=False),
        until=START + timedelta(days=REFERENCE_DAYS),
        budget="1 per 30d",
        note="before deployment",
        actor="ann",
        now=START + timedelta(days=REFERENCE_DAYS),
    )


def looked(store: Store, day: float) -> list[ServiceIncident]:
    now = START + timedelta(days=day)
    ServiceWatch(store).advance(now=now, at_once=True)
    return QualityWatch(store).advance(now=now, at_once=True)


def test_labels_that_stop_open_one_incident_and_close_it_however_late_one_looks(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "soon") as store:
        begin(store)
        add_both(store, 10, 15)
        assert looked(store, 16) == []
        add_days(store, 15, 21)
        [opened] = looked(store, 21)
        assert (opened.source, opened.objective, opened.severity) == (
            "quality",
            "labels",
            "critical",
        )
        assert opened.since == START + timedelta(days=15)
        assert "used to come within 24 h for 9" in opened.message
        assert "have come for 0% of" in opened.message
        shown = picture_of_quality(store, opened)
        assert shown is not None and shown.course is not None
        days = {
            at.day: share for at, share in zip(shown.starts, shown.course.observed, strict=True)
        }
        assert (days[15] > 90, days[16], days[19]) == (True, 0.0, 0.0)
        assert shown.course.name == "labels within 24 h, % of the predictions of each day"
        assert looked(store, 21) == []
        add_both(store, 21, 27)
        [closed] = looked(store, 28)
        assert (closed.incident_id, closed.is_open) == (opened.incident_id, False)
        assert "came so for 0% of the 288 from 2026-03-16 to before 2026-03-22." in closed.message
        assert looked(store, 28) == []
    with Store.open(tmp_path / "late") as store:  # nobody looked meanwhile
        begin(store)
        add_both(store, 10, 15)
        add_days(store, 15, 21)
        add_both(store, 21, 27)
        assert [one.is_open for one in looked(store, 28)] == [True, False]
        assert store.service_incidents.all(MODEL) == [closed]
        assert looked(store, 28) == []


def test_labels_that_come_after_all_close_it_too(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        begin(store)
        add_days(store, 10, 24)
        [opened] = looked(store, 24)
        assert opened.is_open
        add_labels(store, 10, 24, share=0.95)
        [closed] = looked(store, 25)
        assert not closed.is_open


def test_fewer_labels_than_usual_are_told_with_both_shares(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        begin(store)
        add_days(store, 10, 22)
        add_labels(store, 10, 22, share=0.4)
        [opened] = looked(store, 23)
        assert opened.severity == "warning"
        assert opened.figures["usual_ratio"] == pytest.approx(0.95, abs=0.02)
        assert opened.figures["labelled_ratio"] == pytest.approx(0.4, abs=0.05)
        assert opened.since == START + timedelta(days=10)


def test_labels_that_come_in_bulk_every_week_are_not_late_in_between(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        begin(store)
        told: list[ServiceIncident] = []
        for week in range(3):
            first = REFERENCE_DAYS + 7 * week
            for day in range(first, first + 7):
                add_days(store, day, day + 1)
                told += looked(store, day + 1)
            store.seal()
            add_labels(store, first, first + 7, share=0.95)
            store.seal()
        assert told == []


def test_without_labels_in_the_reference_nothing_is_told(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        add_days(store, 0, REFERENCE_DAYS)
        fix(store)
        add_days(store, 10, 30)
        add_labels(store, 10, 12)
        assert looked(store, 30) == []
