"""The published JSON Schema is the one of the types, and agrees with the reader of the file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from jsonschema import Draft202012Validator

from watchkeeper.config import SCHEMA_FILE, json_schema

FULL = (Path(__file__).parent / "full.yaml").read_text(encoding="utf-8")
PUBLISHED = Path(__file__).parents[2] / "schema" / SCHEMA_FILE


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


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_setting_is_described() -> None:
    schema = json_schema()
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
