"""Checks that were declared for another tool."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from watchkeeper.checks.declared import Check
from watchkeeper.checks.row_checks import Expression, Severity, Value, ValueType
from watchkeeper.checks.sql import identifier, text_literal

_TYPES: dict[str, ValueType] = {
    r"u?int|integer|(big|small|tiny)int|long": "integer",
    r"float|double|decimal|numeric|real|number": "number",
    r"bool": "boolean",
    r"str|text|varchar|char|utf8|large_str": "text",
    r"date|timestamp": "datetime",
    r"categor|enum": "category",
    r"list|array": "list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was made of a schema or suite of another tool.

    Attributes
    ----------
    checks
        What was understood.
    notes
        What was not translated and why, in plain words.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...]


def type_named(name: str | None) -> ValueType | None:
    """Return the type that another tool means by a name; ``None`` if there is none like it.

    Examples
    --------
    >>> type_named("datetime64[ns]"), type_named("INTEGER"), type_named("<class 'float'>")
    ('datetime', 'integer', 'number')
    """
    plain = re.sub(r"^<class '(.*)'>$", r"\1", name or "").rpartition(".")[2].lower()
    return next((kind for like, kind in _TYPES.items() if re.match(like, plain)), None)


def plain_value(value: object) -> Value:
    """Return a value of another tool as checks hold it: times as text, NumPy's as Python's.

    Raises
    ------
    ValueError
        It is of a kind that checks do not hold.
    """
    if hasattr(value, "item") and not isinstance(value, str | int | float):
        value = value.item()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str | int | float | bool):
        return value
    raise ValueError(f"the value {value!r} is no text, number or time")


def none_of(
    column: str,
    values: Iterable[object],
    *,
    mostly: float = 1.0,
    severity: Severity = "error",
) -> Expression:
    """Return the check that no value is one of those named."""
    texts = (plain_value(value) for value in values)
    literals = (
        text_literal(str(v).lower() if isinstance(v, bool) else str(v))
        if isinstance(v, str | bool)
        else str(v)
        for v in texts
    )
    name = identifier(column)
    return Expression(
        sql=f"{name} NOT IN ({', '.join(literals)})", mostly=mostly, severity=severity
    )
