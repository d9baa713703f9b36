from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.server.decoding import decode_records
from watchkeeper.server.problems import ProblemError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "record",
        "model",
        "prediction_id",
        "feedback_id",
        "time",
        "features",
        "output",
        "label",
        "kind",
        "tags",
        "position",
        "latency_seconds",
        "cost_usd",
    ]
)
GOOD: dict[str, Any] = {
    "record": "prediction",
    "model": "m",
    "prediction_id": "1",
    "time": "2026-03-01T12:00:00Z",
}
ROWS = st.dictionaries(FIELDS, JSON, max_size=4).map(lambda odd: {**GOOD, **odd}) | JSON


@given(st.binary(max_size=200))
def test_any_bytes_give_records_or_a_problem(body: bytes) -> None:
    try:
        decoded = decode_records(body)
    except ProblemError as error:
        assert error.problem.status == 400
        assert error.problem.detail
    else:
        assert decoded.records == []


@given(st.lists(ROWS, max_size=5))
def test_every_row_is_a_record_or_named_with_a_reason(rows: list[Any]) -> None:
    decoded = decode_records(msgspec.json.encode({"records": rows}))
    assert len(decoded.records) + len(decoded.rejections) == len(rows)
    places = [bad.row for bad in decoded.rejections]
    assert places == sorted(set(places))
    assert all(bad.field and bad.reason for bad in decoded.rejections)


@given(ROWS)
def test_a_bad_row_costs_its_neighbours_nothing(row: Any) -> None:
    good = {**GOOD, "prediction_id": "good"}
    decoded = decode_records(msgspec.json.encode({"records": [good, row, good]}))
    assert [r for r in decoded.records if getattr(r, "prediction_id", "") == "good"]
    assert {bad.row for bad in decoded.rejections} <= {1}
