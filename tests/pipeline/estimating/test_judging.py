"""Days in a row tell what one day cannot: that labels say worse, or that estimates fell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.pipeline import QualityWatch
from watchkeeper.pipeline.alerting.picturing_quality import picture_of_quality
from watchkeeper.pipeline.estimating import CorrectedValue, EstimatedCell, EstimatedValue
from watchkeeper.pipeline.estimating.estimate_incidents import CONTRADICTED, FALLEN
from watchkeeper.pipeline.estimating.judging import contradictions, falls
from watchkeeper.store import DAY, ServiceIncident, Store

from .scored_store import MODEL, NOW, baseline, day_rows, fill_reference, keep, outcomes


def cell(value: float, gap: float = 0.0, *, p_value: float = 0.5) -> EstimatedCell:
    """A day whose accuracy is estimated to 0.02; by its labels it is lower by ``gap``, to 0.03."""
    low, high = value - 0.04, value + 0.04
    return EstimatedCell(
        rows=1_000,
        values=(
            EstimatedValue(name="accuracy", value=value, low=low, high=high, standard_error=0.02),
        ),
        corrected=(
            CorrectedValue(
                name="accuracy",
                value=value - gap,
                low=value - gap - 0.06,
                high=value - gap + 0.06,
                labelled=200,
                gap=gap,
                gap_standard_error=0.03,
                p_value=p_value,
            ),
        ),
    )


def by_day(*cells: EstimatedCell) -> dict[int, EstimatedCell]:
    return {at * DAY: one for at, one in enumerate(cells)}


GOOD, BAD = cell(0.8), cell(0.8, 0.3, p_value=0.0005)


def test_labels_that_say_worse_day_after_day_contradict_and_are_over_when_they_agree() -> None:
    [found] = contradictions(by_day(GOOD, GOOD, BAD, BAD, BAD, GOOD, GOOD, GOOD), days=300)
    assert (found.since, found.opened, found.last) == (2 * DAY, 3 * DAY, 4 * DAY)
    assert found.closed == 7 * DAY
    assert found.worst.metric == "accuracy"


def test_one_bad_day_or_labels_that_say_better_contradict_nothing() -> None:
    better = cell(0.8, -0.3, p_value=0.0005)
    assert contradictions(by_day(GOOD, BAD, GOOD, GOOD, better, better, better), days=300) == []


def test_a_lasting_error_within_the_interval_contradicts_nothing() -> None:
    """An estimator that is a little off is so every day: days must not add up to an alarm."""
    off = cell(0.8, 0.04, p_value=0.18)
    assert contradictions(by_day(*[off] * 400), days=300) == []


def test_days_that_vary_by_more_than_their_labels_contradict_nothing_by_that() -> None:
    """Delays of a stormy day are many at once: such days come and go, and are no change."""
    random = np.random.default_rng(2)
    days = [cell(0.8, float(gap), p_value=0.0005) for gap in random.normal(0.0, 0.08, size=400)]
    calm = [cell(0.8, 0.0)] * 2
    assert contradictions(by_day(*calm, *days), days=300) == []
    changed = [cell(0.8, float(gap), p_value=0.0005) for gap in random.normal(0.4, 0.08, size=5)]
    [found] = contradictions(by_day(*days[:50], *changed), days=300)
    assert 50 * DAY <= found.opened <= 53 * DAY


def test_a_fall_is_told_after_a_week_beyond_the_interval() -> None:
    reference = {"accuracy": 0.8}
    low = cell(0.7)
    assert falls(by_day(*[*[low] * 6, GOOD] * 20), reference) == []  # bad but for one day a week
    [found] = falls(by_day(GOOD, *[low] * 7, GOOD, GOOD, low, GOOD), reference)
    assert (found.since, found.opened, found.last, found.closed) == (DAY, 7 * DAY, 10 * DAY, None)
    assert falls(by_day(*[cell(0.9)] * 9), reference) == []


def test_days_of_which_nothing_can_be_known_neither_fall_nor_end_a_fall() -> None:
    low = cell(0.7)
    unknown = EstimatedCell(rows=1_000, refused="no")
    days = by_day(low, low, unknown, *[low] * 5, unknown, unknown, unknown)
    [found] = falls(days, {"accuracy": 0.8})
    assert (found.opened, found.closed) == (7 * DAY, None)


def open_ones(store: Store) -> dict[str, ServiceIncident]:
    QualityWatch(store).advance(now=NOW, at_once=True)
    found = store.service_incidents.all(MODEL, open_only=True)
    return {one.objective: one for one in found}


def test_a_relation_that_turned_opens_an_incident_that_closes_when_it_is_back(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        for day in range(6, 22):
            table, labels = day_rows(day, turned=9 <= day < 14)
            keep(store, "prediction", table)
            few = np.arange(0, 240, 4)
            keep(store, "outcome", outcomes(table.take(pa.array(few)), labels[few]))
            if day == 14:
                incident = open_ones(store)[CONTRADICTED]
                assert incident.source == "quality"
                assert incident.since.day == 10  # of March, the tenth day
                assert "Labels say worse than was estimated, since 2026-03-10" in incident.message
                shown = picture_of_quality(store, incident)
                assert shown is not None and shown.course is not None
                before, then = (shown.course.observed[i] for i in (shown.since - 1, shown.since))
                assert then < min(before, shown.course.low[shown.since])
                QualityWatch(store).advance(now=NOW, at_once=True)  # another process: nothing new
                assert [one.incident_id for one in open_ones(store).values()].count(
                    incident.incident_id
                ) == 1
        assert CONTRADICTED not in open_ones(store)
        closed = store.service_incidents.get(incident.incident_id)
        assert closed is not None and closed.closed_at is not None


def test_inputs_that_move_to_where_the_model_is_worse_open_an_incident_before_any_label(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        fill_reference(store)
        baseline(store)
        for day in range(6, 16):
            table, _ = day_rows(day, rows=2_000)
            x = table.column("feature:x").to_numpy()
            hard = np.flatnonzero(np.abs(x - 0.2) < (9.0 if day < 8 else 0.4))
            keep(store, "prediction", table.take(pa.array(hard)))
        incident = open_ones(store)[FALLEN]
        assert (incident.since.day, incident.opened_at.day) == (9, 16)
        assert "Performance is estimated to have fallen, since 2026-03-09" in incident.message
        shown = picture_of_quality(store, incident)
        assert shown is not None and shown.course is not None
        assert shown.starts[shown.since] == incident.since
        [level] = shown.course.levels
        assert shown.course.name == "log loss of each day, as estimated"
        assert (
            min(shown.course.low[shown.since :]) > level.value > shown.course.low[shown.since - 1]
        )
