"""The JSON Schema of the settings, made from their types, so that editors complete them."""

from __future__ import annotations

import inspect
import re
from typing import Any

import msgspec

from watchkeeper.config.settings import BaselineSettings, EventSettings, SettingsFile
from watchkeeper.events import Column
from watchkeeper.pipeline import ImportMapping

SCHEMA_FILE = "watchkeeper.schema.json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTES = re.compile(r"^Attributes\n-+\n(.*)\Z", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)+)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `watchkeeper.yaml`, with a description of every setting.

    Examples
    --------
    >>> sorted(json_schema()["$defs"])
    ['BaselineSettings', 'Column', 'EventSettings', 'ImportMapping']
    """
    schema = msgspec.json.schema(SettingsFile)
    kinds = (SettingsFile, BaselineSettings, Column, EventSettings, ImportMapping)
    definitions: dict[str, Any] = schema["$defs"]
    for kind in kinds:
        _describe(definitions[kind.__name__], kind)
    top = definitions.pop(SettingsFile.__name__)
    return {"$schema": _DIALECT, **top, "title": "Watchkeeper settings", "$defs": definitions}


def descriptions(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the docstring of a struct says of each attribute."""
    found = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    texts = {}
    for names, text in _ENTRY.findall(found[1] + "\n" if found else ""):
        plain = " ".join(text.split()).replace("``", "`").replace("`None`", "empty")
        texts.update({name.strip(): plain for name in names.split(",")})
    return texts


def _describe(definition: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    definition["description"] = (inspect.getdoc(kind) or "").partition("\n")[0]
    texts = descriptions(kind)
    for name, value in definition["properties"].items():
        value.pop("default", None)
        if name not in definition.get("required", ()):
            value = _or_empty(value)
        definition["properties"][name] = {"description": texts[name], **value}


def _or_empty(value: dict[str, Any]) -> dict[str, Any]:
    """Allow a key without a value, which means the same as no key."""
    null = {"type": "null"}
    if null in value.get("anyOf", ()):
        return value
    return {"anyOf": [value, null]}
