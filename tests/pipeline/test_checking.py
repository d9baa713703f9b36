"""Checks over real data in real DuckDB: what they find, in whatever the rows come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from watchkeeper import checks
from watchkeeper.checks import Check, CheckResult
from watchkeeper.errors import DataError, SettingsError
from watchkeeper.pipeline import profile_table, run_checks, save_profile

NOW = datetime(2020, 1, 10, tzinfo=UTC)
TABLE = pa.table(
    {
        "id": [1, 2, 2, 4],
        "x": [0.5, 1.5, None, 9.0],
        "kind": ["a", "b", None, "zz"],
        "at": [datetime(2020, 1, day) for day in (1, 2, 3, 4)],
        "ok": [True, True, False, None],
    }
)


def one(check: Check, data: object = TABLE, **others: Any) -> CheckResult:
    (result,) = run_checks(data, [check], now=NOW, **others)
    return result


FOUND: list[tuple[Check, bool | None, int | None]] = [
    (checks.NotNull(column="x"), False, 1),
    (checks.NotNull(column="x", mostly=0.75), True, 1),
    (checks.NotNull(column="x", mostly=0.76), False, 1),
    (checks.NotNull(column="x", where="kind = 'a'"), True, 0),
    (checks.NotNull(column="x", where="kind = 'nonesuch'"), None, 0),
    (checks.Range(column="x", minimum=0, maximum=2), False, 1),
    (checks.Range(column="x", above=0.5), False, 1),
    (checks.Range(column="x", minimum=0.5, below=9), False, 1),
    (checks.Range(column="x", maximum=2, mostly=0.6), True, 1),
    (checks.Range(column="x", maximum=2, mostly=0.7), False, 1),
    (checks.Range(column="at", minimum="2020-01-02T00:00:00Z"), False, 1),
    (checks.Range(column="at", below="2020-01-04"), False, 1),
    (checks.Range(column="kind", maximum="b"), False, 1),
    (checks.Range(column="x", maximum="b"), None, None),
    (checks.Range(column="id", maximum=10**40), True, 0),
    (checks.Categories(column="kind", values=("a", "b")), False, 1),
    (checks.Categories(column="kind", values=("a", "b"), where="id < 4"), True, 0),
    (checks.Categories(column="id", values=(1, "2", 4.0)), True, 0),
    (checks.Categories(column="ok", values=(True,)), False, 1),
    (checks.Matches(column="kind", pattern="^.$"), False, 1),
    (checks.Matches(column="id", pattern="^[12]$"), False, 1),
    (checks.Length(column="kind", maximum=1), False, 1),
    (checks.Unique(columns=("id",)), False, 2),
    (checks.Unique(columns=("id", "kind")), True, 0),
    (checks.Unique(columns=("id",), where="x IS NOT NULL"), True, 0),
    (checks.Expression(sql="x < id"), False, 1),
    (checks.Expression(sql="x < id", nulls="fail"), False, 2),
    (checks.Expression(sql="x < id -- a comment", where="id < 4 -- another"), True, 0),
    (checks.Expression(sql="id <= (SELECT max(id) FROM data)"), True, 0),
    (checks.Type(column="x", type="number"), True, 0),
    (checks.Type(column="x", type="integer"), False, 2),
    (checks.Type(column="kind", type="category"), True, 0),
    (checks.Type(column="kind", type="number"), False, 3),
    (checks.Type(column="at", type="datetime"), True, 0),
    (checks.Volume(minimum=4, maximum=4), True, None),
    (checks.Volume(minimum=2, where="x > 1"), True, None),
    (checks.Volume(maximum=3), False, None),
    (checks.Freshness(column="at", within="6d"), True, None),
    (checks.Freshness(column="at", within="5d"), False, None),
    (checks.Freshness(column="x", within="5d"), None, None),
    (checks.Statistic(column="x", statistic="null_ratio", maximum=0.25), True, None),
    (checks.Statistic(column="x", statistic="mean", minimum=3.6, maximum=3.7), True, None),
    (checks.Statistic(column="x", statistic="sum", maximum=10), False, None),
    (checks.Statistic(column="x", statistic="median", minimum=1.5, maximum=1.5), True, None),
    (checks.Statistic(column="x", statistic="median", minimum=1.6), False, None),
    (checks.Statistic(column="x", statistic="median", maximum=1.4), False, None),
    (checks.Statistic(column="id", statistic="distinct", minimum=3, maximum=3), True, None),
    (checks.Statistic(column="id", statistic="distinct_ratio", minimum=0.8), False, None),
    (checks.Statistic(column="ok", statistic="mean", minimum=0.6, maximum=0.7), True, None),
    (checks.Statistic(column="kind", statistic="mean", minimum=0), None, None),
    (checks.TableSchema(columns={"id": "integer", "x": "number", "ok": None}), True, None),
    (checks.TableSchema(columns={"id": "integer"}, others=False), False, None),
    (checks.TableSchema(columns={"x": "number", "id": None}, ordered=True), False, None),
    (checks.TableSchema(columns={"id": "text"}), False, None),
    (checks.TableSchema(columns={"id": None, "more": None}, optional=("more",)), True, None),
    (checks.NotNull(column="idd"), False, None),
    (checks.Range(column="idd", minimum=0), None, None),
    (checks.Change(of="row_count", factor=2), None, None),
]


@pytest.mark.parametrize(("check", "passed", "broken"), FOUND, ids=range(len(FOUND)))
def test_a_check_finds_what_breaks_it(
    check: Check, passed: bool | None, broken: int | None
) -> None:
    result = one(check)
    assert (result.passed, result.failed_rows) == (passed, broken), result.message
    assert len(result.examples) == (broken or 0 if passed is False else 0)


def as_file(write: Callable[[pa.Table, str], None], name: str) -> Callable[[Path], object]:
    def written(folder: Path) -> object:
        write(TABLE, str(folder / name))
        return folder / name

    return written


SOURCES: dict[str, Callable[[Path], object]] = {
    "parquet": as_file(pq.write_table, "t.parquet"),
    "odd name": as_file(pq.write_table, "it's [1]*.parquet"),
    "csv": as_file(pc.write_csv, "t.csv"),
    "folder": lambda folder: as_file(pq.write_table, "t.parquet")(folder) and folder,
    "pattern": lambda folder: as_file(pq.write_table, "t.parquet")(folder) and f"{folder}/*.parq*",
    "pandas": lambda _: TABLE.to_pandas(),
    "polars": lambda _: pl.from_arrow(TABLE),
    "lazy polars": lambda _: pl.DataFrame(pl.from_arrow(TABLE)).lazy(),
    "duckdb": lambda _: duckdb.connect().from_arrow(TABLE),
    "stream": lambda _: TABLE.to_reader(),
    "dataset": lambda _: ds.dataset(TABLE),
    "batch": lambda _: TABLE.to_batches()[0],
    "dicts": lambda _: TABLE.to_pylist(),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_kind_of_data_gives_the_same_results(source: str, tmp_path: Path) -> None:
    asked = [check for check, _, _ in FOUND if "integer" not in repr(check)]
    expected = [(r.passed, r.failed_rows) for r in run_checks(TABLE, asked, now=NOW)]
    data = SOURCES[source](tmp_path)
    assert [(r.passed, r.failed_rows) for r in run_checks(data, asked, now=NOW)] == expected


def test_files_of_different_columns_are_joined_by_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": [1]}), tmp_path / "2.parquet")
    assert one(checks.NotNull(column="b"), tmp_path).failed_rows == 1


def test_a_table_without_rows_decides_nothing_but_what_it_can(tmp_path: Path) -> None:
    empty = pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())})
    pq.write_table(empty, tmp_path / "t.parquet")
    for data in (tmp_path / "t.parquet", empty, empty.to_pandas(), pl.from_arrow(empty)):
        assert one(checks.NotNull(column="id"), data).passed is None
        assert one(checks.Statistic(column="x", statistic="mean", minimum=0), data).passed is None
        assert one(checks.Volume(minimum=1), data).passed is False
        assert one(checks.TableSchema(columns={"id": None}), data).passed is True


def test_nan_is_a_null_and_infinity_is_not() -> None:
    table = pa.table({"x": [float("nan"), float("inf"), 1.0]})
    assert one(checks.NotNull(column="x"), table).failed_rows == 1
    assert one(checks.Range(column="x", maximum=5), table).failed_rows == 1
    assert one(checks.Statistic(column="x", statistic="mean", maximum=1), table).passed is True


def test_names_that_differ_in_case_and_names_that_sql_cannot_have_are_columns_too() -> None:
    table = pa.table({"a": [1], "A": [None], "": [None], "x\0y": [None]})
    broken = [one(checks.NotNull(column=name), table).failed_rows for name in table.column_names]
    assert broken == [0, 1, 1, 1]


def test_values_of_another_type_are_told_and_are_no_nulls(tmp_path: Path) -> None:
    rows = "\n".join(str(n) for n in range(500))
    (tmp_path / "t.csv").write_text(f"x\n{rows}\nseven\n", encoding="utf-8")
    result = one(checks.Type(column="x", type="number"), tmp_path / "t.csv")
    assert (result.passed, result.failed_rows) == (False, 1)
    assert result.examples == ({"x": "seven"},)
    assert one(checks.NotNull(column="x"), tmp_path / "t.csv").passed is True


def test_text_with_limits_in_numbers_is_read_as_numbers() -> None:
    result = one(checks.Range(column="x", maximum=2), pa.table({"x": ["1", "3", "x", None]}))
    assert (result.passed, result.failed_rows) == (False, 2)


WRONG_SQL = [
    ("x >", "DuckDB says: syntax error"),
    ("xx > 1", "there is no column 'xx'"),
    ("kindd = 'a'", "Did you mean 'kind'?"),
    ("x + 1", "its values are DOUBLE, but a condition is true or false"),
    ("sum(x) > 1", "DuckDB says:"),
    ("x > 1; DROP TABLE data", "DuckDB says:"),
    ("true) OR (true", "DuckDB says: syntax error"),
    ("1 IN (SELECT 1 FROM read_text('/etc/hostname'))", "DuckDB says:"),
    ("1 IN (SELECT 1 FROM TABLE)", "DuckDB says:"),
]


@pytest.mark.parametrize(("sql", "said"), WRONG_SQL)
def test_sql_that_is_no_condition_of_these_rows_is_refused(sql: str, said: str) -> None:
    for check in (checks.Expression(sql=sql), checks.NotNull(column="x", where=sql, name="mine")):
        with pytest.raises(SettingsError) as caught:
            one(check)
        assert said in str(caught.value)
        assert "check mine: where is" in str(caught.value) or "sql is" in str(caught.value)


def test_an_expression_cannot_read_other_files(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "t.parquet")
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    for read in ("read_csv", "read_text", "read_blob", "glob"):
        sql = f"EXISTS (FROM {read}('{tmp_path}/secret.csv'))"
        with pytest.raises(SettingsError):
            one(checks.Expression(sql=sql), tmp_path / "t.parquet")


def test_sql_that_fails_on_some_row_leaves_the_other_checks_alone() -> None:
    asked = [checks.Expression(sql="CAST(kind AS INTEGER) > 1"), checks.NotNull(column="x")]
    first, second = run_checks(TABLE, asked)
    assert first.passed is None
    assert "cannot be evaluated" in first.message
    assert second.failed_rows == 1


def test_examples_are_text_of_the_columns_it_is_about_first() -> None:
    result = one(checks.Expression(sql="kind <> 'zz'"))
    assert result.examples == (
        {"kind": "zz", "id": "4", "x": "9.0", "at": "2020-01-04 00:00:00", "ok": None},
    )
    long = pa.table({"t": ["x" * 5000] * 9})
    examples = one(checks.Length(column="t", maximum=1), long).examples
    assert [len(row["t"] or "") for row in examples] == [200] * 5


REFERENCE = pa.table({"x": [0.0, 1.0, 2.0, 3.0] * 250, "n": [1, 1, 1, None] * 250})
NULLS_OF_N = checks.Change(of="null_ratio", column="n", factor=2)
NULLS_OF_X = checks.Change(of="null_ratio", column="x", factor=2)
CHANGES: list[tuple[Check, pa.Table, bool]] = [
    (checks.Change(of="row_count", factor=2), REFERENCE.slice(0, 400), False),
    (checks.Change(of="row_count", factor=2), REFERENCE.slice(0, 500), True),
    (checks.Change(of="row_count", difference=10), REFERENCE.slice(0, 991), True),
    (checks.Change(of="mean", column="x", sd=0.5), pa.table({"x": [2.5] * 99}), False),
    (checks.Change(of="mean", column="x", sd=0.5), pa.table({"x": [1.6] * 99}), True),
    (checks.Change(of="mean", column="x", factor=1.5), pa.table({"x": [3.0]}), True),
    (checks.Change(of="mean", column="x", factor=1.5), pa.table({"x": [3.0] * 50}), False),
    (checks.Change(of="null_ratio", column="n", factor=2), pa.table({"n": [1, None] * 99}), True),
    (
        checks.Change(of="null_ratio", column="n", factor=2),
        pa.table({"n": [None] * 9 + [1]}),
        False,
    ),
    (
        checks.Change(of="null_ratio", column="x", factor=2),
        pa.table({"x": [None] + [1.0] * 99}),
        True,
    ),
    (
        checks.Change(of="null_ratio", column="x", factor=2),
        pa.table({"x": [None, 1.0] * 99}),
        False,
    ),
]


@pytest.mark.parametrize(("check", "data", "passed"), CHANGES, ids=range(len(CHANGES)))
def test_what_changed_abruptly_is_told_from_rows_and_from_a_saved_profile(
    check: Check, data: pa.Table, passed: bool, tmp_path: Path
) -> None:
    assert one(check, data, reference=REFERENCE).passed is passed
    save_profile(profile_table(REFERENCE), tmp_path / "reference.wkprofile")
    assert one(check, data, reference=str(tmp_path / "reference.wkprofile")).passed is passed


def test_no_checks_need_no_data() -> None:
    assert run_checks("nonesuch.parquet", []) == ()


def test_data_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        one(checks.Volume(minimum=1), tmp_path / "x.parquet")
