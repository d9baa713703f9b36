from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from watchkeeper.errors import RecordError
from watchkeeper.events import Outcome, Prediction, validate
from watchkeeper.events.wire import from_msgpack, to_msgpack

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def prediction(**fields: Any) -> Prediction:
    return Prediction(**({"model": "m", "prediction_id": "p", "time": NOW} | fields))


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.floats(allow_nan=False)),
)


@given(st.dictionaries(st.text(min_size=1), values), st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back(features: dict[str, Any], time: datetime) -> None:
    [back] = from_msgpack(to_msgpack([prediction(features=features, time=time)]))
    assert back["record"] == "prediction"
    assert back["features"] == features
    assert back["time"] == time


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (prediction(features={"good": 1, "huge": 2**64}), "features.huge"),
        (prediction(features={"note": "\ud800"}), "features.note"),
        (prediction(features={"odd": object()}), "features.odd"),
        (prediction(time=datetime(2026, 1, 1)), "time"),
        (prediction(entity="\udfff"), "entity"),
        (Outcome(model="m", prediction_id="p", time=NOW, label=-(2**64)), "label"),
    ],
)
def test_what_cannot_be_written_is_named_by_row_and_field(record: Any, field: str) -> None:
    with pytest.raises(RecordError, match=f"row 1, {field}: expected"):
        to_msgpack([prediction(), record])


@given(st.dictionaries(st.text(min_size=1, max_size=9), values))
def test_a_valid_record_can_always_be_written(features: dict[str, Any]) -> None:
    record = prediction(features=features, time=NOW - timedelta(hours=1))
    checked = validate([record], now=NOW)
    assert len(from_msgpack(to_msgpack(checked.records))) == len(checked.records)
