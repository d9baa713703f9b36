"""Incidents of a backtest are explained: inputs or relationship, where, and what it costs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipeline.backtesting.labelled import HOURS, REFERENCE_HOURS, ROWS, performance_of, predictions
from pipeline.backtesting.labelled import run as run_backtest
from watchkeeper.events import QualitySettings
from watchkeeper.pipeline import BacktestResult
from watchkeeper.pipeline.backtesting.explaining import MOST_INCIDENTS
from watchkeeper.pipeline.result_performance import IncidentExplanation
from watchkeeper.report import to_html

BROKEN = 115


def explained(result: BacktestResult, cause: str) -> IncidentExplanation:
    incident = next(one for one in result.incidents if one.cause == cause)
    known = performance_of(result).explanations
    return next(one for one in known if one.incident_id == incident.incident_id)


def test_a_changed_relation_is_told_from_changed_inputs() -> None:
    found = explained(run_backtest(predictions(broken_from=BROKEN), explain=True), "concept")
    assert found.split is not None and found.split.relationship is not None
    assert found.split.relationship.value > 0.4
    assert found.split.inputs is not None and abs(found.split.inputs.value) < 0.05
    assert "relationship" in found.conclusions[1]


def test_the_segment_that_carries_it_is_found() -> None:
    data, broken = predictions(), predictions(broken_from=BROKEN)
    is_north = pa.compute.equal(data.column("region"), "north").to_numpy()
    labels = np.where(is_north, broken.column("bought"), data.column("bought"))
    data = data.set_column(data.column_names.index("bought"), "bought", pa.array(labels))
    result = run_backtest(data, columns=["x", "region"], explain=True)
    [segment, *_] = explained(result, "concept").segments
    assert segment.text == "region = north"


def test_costs_are_those_of_the_owner() -> None:
    quality = QualitySettings(cost_matrix=((0.0, 1.0), (5.0, 0.0)), cost_unit="EUR", loss="error")
    result = run_backtest(predictions(broken_from=BROKEN), quality=quality, explain=True)
    impact = explained(result, "concept").impact
    assert impact is not None and impact.cost_per_day is not None
    assert impact.cost_unit == "EUR"
    per_day = 24 * ROWS
    assert impact.per_day.value == pytest.approx(0.58 * per_day, rel=0.15)


def test_a_column_that_moved_is_explained_too() -> None:
    data = predictions()
    is_late = np.arange(data.num_rows) >= BROKEN * ROWS
    is_south = pa.compute.equal(data.column("region"), "south").to_numpy()
    x = data.column("x").to_numpy() + np.where(is_late & is_south, 2.0, 0.0)
    moved = data.set_column(data.column_names.index("x"), "x", pa.array(x))
    result = run_backtest(moved, columns=["x", "region"], explain=True)
    found = explained(result, "drift")
    assert any(line.startswith("x: ") for line in found.conclusions)
    assert found.segments[0].text == "region = south"


def test_a_contribution_that_moved_is_the_models_doing_if_inputs_are_as_ever() -> None:
    data = predictions()
    weight = np.where(np.arange(data.num_rows) >= BROKEN * ROWS, -1.5, 2.0)
    data = data.append_column("explanation:x", pa.array(weight * data.column("x").to_numpy() ** 2))
    result = run_backtest(data, columns=["x", "explanation:x"], explain=True)
    [incident] = [one for one in result.incidents if one.cause == "drift"]
    assert {one.column for one in incident.streams} == {"explanation:x"}
    first, _, moved, why = explained(result, "drift").conclusions[:4]
    assert first == "What features contribute to the output moved, and no input by itself."
    assert moved.startswith("The contribution of x to the output: 1.99")
    assert why.startswith("For the same inputs the model gives other reasons")
    assert explained(result, "drift").segments


def test_what_came_at_the_same_time_is_named() -> None:
    data = predictions(broken_from=BROKEN)
    is_late = np.arange(data.num_rows) >= BROKEN * ROWS
    regions = np.where(is_late & (np.arange(data.num_rows) % 3 == 0), "west", data.column("region"))
    data = data.set_column(data.column_names.index("region"), "region", pa.array(regions))
    result = run_backtest(data, columns=["x", "region"], explain=True)
    assert any(
        "region" in line and "At the same time" in line
        for line in explained(result, "concept").conclusions
    )


def test_rows_without_times_are_explained_without_a_cost_a_day() -> None:
    data = predictions(broken_from=BROKEN).drop_columns(["time"])
    before = REFERENCE_HOURS * ROWS
    result = run_backtest(
        data.slice(before),
        reference=data.slice(0, before),
        reference_until=None,
        time=None,
        bucket="100rows",
        explain=True,
    )
    found = explained(result, "concept")
    assert found.impact is None
    assert found.split is not None


def test_the_card_of_the_incident_says_why() -> None:
    result = run_backtest(predictions(broken_from=BROKEN), explain=True)
    page = to_html(result, title="t")
    assert "<h4>Why</h4>" in page
    assert "relationship of inputs and outcome" in page


def test_no_more_than_five_are_explained_and_none_if_not_asked_for() -> None:
    result = run_backtest(predictions(broken_from=BROKEN), explain=True)
    assert 1 <= len(performance_of(result).explanations) <= MOST_INCIDENTS
    plain = run_backtest(predictions(broken_from=BROKEN), explain=False)
    assert performance_of(plain).explanations == ()
    assert plain.incidents == result.incidents
    assert len(plain.evidence) == HOURS - REFERENCE_HOURS
