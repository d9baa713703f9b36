"""Checks in YAML: what may stand there, what is wrong by line, and other tools' files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from watchkeeper import checks
from watchkeeper.checks import Check, kind_of
from watchkeeper.config import draft, json_schema, load, load_checks, look, suggest
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline import run_checks

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
ROWS = [
    {"id": n, "share": n / 500, "kind": "ab"[n % 2], "at": f"2020-01-01T00:{n % 60:02}:00"}
    for n in range(500)
]

SAID = [
    ("- {check: rnage, column: a}", ":1: checks[0].check is 'rnage'. Did you mean 'range'?"),
    ("- {column: a}", ":1: checks[0].check is missing. Valid choices: categories"),
    ("- {check: , column: a}", "checks[0].check is empty"),
    ("- {check: [a], column: a}", "checks[0].check is a list"),
    ("- a\n- {check: volume, minimum: 1}", ":1: checks[0] is 'a'; it must be a mapping"),
    (
        "checks:\n- {check: range, colum: a, minimum: 0}",
        ":2: there is no setting 'colum' in checks[0]. Did you mean 'column'?",
    ),
    ("- {check: range, column: a}", "checks[0].minimum is missing: set minimum or above"),
    (
        "- {check: nonesuch}\n- check: range\n  column: a\n  minimum: 3\n  maximum: 1",
        ":4: checks[1].minimum is 3, not below the maximum of 1",
    ),
    ("- {check: volume, minimum: 1.5}", "checks[0].minimum is 1.5; it must be a whole number"),
    ("- {check: categories, column: a, values: [[x]]}", "checks[0].values[0] is a list; it must"),
    ("- {check: range, column: a, minimum: true}", "minimum is true; it must be a number or text"),
    ("- {check: matches, column: a, pattern: '(?=a)'}", "pattern is '(?=a)', which RE2 cannot"),
    ("- {check: expression, sql: 'a >'}", "sql is 'a >'; DuckDB says: syntax error"),
    ("- {check: volume, minimum: 1, where: 'a >'}", "where is 'a >'; DuckDB says: syntax error"),
    ("- {check: schema, columns: {a: numbr}}", "columns.a is 'numbr'. Did you mean 'number'?"),
    ("- {check: not_null, column: a, mostly: 2}", "checks[0].mostly is 2; it is above 0"),
    ("- {check: pandera, file: no.yaml}", "no.yaml, named in checks, cannot be read"),
]


@pytest.mark.parametrize(("text", "said"), SAID, ids=range(len(SAID)))
def test_a_wrong_check_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "checks.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_checks(path)
    assert said in str(caught.value)


def test_a_section_of_the_settings_and_a_file_of_its_own_are_the_same(tmp_path: Path) -> None:
    written = "- {check: range, column: a, minimum: 2013-01-01}\n- {check: schema, columns: {a: }}"
    (tmp_path / "own.yaml").write_text(written, encoding="utf-8")
    (tmp_path / "all.yaml").write_text(f"model: m\nchecks:\n{written}", encoding="utf-8")
    expected = (
        checks.Range(column="a", minimum="2013-01-01"),
        checks.TableSchema(columns={"a": None}),
    )
    assert load_checks(tmp_path / "own.yaml").checks == expected
    assert load_checks(tmp_path / "all.yaml").checks == expected
    assert load(tmp_path / "all.yaml", {}).checks == expected


SUITE = {
    "expectations": [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}},
        {"type": "expect_nothing", "kwargs": {}},
    ]
}
SCHEMA = "schema_type: dataframe\ncolumns:\n  a: {dtype: int64, nullable: false}\n"


def test_files_of_other_tools_are_known_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(json.dumps(SUITE), encoding="utf-8")
    (tmp_path / "b").write_text(SCHEMA, encoding="utf-8")
    suite, schema = load_checks(tmp_path / "a"), load_checks(tmp_path / "b")
    assert suite.checks == (checks.NotNull(column="a"),)
    assert suite.notes == ("a: not translated: expect_nothing: there is no check like it",)
    assert checks.Type(column="a", type="integer") in schema.checks


def test_files_of_other_tools_are_included_from_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "suite.json").write_text(json.dumps(SUITE, indent="\t"), encoding="utf-8")
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "w.yaml").write_text(
        "checks:\n"
        "- {check: great_expectations, file: suite.json}\n"
        "- {check: pandera, file: schema.yaml}\n"
        "- {check: volume, minimum: 1}\n",
        encoding="utf-8",
    )
    config = load(tmp_path / "w.yaml", {})
    assert [kind_of(check) for check in config.checks] == [
        "not_null", "schema", "type", "not_null", "volume",
    ]  # fmt: skip
    assert len(config.check_notes) == 1


def test_what_init_drafts_loads_and_holds_for_the_data(tmp_path: Path) -> None:
    seen = look(ROWS)
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(draft(seen, suggest(seen), model="m"), encoding="utf-8")
    drafted = load(path, {}).checks
    assert drafted == seen.checks
    assert checks.Categories(column="kind", values=("a", "b")) in drafted
    assert checks.Range(column="share", minimum=0, maximum=1) in drafted
    assert all(result.passed for result in run_checks(ROWS, drafted))


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S))
def test_the_examples_in_yaml_load(tmp_path: Path, example: str) -> None:
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "suite.json").write_text(json.dumps(SUITE), encoding="utf-8")
    (tmp_path / "checks.yaml").write_text(example, encoding="utf-8")
    assert load_checks(tmp_path / "checks.yaml").checks


@pytest.mark.parametrize("example", re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S))
def test_the_examples_in_python_run(example: str) -> None:
    exec(compile(example, "docs/checks.md", "exec"), {})  # noqa: S102 - our own page


def test_the_page_tells_every_key_of_every_check() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.M))
    definitions = json_schema()["$defs"]
    common = {"check", "name", "severity", "where"}
    for kind in get_args(Check):
        own = set(definitions[kind.__name__]["properties"]) - common
        assert set(re.findall(r"`(\w+)`", rows[kind.__struct_config__.tag])) == own, kind
