"""Rules of records: what keeps them passes unchanged, what breaks one is told by row and field."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events import Feedback, Outcome, Prediction, Rejection, validate

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


def prediction(**more: Any) -> Prediction:
    return Prediction(**{"model": "m", "prediction_id": "p", "time": NOW, **more})


def outcome(**more: Any) -> Outcome:
    return Outcome(**{"model": "m", "prediction_id": "p", "time": NOW, **more})


def feedback(**more: Any) -> Feedback:
    return Feedback(**{"model": "m", "feedback_id": "f", "time": NOW, "kind": "click", **more})


def fault(record: Prediction | Outcome | Feedback) -> Rejection:
    checked = validate([record], now=NOW)
    assert checked.records == []
    [rejection] = checked.rejections
    return rejection


@pytest.mark.parametrize(
    "record",
    [
        prediction(),
        prediction(model="A1.b_c-d", prediction_id="x" * 512),
        prediction(time=NOW + timedelta(days=1)),
        prediction(time=datetime(1970, 1, 1, tzinfo=UTC)),
        prediction(features={"x": math.nan, "y": math.inf, "z": None, "v": [math.nan]}),
        prediction(features={"x": 2**63 - 1, "y": -(2**63) + 1, "t": "é" * 1_000_000}),
        prediction(output={"yes": 0.5}),
        prediction(output=["a", "b"]),
        prediction(output=True, latency_seconds=0.0, cost_usd=0.0),
        outcome(label=None),
        outcome(label=math.nan),
        outcome(label=[]),
        outcome(label=[f"label {n}" for n in range(1_000)]),
        feedback(amount=-3.5, position=0),
    ],
)
def test_what_keeps_the_rules_passes_unchanged(record: Prediction | Outcome | Feedback) -> None:
    checked = validate([record], now=NOW)
    assert checked.rejections == []
    assert checked.records[0] is record


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        (prediction(model=""), "model", "expected 1 to 128 letters"),
        (prediction(model="-m"), "model", "beginning with a letter or digit"),
        (prediction(model="a/b"), "model", "'a/b'"),
        (prediction(model="m" * 129), "model", "…"),
        (prediction(model="m\n"), "model", "expected"),
        (prediction(prediction_id=""), "prediction_id", "1 to 512 characters, got 0"),
        (outcome(prediction_id="x" * 513), "prediction_id", "got 513"),
        (outcome(label=["a", "b", "a"]), "label", "expected each label once, got 'a' twice"),
        (outcome(label=["a", 1]), "label", "expected labels as texts, got int"),
        (outcome(label=[["a"]]), "label", "expected labels as texts, got list"),
        (outcome(label=[""]), "label", "labels of 1 to 512 characters, got one of 0"),
        (outcome(label=[str(n) for n in range(1_001)]), "label", "at most 1,000 labels, got 1,001"),
        (feedback(feedback_id=""), "feedback_id", "got 0"),
        (prediction(time=datetime(2024, 3, 1)), "time", "without one"),
        (prediction(time=datetime(1969, 12, 31, tzinfo=UTC)), "time", "since 1970"),
        (
            prediction(time=NOW + timedelta(days=1, microseconds=1)),
            "time",
            "at most a day ahead of now",
        ),
        (prediction(features={"x": 2**63}), "features.x", "64 bits, got one of 64 bits"),
        (prediction(features={"x": -(10**400)}), "features.x", "got one of 1329 bits"),
        (prediction(features={"t": "a" * 1_000_001}), "features.t", "got 1000001"),
        (
            prediction(features={str(i): 1 for i in range(10_001)}),
            "features",
            "at most 10000, got 10001",
        ),
        (prediction(output=2**70), "output", "64 bits"),
        (prediction(output={"a": 2**70}), "output.a", "64 bits"),
        (prediction(latency_seconds=-0.1), "latency_seconds", "0 or more, got -0.1"),
        (prediction(cost_usd=math.nan), "cost_usd", "finite number of 0 or more, got nan"),
        (outcome(label=2**64), "label", "64 bits"),
        (outcome(label="x" * 1_000_001), "label", "characters"),
        (feedback(kind=""), "kind", "'click'"),
        (feedback(amount=math.inf), "amount", "expected a finite number, got inf"),
    ],
)
def test_what_breaks_a_rule_is_told_by_field(
    record: Prediction | Outcome | Feedback, field: str, reason: str
) -> None:
    rejection = fault(record)
    assert rejection.field == field
    assert reason in rejection.reason


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (prediction(prediction_id="\ud800"), "prediction_id"),
        (prediction(features={"x": "a\udfff"}), "features.x"),
        (prediction(features={"\ud800": 1}), "features"),
        (prediction(output="\ud800"), "output"),
        (prediction(output=["\ud800"]), "output"),
        (prediction(entity="\ud800"), "entity"),
        (prediction(tags={"a": "\ud800"}), "tags"),
        (outcome(label="\ud800"), "label"),
        (feedback(item="\ud800"), "item"),
    ],
)
def test_text_that_cannot_be_written_is_told(
    record: Prediction | Outcome | Feedback, field: str
) -> None:
    rejection = fault(record)
    assert rejection.field == field
    assert "surrogate" in rejection.reason
    assert rejection.reason.encode()


def test_good_ones_pass_beside_bad_ones() -> None:
    records = [prediction(), outcome(prediction_id=""), feedback(), prediction(model="?")]
    checked = validate(records, now=NOW)
    assert checked.records == [records[0], records[2]]
    assert [(r.row, r.field) for r in checked.rejections] == [(1, "prediction_id"), (3, "model")]


def test_times_become_utc() -> None:
    zurich = timezone(timedelta(hours=1))
    [record] = validate([prediction(time=NOW.astimezone(zurich))], now=NOW).records
    assert record.time == NOW
    assert record.time.tzinfo is UTC


TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-12)), None]))
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(
    st.lists(
        st.builds(
            prediction,
            model=st.text(max_size=5),
            prediction_id=st.text(max_size=5),
            time=TIMES,
            features=st.dictionaries(st.text(max_size=3), VALUES, max_size=3),
            latency_seconds=st.none() | st.floats(),
        ),
        max_size=5,
    )
)
def test_every_record_is_either_good_or_told(records: list[Prediction]) -> None:
    checked = validate(records, now=NOW)
    assert len(checked.records) + len(checked.rejections) == len(records)
    rows = [r.row for r in checked.rejections]
    assert rows == sorted(set(rows))
