"""Checks that each row passes or breaks, as they are declared."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

ValueType: TypeAlias = Literal[
    "number", "integer", "text", "category", "boolean", "datetime", "list"
]
Severity: TypeAlias = Literal["error", "warning"]
Limit: TypeAlias = int | float | str
Value: TypeAlias = int | float | str | bool


class Declared(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="check",
):
    """What every check has.

    Attributes
    ----------
    name
        What reports call it. Left out: made of its kind and columns.
    severity
        Only failed checks of severity error fail a comparison. Left out: error.
    where
        Condition in SQL: only rows for which it is true are looked at.
    """

    name: str | None = None
    severity: Severity = "error"
    where: Annotated[str, Meta(extra_json_schema={"examples": ["country = 'CH'"]})] | None = None


class NotNull(Declared, frozen=True, kw_only=True, tag="not_null"):
    """Every row has a value; NaN is none.

    Attributes
    ----------
    column
        The column.
    mostly
        Least part of the rows that must have one, 0 to 1. Left out: all.
    """

    column: str
    mostly: float = 1.0


class Type(Declared, frozen=True, kw_only=True, tag="type"):
    """Values are of a type.

    Attributes
    ----------
    column
        The column.
    type
        integer also takes fractions that are whole, boolean also 0 and 1, category also whole
        numbers and booleans.
    """

    column: str
    type: ValueType


class Range(Declared, frozen=True, kw_only=True, tag="range"):
    """Numbers, times or texts lie between limits.

    Attributes
    ----------
    column
        The column.
    minimum, maximum
        Limits that are allowed themselves; dates and times as text.
    above, below
        Limits that are not allowed themselves.
    mostly
        Least part of the values that must, 0 to 1. Left out: all.
    """

    column: str
    minimum: Limit | None = None
    maximum: Limit | None = None
    above: Limit | None = None
    below: Limit | None = None
    mostly: float = 1.0


class Categories(Declared, frozen=True, kw_only=True, tag="categories"):
    """Values are among those named.

    Attributes
    ----------
    column
        The column.
    values
        The values allowed.
    mostly
        Least part of the values that must be, 0 to 1. Left out: all.
    """

    column: str
    values: tuple[Value, ...]
    mostly: float = 1.0


class Matches(Declared, frozen=True, kw_only=True, tag="matches"):
    """Texts match a regular expression.

    Attributes
    ----------
    column
        The column.
    pattern
        In the syntax of RE2, found anywhere in the text: begin it with ^ and end it with $ for all
        of the text.
    mostly
        Least part of the values that must, 0 to 1. Left out: all.
    """

    column: str
    pattern: Annotated[str, Meta(extra_json_schema={"examples": ["^[A-Z]{2}$"]})]
    mostly: float = 1.0


class Length(Declared, frozen=True, kw_only=True, tag="length"):
    """Texts have a number of characters, lists of elements.

    Attributes
    ----------
    column
        The column.
    minimum, maximum
        Fewest and most.
    mostly
        Least part of the values that must, 0 to 1. Left out: all.
    """

    column: str
    minimum: int | None = None
    maximum: int | None = None
    mostly: float = 1.0


class Expression(Declared, frozen=True, kw_only=True, tag="expression"):
    """A condition over columns holds.

    Attributes
    ----------
    sql
        Condition in DuckDB's SQL, about one row; names of columns in double quotes where they are
        not plain words.
    nulls
        Whether a row passes for which the condition is null. Left out: pass.
    mostly
        Least part of the rows that must pass, 0 to 1. Left out: all.
    """

    sql: Annotated[str, Meta(extra_json_schema={"examples": ["arrival >= departure"]})]
    nulls: Literal["pass", "fail"] = "pass"
    mostly: float = 1.0


class Unique(Declared, frozen=True, kw_only=True, tag="unique"):
    """No value, or no combination of values, comes twice; rows with a null in them may.

    Attributes
    ----------
    columns
        One column or several.
    """

    columns: tuple[str, ...]
