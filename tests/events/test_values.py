from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from watchkeeper.events import Feedback, Outcome, Prediction, Record, validate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def prediction(**fields: Any) -> Prediction:
    return Prediction(**({"model": "m", "prediction_id": "p", "time": NOW} | fields))


def feedback(**fields: Any) -> Feedback:
    return Feedback(**({"model": "m", "feedback_id": "f", "time": NOW, "kind": "click"} | fields))


def outcome(**fields: Any) -> Outcome:
    return Outcome(**({"model": "m", "prediction_id": "p", "time": NOW} | fields))


GOOD = [
    prediction(features={"a": math.nan, "b": math.inf, "c": -math.inf, "d": None, "e": [1.0, 2]}),
    prediction(features={"a": 2**63 - 1, "b": -(2**63), "c": "é" * 1_000_000, "d": NOW, "e": True}),
    prediction(features={f"f{i}": 0.0 for i in range(10_000)}),
    prediction(output={"a": 0.5, "b": 1}, tags={"country": "CH"}),
    prediction(output=["a", "b"], latency_seconds=0.0, cost_usd=0),
    prediction(model="A.b_c-9" + "x" * 121, prediction_id="p" * 512),
    prediction(time=NOW + timedelta(days=1)),
    prediction(time=datetime(1970, 1, 1, tzinfo=UTC)),
    outcome(label=True),
    outcome(label="yes"),
    feedback(amount=-3.5, position=0, item="7"),
]


@pytest.mark.parametrize("record", GOOD)
def test_a_good_record_passes_as_it_is(record: Record) -> None:
    checked = validate([record], now=NOW)
    assert checked.rejections == []
    assert checked.records[0] is record


BAD = [
    (prediction(model=""), "model"),
    (prediction(model="a b"), "model"),
    (prediction(model=".hidden"), "model"),
    (prediction(model="x" * 129), "model"),
    (prediction(model="../m"), "model"),
    (prediction(model="m\n"), "model"),
    (prediction(model=7), "model"),
    (prediction(prediction_id=""), "prediction_id"),
    (prediction(prediction_id="p" * 513), "prediction_id"),
    (prediction(prediction_id=7), "prediction_id"),
    (prediction(prediction_id="\ud800"), "prediction_id"),
    (prediction(time=datetime(2026, 1, 1)), "time"),
    (prediction(time="2026-01-01"), "time"),
    (prediction(time=datetime(1969, 12, 31, 23, 59, tzinfo=UTC)), "time"),
    (prediction(time=NOW + timedelta(days=1, microseconds=1)), "time"),
    (prediction(features={"amount": 2**63}), "features.amount"),
    (prediction(features={"amount": -(2**70)}), "features.amount"),
    (prediction(features={"note": "x" * 1_000_001}), "features.note"),
    (prediction(features={"note": "a\udfffb"}), "features.note"),
    (prediction(features={"note": b"bytes"}), "features.note"),
    (prediction(features={"note": {"a": 1}}), "features.note"),
    (prediction(features={"e": [1.0, "x"]}), "features.e"),
    (prediction(features={"e": [1.0, 2**64]}), "features.e"),
    (prediction(features={"born": datetime(2026, 1, 1)}), "features.born"),
    (prediction(features={"": 1.0}), "features"),
    (prediction(features={7: 1.0}), "features"),
    (prediction(features={f"f{i}": 0.0 for i in range(10_001)}), "features"),
    (prediction(output={"a": "b"}), "output.a"),
    (prediction(output={"a": 2**64}), "output.a"),
    (prediction(output=["a", 1]), "output"),
    (prediction(output=NOW), "output"),
    (prediction(latency_seconds=math.nan), "latency_seconds"),
    (prediction(latency_seconds=-0.1), "latency_seconds"),
    (prediction(latency_seconds="fast"), "latency_seconds"),
    (prediction(cost_usd=math.inf), "cost_usd"),
    (prediction(cost_usd=True), "cost_usd"),
    (prediction(version=None), "version"),
    (prediction(entity="x" * 1_000_001), "entity"),
    (prediction(tags={"country": 7}), "tags"),
    (outcome(prediction_id=""), "prediction_id"),
    (outcome(label=2**64), "label"),
    (outcome(label=[1.0]), "label"),
    (outcome(label=NOW), "label"),
    (feedback(feedback_id=""), "feedback_id"),
    (feedback(kind=""), "kind"),
    (feedback(kind=None), "kind"),
    (feedback(position=-1), "position"),
    (feedback(position=2**63), "position"),
    (feedback(position=1.5), "position"),
    (feedback(amount=math.nan), "amount"),
    (feedback(amount=2**64), "amount"),
]


@pytest.mark.parametrize(("record", "field"), BAD)
def test_a_fault_is_told_by_row_and_field_and_costs_only_its_record(
    record: Record, field: str
) -> None:
    checked = validate([GOOD[3], record, GOOD[4]], now=NOW)
    assert checked.records == [GOOD[3], GOOD[4]]
    [rejection] = checked.rejections
    assert (rejection.row, rejection.field) == (1, field)
    assert rejection.reason.startswith("expected")
    msgspec.json.encode(rejection)


def test_times_of_any_zone_become_the_same_moment_in_utc() -> None:
    zoned = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    [record] = validate([prediction(time=zoned)], now=NOW).records
    assert record.time == NOW
    assert record.time.tzinfo is UTC


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=-12))])),
    st.lists(st.one_of(st.floats(), st.text(), st.integers())),
    st.dictionaries(st.text(), st.one_of(st.floats(), st.text())),
)


@given(
    st.lists(
        st.builds(
            Prediction,
            model=anything,
            prediction_id=anything,
            time=anything,
            features=st.dictionaries(st.one_of(st.text(), st.integers()), anything),
            output=anything,
            version=anything,
            latency_seconds=anything,
            tags=st.dictionaries(st.text(), anything),
        ),
        max_size=5,
    )
)
def test_whatever_comes_every_row_is_either_kept_or_told(records: list[Prediction]) -> None:
    checked = validate(records, now=NOW)
    rows = {rejection.row for rejection in checked.rejections}
    assert len(rows) == len(checked.rejections)
    assert len(checked.records) + len(rows) == len(records)
