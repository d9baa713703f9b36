"""Pandera's schemas as checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from watchkeeper.checks.declared import Check
from watchkeeper.checks.imported import Imported, none_of, plain_value, type_named
from watchkeeper.checks.row_checks import (
    Categories,
    Length,
    Matches,
    NotNull,
    Range,
    Severity,
    Type,
    Unique,
)
from watchkeeper.checks.table_checks import TableSchema
from watchkeeper.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One of Pandera's checks; ``values`` by the names of its arguments."""

    name: str
    values: Mapping[str, Any]
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    name: str
    type: str | None
    nullable: bool
    unique: bool
    required: bool
    regex: bool
    coerce: bool
    rules: list[_Rule] = field(default_factory=list)


def from_pandera(schema: object) -> Imported:
    """Return Pandera's schema as checks.

    Parameters
    ----------
    schema
        A ``DataFrameSchema`` or ``DataFrameModel`` for pandas or Polars, or what Pandera writes of
        one to YAML or JSON, as parsed.

    Raises
    ------
    SettingsError
        It is none of these.

    Examples
    --------
    >>> written = {
    ...     "schema_type": "dataframe",
    ...     "columns": {"age": {"dtype": "int64", "nullable": True, "in_range": [0, 120]}},
    ... }
    >>> for check in from_pandera(written).checks[1:]:
    ...     print(type(check).__name__, check.column)
    Type age
    Range age
    """
    if isinstance(schema, Mapping):
        if not isinstance(schema.get("columns"), Mapping):
            raise SettingsError("Expected a schema as Pandera writes it, with its columns.")
        columns = [_written_column(str(n), dict(c or {})) for n, c in schema["columns"].items()]
        whole: Callable[[str], Any] = schema.get
    else:
        own: Any = schema.to_schema() if hasattr(schema, "to_schema") else schema
        if not isinstance(getattr(own, "columns", None), Mapping):
            raise SettingsError(
                "Expected a DataFrameSchema or a DataFrameModel of Pandera, or its YAML or JSON as"
                f" parsed; got {type(schema).__qualname__}."
            )
        columns = [_column(str(name), column) for name, column in own.columns.items()]
        whole = partial(_own, own)
    return _translated(columns, whole)


def _own(schema: Any, name: str) -> Any:
    return getattr(schema, name, None)


def _translated(columns: list[_Column], whole: Callable[[str], Any]) -> Imported:
    notes: list[str] = []
    plain = [column for column in columns if not column.regex]
    notes += [f"columns like {c.name!r}: a pattern of names" for c in columns if c.regex]
    checks: list[Check] = [
        TableSchema(
            columns={column.name: None for column in plain},
            optional=tuple(column.name for column in plain if not column.required),
            others=whole("strict") is not True or len(plain) < len(columns),
            ordered=bool(whole("ordered")),
        )
    ]
    for column in plain:
        checks += _of_column(column, notes)
    alike = whole("unique")
    if alike:
        checks.append(Unique(columns=(alike,) if isinstance(alike, str) else tuple(alike)))
    for name, why in (
        ("index", "Watchkeeper's tables have no index"),
        ("checks", "a check of the whole table is Python code; write it as an expression in SQL"),
        ("parsers", "a parser changes data, which a check does not"),
    ):
        if whole(name):
            notes.append(f"{name}: {why}")
    return Imported(checks=tuple(checks), notes=tuple(notes))


def _of_column(column: _Column, notes: list[str]) -> Iterator[Check]:
    kind = type_named(column.type)
    if column.coerce and column.type is not None:
        notes.append(f"column {column.name!r}: its type, since Pandera converts what is not of it")
    elif kind is not None and column.required:
        yield Type(column=column.name, type=kind)
    elif column.type is not None:
        why = "it may be missing" if kind is not None else "there is none like it"
        notes.append(f"column {column.name!r}: its type {column.type}, since {why}")
    if not column.nullable and column.required:
        yield NotNull(column=column.name)
    elif not column.nullable:
        notes.append(f"column {column.name!r}: that it has no nulls, since it may be missing")
    if column.unique and column.required:
        yield Unique(columns=(column.name,))
    elif column.unique:
        notes.append(f"column {column.name!r}: that it is unique, since it may be missing")
    for rule in column.rules:
        translate = _RULES.get(rule.name)
        if translate is None:
            said = f"column {column.name!r}: the check {rule.name!r} is Python code"
            notes.append(f"{said}; write it as an expression in SQL")
            continue
        try:
            yield translate(column.name, rule)
        except (KeyError, TypeError, ValueError) as error:
            notes.append(f"column {column.name!r}: the check {rule.name!r}, since {error}")


def _column(name: str, column: Any) -> _Column:
    rules = [
        _Rule(
            name=str(check.name),
            values=check.statistics or {},
            severity="warning" if getattr(check, "raise_warning", False) else "error",
        )
        for check in column.checks
    ]
    return _Column(
        name=name,
        type=None if column.dtype is None else str(column.dtype),
        nullable=bool(column.nullable),
        unique=bool(column.unique),
        required=bool(column.required),
        regex=bool(column.regex),
        coerce=bool(column.coerce),
        rules=rules,
    )


