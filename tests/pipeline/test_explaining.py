"""Why an incident happened, told from what is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.errors import DataError
from watchkeeper.events import OperatingSettings, QualitySettings
from watchkeeper.pipeline import (
    Explanation,
    Plan,
    Watch,
    explain_incident,
    explain_span,
    explanation_of,
    list_incidents,
    set_baseline,
)
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch import Bucketing

MODEL = "churn"
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
HOURS, REFERENCE_HOURS, CHANGED_HOUR = 96, 60, 80
ROWS = 150
NOW = BEGIN + timedelta(days=10)


def hour(at: int) -> datetime:
    return BEGIN + timedelta(hours=at)


def fill(store: Store, *, with_labels: bool = True) -> None:
    """From some hour on: x rises in plan B, errors rise in country CH, version 2 takes half."""
    rng = np.random.default_rng(7)
    size = HOURS * ROWS
    hours = np.repeat(np.arange(HOURS), ROWS)
    changed = hours >= CHANGED_HOUR
    plan = rng.choice(["A", "B", "C", "D"], size)
    country = rng.choice(["CH", "DE", "FR"], size)
    x = rng.normal(size=size) + 3.0 * (changed & (plan == "B"))
    label = rng.random(size) < 0.5
    wrong = rng.random(size) < 0.1 + 0.3 * (changed & (country == "CH"))
    seconds = rng.random(size) * 3600
    times = [
        hour(int(h)) + timedelta(seconds=float(s)) for h, s in zip(hours, seconds, strict=True)
    ]
    ids = [f"p{i}" for i in range(size)]
    score = np.where(label != wrong, 0.9, 0.1)
    version = np.where(changed & (rng.random(size) < 0.5), "2", "1")
    store.append_table(
        MODEL,
        "prediction",
        pa.table(
            {
                "prediction_id": ids,
                "time": pa.array(times, pa.timestamp("us", "UTC")),
                "version": version,
                "feature:plan": plan,
                "feature:x": x,
                "tag:country": country,
                "output": score,
            }
        ),
    )
    if with_labels:
        known = pa.array([t + timedelta(hours=1) for t in times], pa.timestamp("us", "UTC"))
        outcomes = pa.table({"prediction_id": ids, "time": known, "label": label})
        store.append_table(MODEL, "outcome", outcomes)


def watched(store: Store) -> IncidentKey:
    """Watch it, and return the incident of x."""
    set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse("1h"), columns=("x",), season=False),
        until=hour(REFERENCE_HOURS),
        budget="1 per 720 buckets",
        note="",
        actor="ann",
        now=NOW,
    )
    Watch(store, MODEL).advance(now=NOW)
    [incident] = list_incidents(store, now=NOW)
    return IncidentKey.parse(incident.id)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    with Store.open(tmp_path_factory.mktemp("store")) as store:
        fill(store)
        quality = QualitySettings(
            protected=("country",), cost_matrix=((0.0, 2.0), (2.0, 0.0)), cost_unit="EUR"
        )
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="ann", now=NOW)
        return explain_incident(store, watched(store), now=NOW)


def test_the_segments_of_errors_and_of_the_column_that_moved_are_told(told: Explanation) -> None:
    errors, column = told.findings
    assert errors.quantity == "errors"
    assert [one.text for one in errors.segments] == ["country = CH"]
    assert column.about == "x"
    assert column.segments[0].text == "plan = B"


def test_a_relation_that_changed_is_told_from_inputs_that_moved(told: Explanation) -> None:
    split = told.findings[0].split
    assert split is not None and split.relationship is not None and split.inputs is not None
    assert split.relationship.is_told
    assert not split.inputs.is_told
    assert split.columns[0].column == "country"


def test_the_new_version_coincides(told: Explanation) -> None:
    assert "traffic of version 2: 0 % before, 50 % after" in {one.text for one in told.coincidences}


def test_errors_and_money_are_by_the_day(told: Explanation) -> None:
    impact = told.impact
    assert impact is not None and impact.cost_per_day is not None
    assert impact.cost_unit == "EUR"
    # A tenth more errors of 3,600 predictions a day, at 2 EUR each.
    assert impact.per_day.value == pytest.approx(360, rel=0.25)
    assert impact.cost_per_day.value == pytest.approx(2 * impact.per_day.value)


def test_gaps_of_protected_groups_are_told(told: Explanation) -> None:
    first = told.fairness[0]
    assert (first.column, first.group) == ("country", "CH")
    assert first.is_told
    assert first.difference < -0.2


def test_conclusions_say_it_in_sentences(told: Explanation) -> None:
    text = " ".join(told.conclusions)
    assert "comes from the relationship" in text
    assert "country = CH" in text
    assert "plan = B" in text
    assert "EUR a day" in text


def test_without_labels_the_columns_are_explained_and_the_rest_is_said(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, with_labels=False)
        found = explain_incident(store, watched(store), now=NOW)
    assert [one.about for one in found.findings] == ["x"]
    assert found.findings[0].segments[0].text == "plan = B"
    assert found.impact is None
    assert found.said == ("No prediction of either time has a label yet.",)


def test_a_time_is_explained_without_an_incident_and_kept_for_a_while(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store)
        found = explain_span(
            store,
            MODEL,
            current=(hour(CHANGED_HOUR), hour(HOURS)),
            reference=(hour(0), hour(REFERENCE_HOURS)),
        )
        assert found.incident is None
        assert found.findings[0].segments[0].text == "country = CH"
        key = watched(store)
        assert explanation_of(store, key, now=NOW) is explanation_of(store, key, now=NOW)


def test_the_first_predictions_of_a_model_are_no_step_of_its_traffic(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, with_labels=False)
        watched(store)
        found = explain_span(
            store, MODEL, current=(hour(10), hour(40)), reference=(hour(0), hour(10))
        )
        assert "volume" not in {one.kind for one in found.coincidences}


def test_what_cannot_be_explained_is_refused_with_the_reason(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill(store, with_labels=False)
        span = (hour(1), hour(2))
        with pytest.raises(DataError, match="no baseline"):
            explain_span(store, MODEL, current=span)
        with pytest.raises(DataError, match="no predictions of model"):
            explain_span(store, MODEL, current=(hour(500), hour(501)), reference=span)
        with pytest.raises(DataError, match="no model 'churm'"):
            explain_span(store, "churm", current=span)
