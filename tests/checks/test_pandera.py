"""Pandera's schemas, as objects and as Pandera writes them, are the same checks."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pandera.polars as pap
import pytest
import yaml

from watchkeeper import checks
from watchkeeper.checks import from_pandera
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline import run_checks

SCHEMA = pa.DataFrameSchema(
    {
        "age": pa.Column(int, [pa.Check.ge(0), pa.Check.lt(150)]),
        "share": pa.Column(float, pa.Check.in_range(0, 1, include_max=False), nullable=True),
        "kind": pa.Column(str, pa.Check.isin(["a", "b"]), unique=True),
        "code": pa.Column(str, [pa.Check.str_matches("[A-Z]"), pa.Check.str_length(1, 3)]),
        "file": pa.Column(str, pa.Check.str_endswith(".csv")),
    },
    strict=True,
)


def test_every_built_in_check_is_translated() -> None:
    imported = from_pandera(SCHEMA)
    assert imported.notes == ()
    for expected in (
        checks.TableSchema(columns=dict.fromkeys(SCHEMA.columns), others=False),
        checks.Type(column="age", type="integer"),
        checks.NotNull(column="age"),
        checks.Range(column="age", minimum=0),
        checks.Range(column="age", below=150),
        checks.Range(column="share", minimum=0, below=1),
        checks.Categories(column="kind", values=("a", "b")),
        checks.Unique(columns=("kind",)),
        checks.Matches(column="code", pattern="^(?:[A-Z])"),
        checks.Length(column="code", minimum=1, maximum=3),
        checks.Matches(column="file", pattern="\\.csv$"),
    ):
        assert expected in imported.checks
    assert checks.NotNull(column="share") not in imported.checks


@pytest.mark.parametrize("read", ["yaml", "json"])
def test_a_schema_that_pandera_wrote_is_the_same(read: str) -> None:
    written: Any = (
        yaml.safe_load(SCHEMA.to_yaml()) if read == "yaml" else json.loads(SCHEMA.to_json())
    )
    assert from_pandera(written) == from_pandera(SCHEMA)


def test_the_layout_with_checks_under_their_own_key_is_read() -> None:
    column = {"dtype": "int64", "checks": {"in_range": {"min_value": 0, "max_value": 1}}}
    listed = {"checks": [{"value": 0, "options": {"check_name": "less_than"}}]}
    imported = from_pandera({"schema_type": "dataframe", "columns": {"a": column, "b": listed}})
    assert checks.Range(column="a", minimum=0, maximum=1) in imported.checks
    assert checks.Range(column="b", below=0) in imported.checks


def test_models_of_pandas_and_polars_are_read() -> None:
    class Pandas(pa.DataFrameModel):
        x: float = pa.Field(ge=0, nullable=True)

    class Polars(pap.DataFrameModel):
        x: float = pap.Field(ge=0, nullable=True)

    assert from_pandera(Pandas).checks == from_pandera(Polars).checks
    assert checks.Range(column="x", minimum=0) in from_pandera(Polars).checks


def test_what_is_python_code_is_told() -> None:
    schema = pa.DataFrameSchema(
        {
            "a": pa.Column(int, pa.Check(lambda s: s > 0, name="mine"), coerce=True),
            "b": pa.Column(int, required=False),
            "c.*": pa.Column(int, regex=True),
        },
        checks=[pa.Check(lambda frame: frame.a > 0)],
        index=pa.Index(int),
    )
    told = "\n".join(from_pandera(schema).notes)
    for said in ("'mine' is Python code", "like 'c.*'", "index:", "checks:", "since Pandera con"):
        assert said in told
    assert "'b': that it has no nulls" in told


def test_both_agree_on_what_is_wrong() -> None:
    frame = pd.DataFrame(
        {
            "age": [1, 200, 3],
            "share": [0.5, 1.0, None],
            "kind": ["a", "b", "c"],
            "code": ["A", "b", "CCCC"],
            "file": ["x.csv", "x.csv", "xcsv"],
        }
    )
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        SCHEMA.validate(frame, lazy=True)
    theirs = set(caught.value.failure_cases["column"])
    failed = [r for r in run_checks(frame, from_pandera(SCHEMA).checks) if r.passed is False]
    assert {name for result in failed for name in result.columns} == theirs
    assert sum(result.failed_rows or 0 for result in failed) == len(caught.value.failure_cases)


@pytest.mark.parametrize("wrong", [{}, 3, {"columns": []}])
def test_what_is_no_schema_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="Expected a"):
        from_pandera(wrong)
