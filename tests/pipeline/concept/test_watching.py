"""Labels in a store tell concept drift: one incident, the same whenever one looks."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.concept.labelled_year import MODEL, NOW, START, days, with_reference
from watchkeeper.errors import SettingsError
from watchkeeper.events import OperatingSettings, Outcome, QualitySettings
from watchkeeper.pipeline import decide, explain_incident, list_incidents
from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.pipeline.concept import Concept, ConceptWatch, concept
from watchkeeper.pipeline.opened import newest_baseline
from watchkeeper.pipeline.quality import QualityRollup
from watchkeeper.store import IncidentKey, ServiceIncident, Store


def look(store: Store) -> None:
    QualityRollup(store).advance(at_once=True)  # tells the task
    ConceptWatch(store).advance(now=NOW, at_once=True)


def told(store: Store) -> list[ServiceIncident]:
    look(store)
    return store.service_incidents.all(MODEL)


def asked(store: Store) -> Concept:
    look(store)
    return concept(store, MODEL)


@pytest.fixture(scope="module")
def referenced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("referenced") / "store"
    with Store.open(folder) as store:
        with_reference(store)
        store.seal()
    return folder


@pytest.fixture
def folder(referenced: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(referenced, tmp_path / "store"))


def test_a_relation_that_turns_opens_one_incident_that_closes_when_it_is_back(
    folder: Path,
) -> None:
    with Store.open(folder) as store:
        store.append(days(12, 18))
        assert told(store) == []
        calm = asked(store)
        assert (calm.state, calm.loss, calm.labels) == ("calm", "brier", 6 * 240)
        assert calm.reference_labels == 12 * 240 and calm.waiting == 0
        store.append(days(18, 22, turned=True))
        [incident] = told(store)
        assert incident.is_open and incident.kind == "sudden"
        assert abs(incident.since - (START + timedelta(days=18))) < timedelta(hours=8)
        assert incident.opened_at - incident.since < timedelta(days=2)
        assert incident.message.startswith("The Brier score rose from 0.15")
        assert asked(store).state == "risen"
        shown = picture_of_quality(store, incident)
        assert shown is not None and shown.course is not None
        assert "Brier score" in shown.course.name
        assert shown.course.observed[-1] > 2 * shown.course.levels[0].value
        store.append(days(22, 32))
        [closed] = told(store)
        assert closed.incident_id == incident.incident_id and not closed.is_open
        assert "It is back near 0.15" in closed.message
        assert asked(store).alarms == 1
        key = IncidentKey(model=MODEL, version=0, incident_id=closed.incident_id)
        with pytest.raises(SettingsError, match="has ended; only an open one can be adopted"):
            decide(store, key, "adopt", reason="as it was", actor="ann", now=NOW)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(1, 5 * 480 - 1), max_size=4).map(sorted), st.booleans())
def test_records_in_any_parts_and_rounds_give_the_same_incidents(
    referenced: Path,
    tmp_path_factory: pytest.TempPathFactory,
    ends: list[int],
    seals: bool,
) -> None:
    records = [*days(12, 14), *days(14, 17, turned=True)]
    stores = tmp_path_factory.mktemp("stores")
    shutil.copytree(referenced, stores / "whole")
    with Store.open(stores / "whole") as store:
        for start, end in zip([0, *ends], [*ends, len(records)], strict=True):
            store.append(records[start:end])
        whole = told(store)
    assert len(whole) == 1
    shutil.copytree(referenced, stores / "parts")
    with Store.open(stores / "parts") as store:
        for start, end in zip([0, *ends], [*ends, len(records)], strict=True):
            store.append(records[start:end])
            if seals:
                store.seal()
            parts = told(store)
        again = asked(store)
    assert parts == whole
    with Store.open(stores / "whole") as store:
        assert concept(store, MODEL) == again


def test_a_month_of_labels_at_once_is_no_drift_by_itself(folder: Path) -> None:
    with Store.open(folder) as store:
        records = days(12, 40)
        store.append([one for one in records if not isinstance(one, Outcome)])
        assert asked(store).labels == 0
        store.append([one for one in records if isinstance(one, Outcome)])
        assert told(store) == []
        assert asked(store).labels == 28 * 240


def test_a_label_that_is_corrected_counts_once(folder: Path) -> None:
    with Store.open(folder) as store:
        store.append(days(12, 13))
        assert asked(store).labels == 240
        time = START + timedelta(days=14)
        store.append(
            [
                Outcome(model=MODEL, prediction_id=f"p{12 * 240 + n}", time=time, label=True)
                for n in range(50)
            ]
        )
        assert asked(store).labels == 240


def test_an_adopted_rise_is_the_new_normal(folder: Path) -> None:
    with Store.open(folder) as store:
        store.append(days(12, 18, turned=True))
        [incident] = told(store)
        key = IncidentKey(model=MODEL, version=0, incident_id=incident.incident_id)
        decide(store, key, "adopt", reason="a new product", actor="ann", now=NOW)
        store.append(days(18, 24, turned=True))
        [closed] = told(store)
        assert closed.adopted and not closed.is_open
        [listed] = list_incidents(store, now=NOW, model=MODEL)
        assert (listed.closed_why, listed.kind) == ("adopted", incident.kind)
        found = asked(store)
        assert found.state == "calm" and found.normal is not None and found.normal > 0.3


def test_a_rise_is_explained_by_the_relation_and_not_by_the_inputs(folder: Path) -> None:
    with Store.open(folder) as store:
        store.append([*days(12, 15), *days(15, 22, turned=True)])
        [incident] = told(store)
        key = IncidentKey(model=MODEL, version=0, incident_id=incident.incident_id)
        found = explain_incident(store, key, now=NOW, threads=1)
        assert found.reference.start < found.reference.end <= found.current.start
        loss = found.findings[0]
        assert loss.about == "errors"
        assert loss.split is not None
        inputs, relationship = loss.split.inputs, loss.split.relationship
        assert inputs is not None and relationship is not None
        assert relationship.value > 5 * abs(inputs.value)
        assert found.impact is not None


def test_another_loss_begins_again_and_closes_what_was_open(folder: Path) -> None:
    with Store.open(folder) as store:
        store.append(days(12, 16, turned=True))
        [first] = told(store)
        settings = OperatingSettings(quality=QualitySettings(loss="error", tolerance=0.02))
        store.operating.put(MODEL, settings, actor="test", now=NOW)
        second, closed = sorted(told(store), key=lambda one: not one.is_open)
        assert closed.incident_id == first.incident_id
        assert closed.message.endswith("It is watched anew.")
        assert second.message.startswith("The share of wrong predictions rose from ")
        assert asked(store).tolerance == 0.02


def test_a_loss_that_does_not_fit_is_said(folder: Path) -> None:
    with Store.open(folder) as store:
        settings = OperatingSettings(quality=QualitySettings(loss="absolute_error"))
        store.operating.put(MODEL, settings, actor="test", now=NOW)
        found = asked(store)
        assert found.state == "unwatched"
        assert found.said == (
            "The loss absolute_error does not fit what the model answers; error, brier, log_loss"
            " would.",
        )


def test_without_a_baseline_or_a_label_it_says_what_is_missing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append(days(0, 1))
        assert "Set a baseline" in asked(store).said[0]


def test_columns_leave_a_part_of_the_budget_to_quality_once_there_are_labels(
    folder: Path, tmp_path: Path
) -> None:
    with Store.open(folder) as store:
        labelled = newest_baseline(store, MODEL)
    with Store.open(tmp_path / "unlabelled") as store:
        with_reference(store, labelled=False)
        unlabelled = newest_baseline(store, MODEL)
    assert labelled is not None and unlabelled is not None
    assert labelled.false_alarm_buckets == unlabelled.false_alarm_buckets == pytest.approx(120)
    assert unlabelled.fitted.settings.threshold == pytest.approx(120 / 0.95)
    assert labelled.fitted.settings.threshold == pytest.approx(120 / 0.65)
    assert labelled.false_alarm_days == pytest.approx(30)
