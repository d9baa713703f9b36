"""A business metric that falls opens one incident, in its owner's units, until it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events import BusinessMetric, OperatingSettings
from watchkeeper.pipeline import Plan, set_baseline
from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.pipeline.business import PREFIX, BusinessRounds, business, business_course
from watchkeeper.pipeline.business.day_ratio import measured_day, usual_wait
from watchkeeper.pipeline.business.incidents import watch_business
from watchkeeper.pipeline.business.metric_watch import recipe_of
from watchkeeper.pipeline.business.standing import standing_of
from watchkeeper.pipeline.explaining.explanation import explain_incident
from watchkeeper.pipeline.incident_list import key_of, list_incidents
from watchkeeper.pipeline.opened import newest_baseline, open_baseline
from watchkeeper.store import DAY, BusinessDay, ServiceIncident, Store
from watchkeeper.watch import BUSINESS_SHARE, Bucketing

MODEL = "ranker"
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
REFERENCE_DAYS, USERS = 14, 80
METRIC = BusinessMetric(name="watched", ready="viewing_hours")
_STAMP = pa.timestamp("us", "UTC")


def add_days(store: Store, first: int, last: int, *, level: float = 1.0) -> None:
    """Keep a prediction and a view of each user and day; weekends have half as much again.

    ``level`` is that of every second user.
    """
    times, hours, ids = [], [], []
    for day in range(first, last):
        random = np.random.default_rng(day)
        usual = 1.5 if day % 7 >= 5 else 1.0
        for user in range(USERS):
            times.append(START + timedelta(days=day, minutes=15 * user))
            hours.append((level if user % 2 else 1.0) * usual * random.gamma(20.0, 1 / 20.0))
            ids.append(f"{day}-{user}")
    users = [f"u{one.partition('-')[2]}" for one in ids]
    shared = {"prediction_id": ids, "time": pa.array(times, _STAMP), "entity": users}
    countries = ["AT" if int(user[1:]) % 2 else "CH" for user in users]
    noise = np.random.default_rng(first).normal(size=len(ids))
    features = {"feature:country": countries, "feature:noise": noise}
    output = {"output": np.full(len(ids), 0.5), **features}
    store.append_table(MODEL, "prediction", pa.table(shared | output))
    view = {"kind": ["view"] * len(ids), "amount": [3600.0 * one for one in hours]}
    store.append_table(MODEL, "feedback", pa.table({"feedback_id": ids} | shared | view))


def declare(store: Store, *metrics: BusinessMetric) -> None:
    store.operating.put(MODEL, OperatingSettings(business=metrics), actor="t", now=START)


def fix(store: Store, day: int) -> None:
    """Set the baseline of all days before a day."""
    set_baseline(
        store, MODEL, Plan(bucketing=Bucketing.parse("1d")), until=START + timedelta(days=day),
        budget="1 per 30d", note="", actor="t", now=START + timedelta(days=day),
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A reference of two weeks, and a declared metric."""
    with Store.open(tmp_path / "store") as opened:
        declare(opened, METRIC)
        add_days(opened, 0, REFERENCE_DAYS)
        fix(opened, REFERENCE_DAYS)
        yield opened


def keep(store: Store, first: int, last: int, *, level: float = 1.0) -> None:
    """Keep days as if they had been measured: the queries are not what is looked at."""
    recipe = recipe_of(METRIC)
    store.business.keep_wait(MODEL, recipe, 1, 0)
    start = int(START.timestamp())
    days = [
        BusinessDay(start + day * DAY, level * 100.0 * (1.0 + 0.02 * (day % 3)), 100.0, 100, 0.02)
        for day in range(first, last)
    ]
    store.business.keep(MODEL, recipe, 0, days)


def judged(store: Store) -> list[ServiceIncident]:
    """Judge the days that are kept, and return what is told of them."""
    baseline = newest_baseline(store, MODEL)
    assert baseline is not None
    watch_business(store, MODEL, baseline, now=START + timedelta(days=60))
    return store.service_incidents.all()


