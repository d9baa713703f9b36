"""Conditions in SQL that people wrote, made sure of before any row is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from watchkeeper.checks import TABLE, Check, Expression
from watchkeeper.errors import SettingsError, nearest
from watchkeeper.pipeline.queried_rows import QueriedRows

_UNKNOWN_COLUMN = re.compile(r'Referenced column "(?P<name>.*)" not found', re.DOTALL)


def require_conditions(name: str, check: Check, rows: QueriedRows) -> None:
    """Raise ``SettingsError`` if the SQL of a check is no condition of rows of this table."""
    for attribute, sql in _conditions(check):
        why = _fault(sql, rows)
        if why is not None:
            raise SettingsError(f"check {name}: {attribute} is {sql!r}; {why}")


def syntax_fault(sql: str) -> str | None:
    """Return why a text is no expression in SQL, as far as it can be told without data."""
    try:
        duckdb.SQLExpression(sql)
    except (duckdb.Error, UnicodeEncodeError) as error:
        return _first_line(error)
    return None


def _conditions(check: Check) -> Iterator[tuple[str, str]]:
    if check.where is not None:
        yield "where", check.where
    if isinstance(check, Expression):
        yield "sql", check.sql


def _fault(sql: str, rows: QueriedRows) -> str | None:
    why = syntax_fault(sql)
    if why is not None:
        return why
    try:
        asked = f"FROM {TABLE} SELECT ({sql}\n) WHERE ({sql}\n) LIMIT 0"
        kind = rows.types(asked)[0]
    except duckdb.Error as error:
        return _told(error, rows)
    if kind not in {"BOOLEAN", '"NULL"', "NULL"}:
        return f"its values are {kind}, but a condition is true or false"
    return None


def _told(error: duckdb.Error, rows: QueriedRows) -> str:
    unknown = _UNKNOWN_COLUMN.search(str(error))
    if unknown is not None:
        name = unknown["name"]
        return f"there is no column {name!r}.{nearest(name, rows.table.names)}"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    first = str(error).partition("\n")[0]
    return f"DuckDB says: {first.partition(': ')[2] or first}"
