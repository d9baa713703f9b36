"""What features contribute to an output is watched: reasons move where no input moves by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events import Column, Schema
from watchkeeper.pipeline import (
    Explanation,
    IncidentSummary,
    Plan,
    Watch,
    backtest,
    compare,
    explain_incident,
    list_incidents,
    set_baseline,
)
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch import Bucketing

MODEL = "arrival-delay"
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
NOW = BEGIN + timedelta(days=30)
REFERENCE_HOURS, HOURS, ROWS = 100, 160, 60
Change = Literal["none", "together", "model", "weight"]


def predictions(first: int, last: int, change: Change = "none") -> pa.Table:
    """A model that weighs ``air_time`` by the airport.

    The ``model`` may add to what it said, or give it twice the ``weight``. Where inputs change
    ``together``, long flights come from the airport where they count, each as often as before.
    """
    rng = np.random.default_rng([7, first])
    hours = np.repeat(np.arange(first, last), ROWS)
    air_time = rng.normal(size=len(hours))
    place = rng.integers(0, 3, size=len(hours))
    if change == "together":
        where = air_time + rng.normal(size=len(hours))
        place = np.digitize(where, [-0.6091, 0.6091])  # thirds of a variance of two
    contribution = air_time * place * (2.0 if change == "weight" else 1.0)
    contribution += 0.6 if change == "model" else 0.0
    times = [
        BEGIN + timedelta(hours=int(h), minutes=i % ROWS) for i, h in enumerate(hours.tolist())
    ]
    columns = {
        "prediction_id": [f"{first}-{i}" for i in range(len(hours))],
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "feature:air_time": air_time,
        "feature:origin": np.array(["EWR", "JFK", "LGA"])[place],
        "output": contribution + rng.normal(size=len(hours)),
        "explanation:air_time": contribution,
        "explanation:origin": 0.1 * rng.normal(size=len(hours)),
    }
    return pa.table(columns)


def watched(store: Store, change: Change, *, ignore: tuple[str, ...] = ()) -> list[IncidentSummary]:
    store.append_table(MODEL, "prediction", predictions(0, REFERENCE_HOURS + 20))
    store.append_table(MODEL, "prediction", predictions(REFERENCE_HOURS + 20, HOURS, change))
    set_baseline(
        store,
        MODEL,
        Plan(bucketing=Bucketing.parse("1h"), season=False, ignore=ignore),
        until=BEGIN + timedelta(hours=REFERENCE_HOURS),
        budget="1 per 720 buckets",
        note="",
        actor="ann",
        now=NOW,
    )
    Watch(store, MODEL).advance(now=NOW)
    return list_incidents(store, now=NOW, model=MODEL, end=NOW)


def why(store: Store, incident: IncidentSummary) -> Explanation:
    return explain_incident(store, IncidentKey.parse(incident.id), now=NOW)


@pytest.mark.parametrize("change", ["together", "model", "weight"])
def test_reasons_that_move_are_told_though_no_input_does_and_why_they_did(
    tmp_path: Path, change: Change
) -> None:
    with Store.open(tmp_path / "store") as store:
        found = watched(store, change)
        first = found[-1]
        said = why(store, first).conclusions
    assert "explanation:air_time" in first.what
    assert {"air_time", "origin"}.isdisjoint(first.what)
    assert "the contribution of air_time" in first.message
    assert "no input moved by itself" in first.message
    assert said[0] == "What features contribute to the output moved, and no input by itself."
    name = "The size of the contribution" if change == "weight" else "The contribution"
    assert said[1].startswith(f"{name} of air_time to the output: ")
    expected = {
        "weight": "For the same inputs the model gives other reasons",
        "together": "for the same inputs the model gives the same reasons",
        "model": "For the same inputs the model gives other reasons",
    }
    assert expected[change] in said[2]


def test_contributions_of_clean_data_raise_no_alarm_and_have_a_fifth_of_the_budget(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / "store") as store:
        assert watched(store, "none") == []
        _, setup = load_setup(store, MODEL)
    fitted = setup.fitted()
    assert fitted.settings.explanations == ("explanation:air_time", "explanation:origin")
    # Four data columns: the features, the prediction and whether there was an error.
    names = [unit.column for unit in fitted.panel.units]
    weights = dict(zip(names, [fitted.settings.weights.get(n, 1.0) for n in names], strict=True))
    assert weights["explanation:air_time"] == pytest.approx(0.125 * (len(names) - 2))
    own = np.isin(fitted.streams.unit, [i for i, n in enumerate(names) if n.startswith("expl")])
    assert 0.1 < fitted.streams.weight[own].sum() <= 0.2


def test_data_columns_are_never_foretold_by_contributions(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        watched(store, "none")
        fitted = load_setup(store, MODEL)[1].fitted()
    names = [unit.column for unit in fitted.panel.units]
    used = fitted.relations.predictors[fitted.relations.weights != 0]
    assert not any(names[unit].startswith("explanation:") for unit in used)


def test_contributions_are_left_out_all_at_once(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        watched(store, "none", ignore=("explanation:",))
        _, setup = load_setup(store, MODEL)
    assert setup.schema.explanations() == []
    assert setup.ignored["explanation:origin"] == "left out as asked"


def test_a_comparison_names_contributions_and_keeps_them_out_of_what_is_joint() -> None:
    found = compare(predictions(0, 40), predictions(40, 80, "model"), ignore=["time"])
    drifted = {name for name, column in found.columns.items() if column.drifted}
    assert "explanation:air_time" in drifted
    assert "feature:air_time" not in drifted
    assert found.dataset.joint is not None
    telling = {one.column for one in found.dataset.joint.columns}
    assert not any(name.startswith("explanation:") for name in telling)


def test_a_backtest_watches_contributions_and_a_declared_role_makes_any_column_one() -> None:
    calm, moved = predictions(0, 120), predictions(120, 140, "model")
    data = pa.concat_tables([calm, moved]).drop_columns(["prediction_id"])
    renamed = data.rename_columns(
        ["shap of air time" if n == "explanation:air_time" else n for n in data.column_names]
    )
    number = Column(type="number")
    declared = Schema(
        columns={
            "time": Column(type="datetime", role="time"),
            "feature:air_time": number,
            "shap of air time": Column(type="number", role="explanation"),
        }
    )
    named, roles = (
        backtest(
            given,
            time="time",
            reference_until=BEGIN + timedelta(hours=100),
            bucket="1h",
            budget="1 per 720 buckets",
            season="none",
            schema=schema,
        )
        for given, schema in ((data, None), (renamed, declared))
    )
    assert "the contribution of air_time to the output rose" in named.incidents[0].message
    [stream] = roles.incidents[0].streams
    assert stream.column == "shap of air time"