def test_a_fall_is_told_in_its_owners_units_and_where_it_is(store: Store) -> None:
    fallen = REFERENCE_DAYS + 1
    add_days(store, REFERENCE_DAYS, fallen)
    add_days(store, fallen, fallen + 6, level=0.4)
    rounds = BusinessRounds(store)
    (one,) = rounds.advance(now=START + timedelta(days=60), at_once=True)
    assert one.objective == PREFIX + METRIC.name
    assert one.since == START + timedelta(days=fallen)
    assert one.opened_at <= START + timedelta(days=fallen + 4)
    assert one.severity == "critical"
    assert one.figures["change_ratio"] == pytest.approx(-0.3, abs=0.05)
    assert one.message.startswith("watched has fallen from 1.")
    assert "hours a user and day (-" in one.message
    assert "hours a day below what its season lets expect" in one.message
    (listed,) = list_incidents(store, now=START)
    assert (listed.source, listed.what) == ("quality", (one.objective,))
    assert rounds.advance(now=START + timedelta(days=60), at_once=True) == []
    shown = picture_of_quality(store, one)
    assert shown is not None and shown.course is not None
    assert shown.starts[shown.since] == one.since
    assert shown.course.levels[0].value == one.figures["expected"]
    since = shown.course.observed[shown.since :]
    assert sum(since) / len(since) == pytest.approx(one.figures["value"], rel=0.1)
    why = explain_incident(store, key_of(one), now=START + timedelta(days=60))
    found = why.findings[0]
    assert (found.kind, found.about) == ("business", "watched")
    assert found.change.value / found.reference_mean == pytest.approx(-0.3, abs=0.04)
    assert found.segments[0].text == "country = AT"
    (info,) = business(store, MODEL).metrics
    assert info.watch is not None and info.watch.incident == listed.id
    assert (info.watch.state, info.watch.said) == ("worse", one.message)
    (course,) = business_course(store, MODEL, start=one.since, end=None).metrics
    assert course.watch == info.watch and course.starts[0] == one.since
    assert course.value[0] < 0.8 * course.expected[0]
    assert info.watch.usual == pytest.approx(8 / 7, rel=0.05)  # two days of seven are 1.5


def test_it_is_over_after_a_week_as_usual(store: Store) -> None:
    keep(store, 0, 24)
    assert judged(store) == []
    keep(store, 24, 34, level=0.9)
    (one,) = judged(store)
    assert one.is_open and one.severity == "warning"
    keep(store, 34, 44)
    (closed,) = judged(store)
    assert closed.opened_at == one.opened_at and closed.closed_at is not None
    assert START + timedelta(days=34) < closed.closed_at <= START + timedelta(days=41)
    assert "fell from 1.0" in closed.message and "to before 2026-04-0" in closed.message
    keep(store, 44, 54, level=1.2)
    assert judged(store) == [closed]
    rise = standing_of(store, MODEL, METRIC)
    assert rise is not None and rise.state == "better"
    assert "has risen from 1.0" in (rise.said or "")
    keep(store, 54, 60, level=0.5)
    keep(store, 60, 70)
    assert [one.severity for one in judged(store)] == ["critical", "warning"]  # at one look


def test_a_newer_baseline_takes_what_is_for_normal(store: Store) -> None:
    keep(store, 0, 24)
    keep(store, 24, 34, level=0.8)
    (one,) = judged(store)
    fix(store, REFERENCE_DAYS)
    (closed,) = judged(store)
    assert one.is_open and closed.adopted and not closed.is_open


def test_what_is_watched_no_longer_closes(store: Store) -> None:
    keep(store, 0, 24)
    keep(store, 24, 34, level=0.8)
    assert [one.is_open for one in judged(store)] == [True]
    declare(store, BusinessMetric(name=METRIC.name, ready="viewing_hours", watched=False))
    assert [one.is_open for one in judged(store)] == [False]


def test_columns_leave_a_part_of_the_budget_to_business_metrics(store: Store) -> None:
    declare(store)
    fix(store, REFERENCE_DAYS)
    parts = [open_baseline(store, MODEL, version) for version in (1, 2)]
    left = [one.false_alarm_buckets / one.fitted.settings.threshold for one in parts]
    assert left[1] - left[0] == pytest.approx(BUSINESS_SHARE)


def test_a_conversion_waits_for_purchases_as_long_as_they_usually_take(store: Store) -> None:
    ids = [f"{day}-{user}" for day in range(10) for user in range(8)]
    late = [START + timedelta(days=int(one.partition("-")[0]) + 2, hours=12) for one in ids]
    bought = {
        "feedback_id": ids,
        "prediction_id": ids,
        "time": pa.array(late, _STAMP),
        "kind": ["purchase"] * len(ids),
    }
    store.append_table(
        MODEL, "feedback", pa.table(bought | {"feedback_id": [f"b{i}" for i in ids]})
    )
    metric = BusinessMetric(name="c", ready="conversion")
    first = int(START.timestamp())
    assert usual_wait(store, MODEL, metric, [first], first + 20 * DAY) == 3
    told = [measured_day(store, MODEL, metric, first, wait) for wait in (0, 3)]
    assert [(one.above, one.below, one.entities) for one in told] == [
        (0, USERS, USERS),
        (8, USERS, USERS),
    ]
