from __future__ import annotations

import decimal
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from store.samples import START, outcome, prediction
from watchkeeper.errors import RecordError
from watchkeeper.store import Store


def read(store: Store, column: str) -> list[Any]:
    """The column's values, which must not change by sealing."""
    before = store.predictions("m")
    store.seal()
    after = store.predictions("m")
    assert after.equals(before)
    values: list[Any] = after[column].to_pylist()
    return values


def table(**columns: Any) -> pa.Table:
    rows = len(next(iter(columns.values()), [1]))
    given = {"prediction_id": [str(i) for i in range(rows)], "time": [START] * rows}
    return pa.table(given | columns)


def test_a_table_and_records_with_the_same_content_give_the_same(
    fresh: Callable[[], Path],
) -> None:
    rows = [
        {"x": 1.0, "word": "a", "flag": True, "at": START, "v": [1.0, 2.0]},
        {"x": None, "word": None, "flag": None, "at": None, "v": None},
        {"x": 3.0, "word": "b", "flag": False, "at": START, "v": []},
    ]
    with Store.open(fresh()) as one, Store.open(fresh()) as other:
        one.append(
            [
                prediction(str(i), features=r, output=0.5, tags={"t": "u"})
                for i, r in enumerate(rows)
            ]
        )
        features = {f"feature:{name}": [r[name] for r in rows] for name in rows[0]}
        bulk = table(**features, output=[0.5] * 3, **{"tag:t": ["u"] * 3})
        other.append_table("m", "prediction", bulk)
        assert one.predictions("m").equals(other.predictions("m"))
        assert other.append([prediction(str(i)) for i in range(3)]).duplicates == 3
        assert one.append_table("m", "prediction", bulk).duplicates == 3


def test_the_same_outcome_is_known_however_it_comes(store: Store) -> None:
    time = START + timedelta(microseconds=123_457)
    store.append([outcome("0", 1, seconds=0.123457)])
    bulk = pa.table({"prediction_id": ["0"], "time": [time], "label": pa.array([1.0])})
    assert store.append_table("m", "outcome", bulk).duplicates == 1


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([2**60 + 1], pa.int64()), [float(2**60)]),
        (pa.array([2**64 - 1], pa.uint64()), [float(2**64)]),
        (pa.array([decimal.Decimal("1.25")]), [1.25]),
        (pa.array([1], pa.float16()), [1.0]),
        (pa.array(["a"]).dictionary_encode(), ["a"]),
        (pa.array([7]).dictionary_encode(), [7.0]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array(["a"], pa.string_view()), ["a"]),
        (pa.array([1], pa.timestamp("ns", "Europe/Zurich")), [datetime(1970, 1, 1, tzinfo=UTC)]),
        (pa.array([1], pa.date32()), [datetime(1970, 1, 2, tzinfo=UTC)]),
        (pa.array([[1, 2]], pa.list_(pa.int32())), [[1.0, 2.0]]),
        (pa.array([[1.0, 2.0]], pa.list_(pa.float32(), 2)), [[1.0, 2.0]]),
        (pa.array([["a"]]), [["a"]]),
        (pa.array([{"a": 1}]), ['{"a":1}']),
        (pa.array([b"\x00\xff"]), ["\x00\ufffd"]),
        (pa.array([[[1.0]]]), ["[[1.0]]"]),
        (pa.array([5], pa.duration("s")), [5.0]),
        (pa.array([5], pa.time32("s")), ["00:00:05"]),
    ],
)
def test_arrow_columns_of_every_type_are_kept(
    store: Store, array: pa.Array, expected: list[Any]
) -> None:
    store.append_table("m", "prediction", table(**{"feature:x": array}))
    assert read(store, "feature:x") == expected


def test_an_arrow_column_of_another_type_becomes_misfits(store: Store) -> None:
    store.append([prediction("first", -1, features={"x": "text"})])
    store.append_table("m", "prediction", table(**{"feature:x": [1.5, None, float("nan")]}))
    assert read(store, "feature:x") == ["text", None, None, None]
    assert read(store, "misfit:x") == [None, "1.5", None, None]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (pa.table({"time": [START]}), "needs a column 'prediction_id'"),
        (pa.table({"prediction_id": ["a"]}), "needs a column 'time'"),
        (table(prediction_id=["a", None]), "'prediction_id' without nulls; row 1"),
        (table(time=["yesterday"]), "'time' must be readable as timestamp"),
        (table(latency_seconds=["slow"]), "'latency_seconds' must be readable as double"),
        (table(featur=[1]), "no column 'featur'"),
        (table(label=[1]), "no column 'label'"),
        (table(entity=pa.array([b"\xff\xfe"]).view(pa.string())), "'entity' must be readable"),
        (
            pa.Table.from_arrays([pa.array([1])] * 2, names=["output", "output"]),
            "two columns are called 'output'",
        ),
    ],
)
def test_a_table_that_cannot_be_kept_is_refused_whole(
    store: Store, bad: pa.Table, said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        store.append_table("m", "prediction", bad)
    assert store.last_sequence() == 0


def test_a_seal_writes_what_other_tools_can_read(store: Store) -> None:
    store.append([prediction("a", features={"x": 1.0, "y": "t"}), outcome("a", 1)])
    store.seal()
    [path] = (store.folder / "events" / "model=m" / "kind=prediction").rglob("*.parquet")
    assert path.parent.name == "date=2026-03-01"
    rows = pa.parquet.read_table(path, partitioning=None).to_pylist()
    assert rows[0]["feature:x"] == 1.0
    assert json.dumps(rows[0]["prediction_id"]) == '"a"'
    assert np.isclose(rows[0]["sequence"], 1)
