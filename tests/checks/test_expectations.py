"""Suites of Great Expectations, in both layouts, are the same checks; what is left out is told."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper import checks
from watchkeeper.checks import from_great_expectations
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline import run_checks

GIVEN: list[tuple[str, dict[str, Any], tuple[object, ...]]] = [
    (
        "expect_column_values_to_not_be_null",
        {"column": "a", "mostly": 0.9},
        (checks.NotNull(column="a", mostly=0.9),),
    ),
    (
        "expect_column_values_to_be_between",
        {"column": "a", "min_value": 0, "max_value": 5, "strict_max": True},
        (checks.Range(column="a", minimum=0, below=5),),
    ),
    (
        "expect_column_values_to_be_in_set",
        {"column": "a", "value_set": ["x", "y"]},
        (checks.Categories(column="a", values=("x", "y")),),
    ),
    (
        "expect_column_values_to_match_regex_list",
        {"column": "a", "regex_list": ["^a", "b$"]},
        (checks.Matches(column="a", pattern="(?:^a)|(?:b$)"),),
    ),
    (
        "expect_column_value_lengths_to_equal",
        {"column": "a", "value": 3},
        (checks.Length(column="a", minimum=3, maximum=3),),
    ),
    (
        "expect_column_values_to_be_in_type_list",
        {"column": "a", "type_list": ["INTEGER", "int64", "FLOAT"]},
        (checks.Type(column="a", type="number"),),
    ),
    (
        "expect_compound_columns_to_be_unique",
        {"column_list": ["a", "b"]},
        (checks.Unique(columns=("a", "b")),),
    ),
    (
        "expect_table_columns_to_match_ordered_list",
        {"column_list": ["a", "b"]},
        (checks.TableSchema(columns={"a": None, "b": None}, others=False, ordered=True),),
    ),
    (
        "expect_table_columns_to_match_set",
        {"column_set": ["a"], "exact_match": False},
        (checks.TableSchema(columns={"a": None}),),
    ),
    ("expect_table_row_count_to_equal", {"value": 3}, (checks.Volume(minimum=3, maximum=3),)),
    (
        "expect_column_proportion_of_non_null_values_to_be_between",
        {"column": "a", "min_value": 0.75},
        (checks.Statistic(column="a", statistic="null_ratio", maximum=0.25),),
    ),
    (
        "expect_column_quantile_values_to_be_between",
        {"column": "a", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, None]]}},
        (checks.Statistic(column="a", statistic="quantile", quantile=0.5, minimum=1),),
    ),
    (
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": "a", "column_B": 'b"', "or_equal": True},
        (checks.Expression(sql='"a" >= "b"""'),),
    ),
]
LEFT: list[tuple[str, dict[str, Any], str]] = [
    ("expect_column_values_to_be_increasing", {"column": "a"}, "there is no check like it"),
    ("expect_column_values_to_be_unique", {"column": "a", "mostly": 0.5}, "mostly is not"),
    ("expect_column_values_to_match_regex", {"column": "a", "regex": "(?!x)"}, "RE2"),
    ("expect_column_values_to_be_between", {"column": "a"}, "minimum is missing"),
    ("expect_column_values_to_be_in_set", {"column": "a"}, "it has no 'value_set'"),
    (
        "expect_column_values_to_not_be_null",
        {"column": "a", "row_condition": "b == 1", "condition_parser": "pandas"},
        "its row_condition is no SQL",
    ),
]


def suites(kind: str, kwargs: dict[str, Any]) -> list[dict[str, Any]]:
    old = {"expectation_type": kind, "kwargs": kwargs, "meta": {}}
    new = {"type": kind, "kwargs": kwargs, "id": "1", "severity": "critical"}
    return [
        {"expectation_suite_name": "s", "data_asset_type": None, "expectations": [old]},
        {"name": "s", "expectations": [new], "suite_parameters": {}},
    ]


@pytest.mark.parametrize(("kind", "kwargs", "made"), GIVEN, ids=[one[0] for one in GIVEN])
def test_an_expectation_is_a_check(
    kind: str, kwargs: dict[str, Any], made: tuple[object, ...]
) -> None:
    for suite in suites(kind, kwargs):
        imported = from_great_expectations(suite)
        assert (imported.checks, imported.notes) == (made, ())
        assert from_great_expectations(json.dumps(suite)) == imported


@pytest.mark.parametrize(("kind", "kwargs", "why"), LEFT)
def test_what_is_not_translated_is_told_with_the_reason(
    kind: str, kwargs: dict[str, Any], why: str
) -> None:
    for suite in suites(kind, kwargs):
        imported = from_great_expectations(suite)
        assert imported.checks == ()
        assert imported.notes[0].startswith(f"{kind} of a: ")
        assert why in imported.notes[0]


SQL: list[tuple[str, dict[str, Any], int]] = [
    ("expect_column_values_to_be_null", {"column": "n"}, 3),
    ("expect_column_values_to_not_be_in_set", {"column": "t", "value_set": ["x"]}, 1),
    ("expect_column_values_to_not_match_regex", {"column": "t", "regex": "^2013"}, 1),
    ("expect_column_values_to_match_strftime_format",
     {"column": "t", "strftime_format": "%Y-%m-%d"}, 1),
    ("expect_column_values_to_match_like_pattern", {"column": "t", "like_pattern": "20%"}, 1),
    ("expect_select_column_values_to_be_unique_within_record", {"column_list": ["n", "m"]}, 1),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["n", "m"], "sum_total": 3}, 2),
    ("expect_column_pair_values_to_be_equal", {"column_A": "n", "column_B": "m"}, 2),
    ("expect_column_values_to_be_dateutil_parseable", {"column": "t"}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "kwargs", "broken"), SQL, ids=[one[0] for one in SQL])
def test_an_expectation_in_sql_counts_the_rows_that_break_it(
    kind: str, kwargs: dict[str, Any], broken: int
) -> None:
    table = pa.table({"n": [1, 2, 4], "m": [2, 2, 3], "t": ["x", "2013-01-02", None]})
    (suite, _) = suites(kind, kwargs)
    (result,) = run_checks(table, from_great_expectations(suite).checks)
    assert (result.passed, result.failed_rows) == (False, broken)


def test_warnings_stay_warnings() -> None:
    one = {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "warning"}
    (check,) = from_great_expectations({"expectations": [one]}).checks
    assert check.severity == "warning"


@pytest.mark.parametrize("wrong", ["{", "[]", {}, {"expectations": [{}]}, 3])
def test_what_is_no_suite_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="Expected"):
        from_great_expectations(wrong)
