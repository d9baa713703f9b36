from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import DataError
from watchkeeper.pipeline import open_table

ROWS = 70_000
TABLE = pa.table(
    {
        "n": range(ROWS),
        "x": np.linspace(0, 1, ROWS),
        "name": [f"name {at % 7}" for at in range(ROWS)],
        "at": pa.array([datetime(2020, 1, 1, tzinfo=UTC)] * ROWS, pa.timestamp("us", "UTC")),
    }
)


def as_relation(table: pa.Table) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_arrow(table)


def as_dataset(table: pa.Table) -> ds.Dataset:
    return ds.dataset(table)


FRAMES: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda table: table.to_pandas(),
    "Polars": pl.from_arrow,
    "Polars, lazy": lambda table: pl.DataFrame(pl.from_arrow(table)).lazy(),
    "PyArrow table": lambda table: table,
    "PyArrow record batch": lambda table: table.combine_chunks().to_batches()[0],
    "PyArrow reader": lambda table: table.to_reader(),
    "PyArrow dataset": as_dataset,
    "DuckDB relation": as_relation,
    "list of dicts": lambda table: table.to_pylist(),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_data_frame_gives_the_same_rows_in_its_order(kind: str) -> None:
    source = open_table(FRAMES[kind](TABLE))
    assert source.schema == TABLE.schema
    assert source.rows in (ROWS, None)
    tables = list(source.batches())
    assert [table.num_rows for table in tables] == [65_536, ROWS - 65_536]
    assert pa.concat_tables(tables).equals(TABLE)
    assert source.rejections == []


@pytest.mark.parametrize("kind", sorted(set(FRAMES) - {"PyArrow reader"}))
def test_a_frame_can_be_read_again(kind: str) -> None:
    source = open_table(FRAMES[kind](TABLE.slice(0, 100)))
    assert list(source.batches()) == list(source.batches())


def test_a_stream_that_was_read_says_so() -> None:
    source = open_table(TABLE.to_reader())
    assert sum(table.num_rows for table in source.batches()) == ROWS
    with pytest.raises(DataError, match="a stream gives its rows once"):
        list(source.batches())


def test_a_dataset_of_files_is_read_in_batches(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=1000)
    source = open_table(ds.dataset(tmp_path))
    assert sum(table.num_rows for table in source.batches()) == ROWS


def test_pandas_objects_are_typed_by_their_values() -> None:
    frame = pd.DataFrame(
        {
            "number": pd.Series([1, 2.5, None], dtype=object),
            "flag": pd.Series([True, None, False], dtype=object),
            "vector": [[1, 2], None, np.array([0.5])],
            "mixed": pd.Series([1, "a", {"b": 2}], dtype=object),
            "day": pd.Series([datetime(2020, 1, 1).date(), None, pd.NaT], dtype=object),
            "nothing": pd.Series([None, float("nan"), pd.NA], dtype=object),
            "kind": pd.Categorical(["u", None, "u"]),
        }
    )
    source = open_table(frame)
    assert [row for table in source.batches() for row in table.to_pylist()] == [
        {
            "number": 1.0,
            "flag": True,
            "vector": [1.0, 2.0],
            "mixed": "1",
            "day": datetime(2020, 1, 1, tzinfo=UTC),
            "nothing": None,
            "kind": "u",
        },
        {
            "number": 2.5,
            "flag": None,
            "vector": None,
            "mixed": "a",
            "day": None,
            "nothing": None,
            "kind": None,
        },
        {
            "number": None,
            "flag": False,
            "vector": [0.5],
            "mixed": '{"b":2}',
            "day": None,
            "nothing": None,
            "kind": "u",
        },
    ]


def test_one_text_among_many_numbers_names_its_row_and_column() -> None:
    values: list[object] = [1] * 200
    values[120] = "oops"
    for frame in (
        pd.DataFrame({"a": pd.Series(values, dtype=object), "b": 1}),
        [{"a": value, "b": 1} for value in values],
    ):
        source = open_table(frame)
        assert source.schema.types == [pa.int64(), pa.int64()]
        assert sum(table.num_rows for table in source.batches()) == 199
        assert [(one.row, one.column) for one in source.rejections] == [(121, "a")]
        assert "'oops' came" in source.rejections[0].reason
        assert source.rejections[0].raw == '{"a":"oops","b":1}'


def test_an_index_of_pandas_that_means_something_is_a_column() -> None:
    times = pd.date_range("2020-01-01", periods=2, tz="Europe/Zurich")
    assert open_table(pd.DataFrame({"a": [1, 2]}, index=times)).schema.names == ["index", "a"]
    named = pd.DataFrame({"a": [1, 2]}, index=pd.Index([7, 8], name="id"))
    assert open_table(named).schema.names == ["id", "a"]
    assert open_table(pd.DataFrame({"a": [1, 2]}, index=[7, 8])).schema.names == ["a"]


def test_times_of_other_zones_become_utc() -> None:
    times = pd.date_range("2020-01-01", periods=1, tz="Europe/Zurich")
    (table,) = open_table(pd.DataFrame({"t": times})).batches()
    assert table["t"].to_pylist() == [datetime(2019, 12, 31, 23, tzinfo=UTC)]
    (table,) = open_table(pl.DataFrame({"t": [datetime(2020, 1, 1)]})).batches()
    assert table["t"].to_pylist() == [datetime(2020, 1, 1, tzinfo=UTC)]


def test_dicts_with_different_keys_are_joined_by_name() -> None:
    (table,) = open_table([{"a": 1}, {"b": "x", "a": 2.5}]).batches()
    assert table.to_pylist() == [{"a": 1.0, "b": None}, {"a": 2.5, "b": "x"}]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.DataFrame({"a": []}), "no rows"),
        (pl.DataFrame({"a": []}), "no rows"),
        (TABLE.slice(0, 0), "no rows"),
        (pd.DataFrame(index=[1, 2]), "no columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than one column named 'a'"),
        (pa.table([[1], [2]], names=["a", "a"]), "more than one column named 'a'"),
        ([{"a": 1, 2: 0, "2": 1}], "more than one column named '2'"),
        ([], "list of dicts is empty"),
        ([{"a": 1}, 5], "row 2 is a int"),
        (5, r"expected, not builtins\.int"),
        (None, r"expected, not builtins\.NoneType"),
        (np.zeros((2, 2)), r"expected, not numpy\.ndarray"),
    ],
)
def test_what_is_no_table_says_why(data: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        list(open_table(data).batches())


def test_a_frame_whose_stream_is_empty_says_so() -> None:
    with pytest.raises(DataError, match="no rows"):
        list(open_table(TABLE.slice(0, 0).to_reader()).batches())
