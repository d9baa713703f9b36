"""The published JSON Schema is the one of the types, and agrees with the reader of the file."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from jsonschema import Draft202012Validator

from watchkeeper.config import SCHEMA_FILE, alerts_json_schema, json_schema

FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schema" / SCHEMA_FILE
PUBLISHED_ALERTS = ROOT / "schema" / "alerts.schema.json"


def check(text: str) -> None:
    """Check a document as editors read it: a date is text in YAML 1.2."""
    jsonschema.validate(plain(yaml.safe_load(text)), json_schema(), cls=Draft202012Validator)


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value.isoformat() if isinstance(value, date) else value


def test_the_published_schema_is_up_to_date() -> None:
    told = "run: watchkeeper init --print-schema > schema/watchkeeper.schema.json"
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json_schema(), told


def test_the_published_schema_of_alerts_is_up_to_date() -> None:
    told = "run: watchkeeper alerts set --print-schema > schema/alerts.schema.json"
    found = json.loads(PUBLISHED_ALERTS.read_text(encoding="utf-8"))
    assert found == alerts_json_schema(), told


@pytest.mark.parametrize("schema", [json_schema(), alerts_json_schema()])
def test_the_schema_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("schema", [json_schema(), alerts_json_schema()])
def test_every_setting_is_described(schema: dict[str, Any]) -> None:
    for definition in [schema, *schema["$defs"].values()]:
        assert definition["description"]
        for name, value in definition["properties"].items():
            assert value["description"], name


def test_a_file_that_loads_is_valid() -> None:
    check(FULL.replace("no,", ""))  # where YAML 1.1 reads a boolean


@pytest.mark.parametrize(
    "text", ["seson: auto", "season: Auto", "columns: {a: {type: numbr}}", "columns: {a: {}}"]
)
def test_a_wrong_file_is_invalid(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check(text)


def test_the_alerts_of_the_documentation_are_valid_and_mistakes_are_not() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    validator = Draft202012Validator(alerts_json_schema())
    validator.validate(yaml.safe_load(block[1]))
    for right, wrong in (
        ("kind: pagerduty", "kind: pager"),
        ("severity: critical", "severity: bad"),
        ("until:", "til:"),
        ("channels:", "chanels:"),
        ("routing_key:", "key:"),
    ):
        assert not validator.is_valid(yaml.safe_load(block[1].replace(right, wrong, 1))), wrong
