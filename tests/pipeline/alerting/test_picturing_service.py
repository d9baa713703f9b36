"""The picture of a burning objective or an exceeded budget shows it beside what is allowed."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.test_costs import FIRST, log, until_told
from pipeline.test_costs import MODEL as COSTLY
from pipeline.test_costs import look as look_at_costs
from pipeline.test_costs import put as put_budget
from pipeline.test_objectives import AVAILABLE, DAY, FAST, Life, put
from pipeline.test_service_rollup import MODEL
from watchkeeper.pipeline.alerting import picture_of
from watchkeeper.pipeline.alerting.picturing_service import picture_of_service
from watchkeeper.store import IncidentKey, ServiceIncident, Store


def png(store: Store, incident: ServiceIncident) -> bytes | None:
    key = IncidentKey(model=incident.model, version=0, incident_id=incident.incident_id)
    return picture_of(store, key)


def test_an_outage_is_shown_by_the_minute_beside_what_is_allowed(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        life.pass_(-DAY, 0)
        [opened] = life.pass_(0, 12, bad=0.5)
        shown = picture_of_service(store, opened)
        assert shown is not None
        assert shown.course is not None
        assert "failed" in shown.course.name
        before, during = shown.course.observed[: shown.since], shown.course.observed[shown.since :]
        assert max(before) == 0
        assert min(during) > 20
        assert shown.until == len(shown.starts)
        allowed, told = shown.course.levels
        assert allowed.value == pytest.approx(0.1)
        assert told.value == pytest.approx(1.44)
        assert (png(store, opened) or b"").startswith(b"\x89PNG")


def test_slow_answers_are_shown_by_the_latency_that_was_told_until_it_is_over(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        put(store, FAST)
        life = Life(store)
        life.pass_(-3 * DAY, 0, per_minute=5)
        [opened] = life.pass_(0, 60, per_minute=5, slow=0.9)
        put(store)  # an objective no longer: the incident closes
        [closed] = life.pass_(60, 180, per_minute=5)
        assert (opened.is_open, closed.is_open) == (True, False)
        shown = picture_of_service(store, closed)
        assert shown is not None
        assert shown.course is not None
        assert "longer than 0.25 s" in shown.course.name
        assert max(shown.course.observed) > 80
        assert png(store, closed)


def test_a_month_is_shown_up_to_today_with_its_forecast_beside_the_budget(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put_budget(store, 200)
        [warned] = until_told(store, range(12))
        shown = picture_of_service(store, warned)
        assert shown is not None
        course = shown.course
        assert course is not None
        assert [level.value for level in course.levels] == [200]
        today = (warned.opened_at - FIRST).days
        spent = course.observed
        assert len(spent) == 28
        assert spent[today] == pytest.approx(10 * (today + 1))
        assert all(math.isnan(usd) for usd in spent[12:])
        assert course.low[-1] == course.high[-1] == pytest.approx(282.5)
        assert shown.since == today
        assert png(store, warned)
        # The next month does not change what is shown of this one, but for what came since.
        for day in range(12, 40):
            log(store, day, 10.0)
        closed = [one for one in look_at_costs(store, 40) if not one.is_open]
        [closed] = closed or store.service_incidents.all(COSTLY)[:1]
        later = picture_of_service(store, closed)
        assert later is not None
        assert later.course is not None
        assert later.course.observed[-1] == pytest.approx(10 * (today + 1) + 10 * 16)
        assert later.course.low == []


def test_there_is_none_where_nothing_is_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, AVAILABLE)
        life = Life(store)
        life.pass_(-DAY, 0)
        [opened] = life.pass_(0, 12, bad=0.5)
    with Store.open(tmp_path / "other") as other:
        other.service_incidents.record(opened, now=opened.opened_at + timedelta(days=1))
        assert png(other, opened) is None
        key = IncidentKey(model="x", version=0, incident_id=opened.incident_id)
        assert (opened.model, picture_of(other, key)) == (MODEL, None)
