"""A column keeps the type of its first value, and nothing that was given is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from store.records import MODEL, NOON, prediction, prediction_table
from watchkeeper.errors import RecordError
from watchkeeper.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def test_a_later_value_of_another_type_is_a_misfit(store: Store) -> None:
    store.append([prediction(1, features={"x": 2.5})])
    store.append([prediction(2, features={"x": "two"}), prediction(3, features={"x": True})])
    store.seal()
    store.append([prediction(4, features={"x": [1.0]}), prediction(5, features={"x": 5})])
    for _ in range(2):
        found = store.predictions(MODEL)
        assert found.column("feature:x").to_pylist() == [2.5, None, None, None, 5.0]
        assert found.column("misfit:x").to_pylist() == [None, '"two"', "true", "[1.0]", None]
        store.seal()


def test_a_column_of_nulls_takes_the_type_that_comes(store: Store) -> None:
    store.append([prediction(1, features={"x": None})])
    store.seal()
    store.append([prediction(2, features={"x": "a"})])
    assert store.predictions(MODEL).column("feature:x").to_pylist() == [None, "a"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([2**60 + 1, None]), [float(2**60), None]),
        (pa.array([2**64 - 1, 0], pa.uint64()), [float(2**64), 0.0]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([b"\xff", b"a"]), ["\ufffd", "a"]),
        (pa.array([{"a": 1}, None]), ['{"a":1}', None]),
        (pa.array([[1, 2], [3]]), [[1.0, 2.0], [3.0]]),
        (pa.array([["a"], None]), [["a"], None]),
    ],
)
def test_every_type_of_bulk_column_can_be_read_back(
    store: Store, values: pa.Array, expected: list[Any]
) -> None:
    store.append_table(MODEL, "prediction", prediction_table(["a", "b"], **{"feature:x": values}))
    for _ in range(2):
        assert store.predictions(MODEL).column("feature:x").to_pylist() == expected
        store.seal()


def test_times_finer_than_a_microsecond_are_cut(store: Store) -> None:
    nanoseconds = pa.array([1_700_000_000_000_000_999], pa.timestamp("ns", "UTC"))
    table = pa.table({"prediction_id": ["a"], "time": nanoseconds, "feature:at": nanoseconds})
    store.append_table(MODEL, "prediction", table)
    store.seal()
    [row] = store.predictions(MODEL).to_pylist()
    assert row["time"].microsecond == row["feature:at"].microsecond == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b"], ['"a"', '"b"']),
        ([[1.0], [2.0, 3.0]], ["[1.0]", "[2.0,3.0]"]),
        ([True, None], ["true", None]),
    ],
)
def test_a_bulk_column_of_another_type_is_kept_as_misfits(
    store: Store, values: list[Any], expected: list[Any]
) -> None:
    store.append([prediction("0", hours=-1, features={"x": 1.0})])
    store.append_table(MODEL, "prediction", prediction_table(["a", "b"], **{"feature:x": values}))
    for _ in range(2):
        found = store.predictions(MODEL)
        assert found.column("feature:x").to_pylist() == [1.0, None, None]
        assert found.column("misfit:x").to_pylist() == [None, *expected]
        store.seal()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"time": [NOON]}), "needs a column 'prediction_id'"),
        (pa.table({"prediction_id": ["a"]}), "needs a column 'time'"),
        (prediction_table(["a"]).set_column(0, "prediction_id", [[None]]), "without nulls"),
        (prediction_table(["a"], latency_seconds=["fast"]), "'latency_seconds'"),
        (pa.table({"prediction_id": ["a"], "time": ["noon"]}), "'time'"),
    ],
)
def test_a_bulk_table_without_what_is_needed_is_refused(
    store: Store, table: pa.Table, said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        store.append_table(MODEL, "prediction", table)
    assert store.models() == []


def test_a_table_of_outcomes_needs_labels(store: Store) -> None:
    with pytest.raises(RecordError, match="'label'"):
        store.append_table(MODEL, "outcome", prediction_table(["a"]))
