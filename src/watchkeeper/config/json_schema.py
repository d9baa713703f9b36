"""The JSON Schema of the settings, made from their types, so that editors complete them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any, get_args

import msgspec

from watchkeeper.actions import ChannelSettings
from watchkeeper.checks import Check
from watchkeeper.config.settings import (
    BaselineSettings,
    EventSettings,
    GreatExpectationsFile,
    PanderaFile,
    SettingsFile,
)
from watchkeeper.events import (
    BusinessMetric,
    Column,
    CostSettings,
    MaskRule,
    ObjectiveSettings,
    PriceSettings,
    PrivacySettings,
    QualitySettings,
    RetentionSettings,
    TokenSettings,
)
from watchkeeper.pipeline import ImportMapping
from watchkeeper.pipeline.alerting import AlertSettings, QuietHours, Route

SCHEMA_FILE = "watchkeeper.schema.json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTES = re.compile(r"^Attributes\n-+\n(.*)\Z", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n?|\n)+)", re.MULTILINE)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `watchkeeper.yaml`, with a description of every setting.

    Examples
    --------
    >>> sorted(json_schema()["$defs"])[:4]
    ['BaselineSettings', 'BusinessMetric', 'Categories', 'Change']
    """
    settings = (SettingsFile, BaselineSettings, Column, EventSettings, ImportMapping)
    private = (PrivacySettings, MaskRule, RetentionSettings)
    service = (
        ObjectiveSettings,
        CostSettings,
        PriceSettings,
        TokenSettings,
        QualitySettings,
        BusinessMetric,
    )
    files = (PanderaFile, GreatExpectationsFile)
    kinds = (*settings, *private, *service, *files, *get_args(Check))
    return _schema_of(SettingsFile, kinds, title="Watchkeeper settings")


def alerts_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `alerts.yaml`, with a description of every setting.

    Examples
    --------
    >>> sorted(alerts_json_schema()["$defs"])[:3]
    ['AppriseSettings', 'PagerDutySettings', 'QuietHours']
    """
    kinds = (AlertSettings, Route, QuietHours, *get_args(ChannelSettings))
    return _schema_of(AlertSettings, kinds, title="Watchkeeper alerts")


def descriptions(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the docstring of a struct, and of those it is made from, says of attributes."""
    texts: dict[str, str] = {}
    for one in reversed(kind.__mro__[: kind.__mro__.index(msgspec.Struct)]):
        texts |= _own_descriptions(one)
    return texts


def _schema_of(
    file: type[msgspec.Struct], kinds: Iterable[type[msgspec.Struct]], *, title: str
) -> dict[str, Any]:
    definitions: dict[str, Any] = msgspec.json.schema(file)["$defs"]
    for kind in kinds:
        _describe(definitions[kind.__name__], kind)
    top = definitions.pop(file.__name__)
    return {"$schema": _DIALECT, **top, "title": title, "$defs": definitions}


def _own_descriptions(kind: type) -> dict[str, str]:
    found = _ATTRIBUTES.search(inspect.getdoc(kind) or "")
    texts: dict[str, str] = {}
    for names, text in _ENTRY.findall(found[1] + "\n" if found else ""):
        plain = " ".join(text.split()).replace("``", "`").replace("`None`", "empty")
        texts.update({name.strip(): plain for name in names.split(",")})
    return texts


def _describe(definition: dict[str, Any], kind: type[msgspec.Struct]) -> None:
    definition["description"] = (inspect.getdoc(kind) or "").partition("\n")[0]
    texts = descriptions(kind)
    for name, value in definition["properties"].items():
        value.pop("default", None)
        if name == kind.__struct_config__.tag_field:
            what = "check" if name == "check" else "channel"
            definition["properties"][name] = {"description": f"Kind of the {what}.", **value}
            continue
        if name not in definition.get("required", ()):
            value = _or_empty(value)
        definition["properties"][name] = {"description": texts[name], **value}


def _or_empty(value: dict[str, Any]) -> dict[str, Any]:
    """Allow a key without a value, which means the same as no key."""
    null = {"type": "null"}
    if null in value.get("anyOf", ()):
        return value
    return {"anyOf": [value, null]}
