"""docs/configuration.md tells every setting, in the table of its place, and examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watchkeeper.config import json_schema, load

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
SCHEMA = json_schema()
PLACES = {
    "Settings": SCHEMA["properties"],
    "Columns": SCHEMA["$defs"]["Column"]["properties"],
    "Baseline": SCHEMA["$defs"]["BaselineSettings"]["properties"],
    "Privacy": SCHEMA["$defs"]["PrivacySettings"]["properties"],
    "Retention": SCHEMA["$defs"]["RetentionSettings"]["properties"],
    "Objectives": SCHEMA["$defs"]["ObjectiveSettings"]["properties"],
    "Costs": SCHEMA["$defs"]["CostSettings"]["properties"]
    | SCHEMA["$defs"]["PriceSettings"]["properties"]
    | SCHEMA["$defs"]["TokenSettings"]["properties"],
    "Quality": SCHEMA["$defs"]["QualitySettings"]["properties"],
    "Business": SCHEMA["$defs"]["BusinessMetric"]["properties"],
    "Events": SCHEMA["$defs"]["EventSettings"]["properties"],
}


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert found, title
    return found[1]


@pytest.mark.parametrize("title", PLACES)
def test_the_table_has_every_setting_and_no_other(title: str) -> None:
    cells = re.findall(r"^\| (`[^|]*`) \|", section(title), re.M)
    named = [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)]
    assert sorted(named) == sorted(PLACES[title])


def test_every_setting_of_the_import_is_named() -> None:
    named = set(re.findall(r"`([a-z_]+)`", section("Import")))
    assert set(SCHEMA["$defs"]["ImportMapping"]["properties"]) <= named


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S))
def test_the_examples_load(tmp_path: Path, example: str) -> None:
    path = tmp_path / "watchkeeper.yaml"
    path.write_text(example, encoding="utf-8")
    load(path, {})


def test_every_choice_of_a_type_and_a_role_is_named() -> None:
    column = PLACES["Columns"]
    choices = [
        value
        for name in ("type", "role")
        for kind in (column[name], *column[name].get("anyOf", ()))
        for value in kind.get("enum", ())
    ]
    assert len(choices) == 15
    assert [value for value in choices if f"`{value}`" not in section("Columns")] == []