def _written_column(name: str, column: dict[str, Any]) -> _Column:
    """Return a column as Pandera writes it: its checks beside the rest, or under ``checks``."""
    written = column.get("checks") or {}
    pairs = list(written.items()) if isinstance(written, Mapping) else []
    if isinstance(written, list):
        pairs = [((one.get("options") or {}).get("check_name"), one) for one in written]
    pairs += [(key, value) for key, value in column.items() if key in _RULES]
    return _Column(
        name=name,
        type=None if column.get("dtype") is None else str(column["dtype"]),
        nullable=bool(column.get("nullable", False)),
        unique=bool(column.get("unique", False)),
        required=bool(column.get("required", True)),
        regex=bool(column.get("regex", False)),
        coerce=bool(column.get("coerce", False)),
        rules=[_written_rule(str(key), value) for key, value in pairs],
    )


def _written_rule(name: str, value: Any) -> _Rule:
    names = _ARGUMENTS.get(name, ())
    options: Mapping[str, Any] = {}
    if isinstance(value, Mapping):
        options = value.get("options") or {}
        values = {key: one for key, one in value.items() if key != "options"}
        if set(values) == {"value"}:
            return _written_rule(name, values["value"])
    elif len(names) > 1 and isinstance(value, list):
        values = dict(zip(names, value, strict=False))
    else:
        values = {names[0]: value} if names else {}
    severity: Severity = "warning" if options.get("raise_warning") else "error"
    return _Rule(name=name, values=values, severity=severity)


def _in_range(column: str, rule: _Rule) -> Check:
    low = "minimum" if rule.values.get("include_min", True) else "above"
    high = "maximum" if rule.values.get("include_max", True) else "below"
    limits: dict[str, Any] = {
        low: plain_value(rule.values["min_value"]),
        high: plain_value(rule.values["max_value"]),
    }
    return Range(column=column, severity=rule.severity, **limits)


def _limit(argument: str, limit: str) -> Callable[[str, _Rule], Check]:
    def translate(column: str, rule: _Rule) -> Check:
        limits: dict[str, Any] = {limit: plain_value(rule.values[argument])}
        return Range(column=column, severity=rule.severity, **limits)

    return translate


def _one_of(column: str, rule: _Rule) -> Check:
    given = rule.values["value"] if rule.name == "equal_to" else rule.values["allowed_values"]
    values = [given] if rule.name == "equal_to" else given
    plain = tuple(plain_value(value) for value in values)
    return Categories(column=column, values=plain, severity=rule.severity)


def _none_of(column: str, rule: _Rule) -> Check:
    if rule.name == "not_equal_to":
        return none_of(column, [rule.values["value"]], severity=rule.severity)
    return none_of(column, rule.values["forbidden_values"], severity=rule.severity)


def _text(argument: str, pattern: str, *, escaped: bool) -> Callable[[str, _Rule], Check]:
    def translate(column: str, rule: _Rule) -> Check:
        given = rule.values[argument]
        text = str(getattr(given, "pattern", given))
        whole = pattern.format(re.escape(text) if escaped else text)
        return Matches(column=column, pattern=whole, severity=rule.severity)

    return translate


def _length(column: str, rule: _Rule) -> Check:
    exact = rule.values.get("exact_value")
    low = rule.values.get("min_value") if exact is None else exact
    high = rule.values.get("max_value") if exact is None else exact
    return Length(column=column, minimum=low, maximum=high, severity=rule.severity)


_RULES: dict[str, Callable[[str, _Rule], Check]] = {
    "greater_than": _limit("min_value", "above"),
    "greater_than_or_equal_to": _limit("min_value", "minimum"),
    "less_than": _limit("max_value", "below"),
    "less_than_or_equal_to": _limit("max_value", "maximum"),
    "in_range": _in_range,
    "equal_to": _one_of,
    "isin": _one_of,
    "not_equal_to": _none_of,
    "notin": _none_of,
    "str_matches": _text("pattern", "^(?:{})", escaped=False),
    "str_contains": _text("pattern", "{}", escaped=False),
    "str_startswith": _text("string", "^{}", escaped=True),
    "str_endswith": _text("string", "{}$", escaped=True),
    "str_length": _length,
}
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "greater_than": ("min_value",),
    "greater_than_or_equal_to": ("min_value",),
    "less_than": ("max_value",),
    "less_than_or_equal_to": ("max_value",),
    "in_range": ("min_value", "max_value", "include_min", "include_max"),
    "equal_to": ("value",),
    "isin": ("allowed_values",),
    "not_equal_to": ("value",),
    "notin": ("forbidden_values",),
    "str_matches": ("pattern",),
    "str_contains": ("pattern",),
    "str_startswith": ("string",),
    "str_endswith": ("string",),
    "str_length": ("min_value", "max_value", "exact_value"),
}
