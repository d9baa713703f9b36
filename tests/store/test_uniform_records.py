"""Columns made of records when they arrive, instead of when they are sealed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.records import MODEL, NOON, prediction
from watchkeeper.events import Prediction, Record
from watchkeeper.events.wire import from_msgpack, to_msgpack
from watchkeeper.store.bulk import conform
from watchkeeper.store.columns import ARROW, ColumnKind
from watchkeeper.store.record_columns import table_of_records, table_of_uniform

NAIVE_EARLIEST, NAIVE_LATEST = datetime(1970, 1, 1), datetime(2100, 1, 1)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.datetimes(NAIVE_EARLIEST, NAIVE_LATEST, timezones=st.just(UTC))
    | st.lists(st.floats(), max_size=3)
    | st.lists(st.text(max_size=3), max_size=3)
)
KINDS_OF_VALUES = [
    st.floats() | st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=5),
    st.booleans() | st.none(),
    st.lists(st.floats(), max_size=3),
    VALUES,
]


@st.composite
def batches(draw: st.DrawFn) -> list[Record]:
    """Predictions whose columns are mostly of one kind, as real ones are, and sometimes not."""
    names = draw(st.lists(st.text(min_size=1, max_size=4), max_size=4, unique=True))
    kinds = {name: draw(st.sampled_from(KINDS_OF_VALUES)) for name in names}
    shares = st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=3)
    output = draw(st.sampled_from([st.floats(), st.text(max_size=3), shares, st.none() | shares]))
    return [
        prediction(
            number,
            features={name: draw(kind) for name, kind in kinds.items()},
            output=draw(output),
            tags=draw(st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


@settings(max_examples=200, deadline=None)
@given(batches(), st.dictionaries(st.text(max_size=4), st.sampled_from(list(ARROW)), max_size=3))
def test_columns_made_on_arrival_say_what_the_records_say(
    records: list[Record], known: dict[str, ColumnKind]
) -> None:
    at_once = table_of_uniform("prediction", records)
    if at_once is None:
        return
    before = {f"feature:{name}": kind for name, kind in known.items()}
    first, second = dict(before), dict(before)
    expected = table_of_records("prediction", from_msgpack(to_msgpack(records)), first)
    found = conform(at_once, second)
    assert found.num_rows == len(records)
    plain = {n for n in expected.column_names if not n.startswith("misfit:")}
    for name in plain | set(found.column_names):
        if name.startswith("misfit:"):
            continue
        absent = [None] * len(records)
        left = expected.column(name).to_pylist() if name in expected.column_names else absent
        right = found.column(name).to_pylist() if name in found.column_names else absent
        assert [missing(v) for v in left] == [missing(v) for v in right], name
    assert {n: k for n, k in first.items() if n in second} == second


def missing(value: object) -> object:
    """NaN is no value, like null."""
    is_missing = value is None or (isinstance(value, float) and value != value)
    return None if is_missing else repr(value)


@pytest.mark.parametrize(
    "odd",
    [
        prediction(2, features={"x": "text"}),
        prediction(2, features={"x": True}),
        prediction(2, features={"x": 2**70}),
        prediction(2, features={"x": 1.0, "at": NOON}),
        Prediction(model=MODEL, prediction_id="2", time=NOON.replace(tzinfo=None)),
    ],
)
def test_what_is_of_several_kinds_or_in_doubt_stays_as_records(odd: Prediction) -> None:
    assert table_of_uniform("prediction", [prediction(1, features={"x": 1.5}), odd]) is None
