"""What each feature contributed to an output is kept with the prediction, whatever the way in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.samples import START, prediction, predictions
from watchkeeper.errors import RecordError
from watchkeeper.events import (
    MaskRule,
    OperatingSettings,
    Prediction,
    PrivacySettings,
    privacy_faults,
    validate,
)
from watchkeeper.store import Store, canonical
from watchkeeper.store.private_contributions import PrivateContributions
from watchkeeper.store.record_columns import table_of_records, table_of_uniform

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
EXPLANATIONS = st.none() | st.dictionaries(NAMES, st.floats() | st.none(), max_size=4)
HEADED = {"model": "m", "time": START}


def stored(store: Store) -> list[dict[str, float]]:
    """Contributions of each prediction, by its id; those not known left out."""
    table = store.predictions("m").sort_by("prediction_id")
    names = [name for name in table.column_names if name.startswith("explanation:")]
    return [
        {name.removeprefix("explanation:"): v for name in names if (v := row[name]) is not None}
        for row in table.to_pylist()
    ]


def known(explanation: Mapping[str, float | None] | None) -> dict[str, float]:
    return {n: v for n, v in (explanation or {}).items() if v is not None and not math.isnan(v)}


@settings(max_examples=60)
@given(st.lists(EXPLANATIONS, min_size=1, max_size=6), st.booleans())
def test_contributions_come_back_as_they_were(
    given: list[dict[str, float | None] | None], as_columns: bool
) -> None:
    records = [
        Prediction(prediction_id=str(i), explanation=one, **HEADED)  # type: ignore[arg-type]
        for i, one in enumerate(given)
    ]
    assert validate(records, now=START).rejections == []
    if as_columns:
        table = table_of_uniform("prediction", records)
    else:
        maps = [
            {"prediction_id": r.prediction_id, **HEADED, "explanation": r.explanation}
            for r in records
        ]
        table = table_of_records("prediction", maps, {})
    assert table is not None
    found = [
        known({n.removeprefix("explanation:"): v for n, v in row.items() if n.startswith("expl")})
        for row in table.to_pylist()
    ]
    assert found == [known(one) for one in given]


def test_records_one_by_one_many_at_once_and_tables_give_the_same(
    fresh: Callable[[], Path],
) -> None:
    given = [{"age": i / 8, "plan=pro": -1.5} if i % 3 else None for i in range(40)]
    found = []
    for way in ("single", "batch", "table"):
        with Store.open(fresh()) as store:
            records = [prediction(f"{i:02}", i, explanation=one) for i, one in enumerate(given)]
            if way == "table":
                columns = {
                    "prediction_id": [r.prediction_id for r in records],
                    "time": [r.time for r in records],
                    "explanation:age": [r.explanation and r.explanation["age"] for r in records],
                    "explanation:plan=pro": pa.array(
                        [r.explanation and -1.5 for r in records], pa.float32()
                    ),
                }
                store.append_table("m", "prediction", pa.table(columns))
            else:
                for part in [records] if way == "batch" else [[one] for one in records]:
                    store.append(part)
            store.seal()
            found.append(stored(store))
    assert found == [[one or {} for one in given]] * 3


@pytest.mark.parametrize("wrong", ["high", True, [0.1]])
def test_a_contribution_that_is_no_number_is_told_by_its_name(wrong: object) -> None:
    record = prediction("1", explanation={"age": 0.5, "plan": wrong})
    [told] = validate([record], now=START).rejections
    assert told.field == "explanation.plan"
    assert told.reason.startswith("expected a number, got")


def test_a_table_whose_contributions_are_no_numbers_is_refused() -> None:
    columns = {"prediction_id": ["1"], "time": [START], "explanation:age": ["high"]}
    with pytest.raises(RecordError, match="'explanation:age' must be numbers or null"):
        canonical("prediction", pa.table(columns))


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("how", ["hash", "drop", "mask"])
def test_a_private_feature_is_not_told_by_its_contribution(
    store: Store, how: str, count: int
) -> None:
    columns = {"mask": {"plan": MaskRule()}} if how == "mask" else {how: ("plan",)}
    privacy = OperatingSettings(privacy=PrivacySettings(**columns))  # type: ignore[arg-type]
    store.operating.put("m", privacy, actor="me", now=START)
    explanation = {"plan": 0.5, "plan=pro": 0.25, "cat__plan_pro": 0.2, "age": 1.0, "planet": 2.0}
    features = {"plan": "pro", "age": 41, "planet": "Mars", "plan_age": 3}
    one = {"features": features, "explanation": {**explanation, "plan_age": 4.0}}
    store.append(predictions([f"r{i}" for i in range(count)], **one))
    table = pa.table(
        {
            "prediction_id": ["t"],
            "time": [START],
            **{f"feature:{name}": [value] for name, value in features.items()},
            **{f"explanation:{name}": [value] for name, value in one["explanation"].items()},
        }
    )
    store.append_table("m", "prediction", table)
    # A feature of its own that is only named alike tells of itself.
    assert stored(store) == [{"age": 1.0, "planet": 2.0, "plan_age": 4.0}] * (count + 1)


def test_without_the_output_there_are_no_contributions_that_add_up_to_it() -> None:
    private = PrivateContributions(["output", "output:"])
    assert private.kept({"age": 1.0}, {"age"}) is None
    assert private.columns(["explanation:age", "feature:age"]) == {"explanation:age"}


def test_a_contribution_can_be_dropped_by_itself_and_not_hashed() -> None:
    assert PrivateContributions(["explanation:age"]).kept({"age": 1.0, "b": 2.0}, ()) == {"b": 2.0}
    assert privacy_faults(PrivacySettings(drop=("explanation:age",))) == []
    [fault] = privacy_faults(PrivacySettings(hash=("explanation:age",)))
    assert "can only be dropped" in fault.reason


def test_an_erased_entity_leaves_no_contribution(store: Store) -> None:
    who = ["ada", "bob", "ada"]
    records = [
        prediction(str(i), i, entity=entity, explanation={"age": float(i)})
        for i, entity in enumerate(who)
    ]
    store.append(records[:2])
    store.seal()
    store.append(records[2:])
    store.erasures.erase("ada", actor="me", now=START)
    assert stored(store) == [{"age": 1.0}]
