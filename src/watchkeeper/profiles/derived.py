"""Which columns are profiled: those of the schema, or what is derived from text and times."""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.errors import UsageError, nearest
from watchkeeper.events import Column, Schema

TEXT_PARTS = (
    "length",
    "words",
    "digit_ratio",
    "upper_ratio",
    "non_ascii_ratio",
    "punctuation_ratio",
)
"""What is measured of a text, whatever its language."""
AGE = "age_seconds"
"""What is measured of a time when the event's own time is known."""
HOUR = "hour"
"""What is measured of a time otherwise: its hour in UTC."""


def derived_schema(schema: Schema, time_column: str | None = None) -> Schema:
    """Return the columns that are profiled, all numbers, categories and booleans.

    Only watched columns are, and the time column is not. A text column ``c`` becomes ``c.length``
    (characters), ``c.words`` and ratios of its characters; a datetime column ``c`` becomes
    ``c.age_seconds`` (event's time less the value) with a time column, else ``c.hour``.

    Parameters
    ----------
    schema
        The columns of the table.
    time_column
        The event's own time, if the table has one.

    Examples
    --------
    >>> schema = Schema(columns={"note": Column(type="text"), "born": Column(type="datetime")})
    >>> list(derived_schema(schema).columns)[-2:]
    ['note.punctuation_ratio', 'born.hour']
    """
    columns: dict[str, Column] = {}
    for name in schema.watched():
        if name != time_column:
            columns.update(_derive(schema, name, time_column))
    return Schema(columns=columns)


def source_of(schema: Schema, name: str) -> str:
    """Return the column of the table that a profiled column comes from.

    Parameters
    ----------
    schema
        The columns of the table, as given to `derived_schema`.
    name
        A column of a profile.

    Raises
    ------
    UsageError
        When it comes from no column of the schema.

    Examples
    --------
    >>> schema = Schema(columns={"note": Column(type="text"), "x.length": Column(type="number")})
    >>> source_of(schema, "note.length"), source_of(schema, "x.length")
    ('note', 'x.length')
    """
    source = name if name in schema.columns else name.rpartition(".")[0]
    while source not in schema.columns and source.endswith("."):
        source = source.removesuffix(".")
    if source not in schema.columns:
        raise UsageError(
            f"Expected a profiled column, got {name!r}, which comes from no column of the table."
            f"{nearest(source, schema.columns)}"
        )
    return source


def derived_name(schema: Schema, column: str, part: str) -> str:
    """Return the name of a derived column, with more dots where the plain one is taken."""
    name = f"{column}.{part}"
    while name in schema.columns:
        column += "."
        name = f"{column}.{part}"
    return name


def _derive(schema: Schema, name: str, time_column: str | None) -> Iterator[tuple[str, Column]]:
    column = schema.columns[name]
    if column.type == "text":
        for part in TEXT_PARTS:
            yield (
                derived_name(schema, name, part),
                Column(type="number", role=column.role, nullable=column.nullable),
            )
    elif column.type == "datetime":
        part = HOUR if time_column is None else AGE
        yield (
            derived_name(schema, name, part),
            Column(
                type="category" if time_column is None else "number",
                role=column.role,
                nullable=column.nullable,
                categories=[str(hour) for hour in range(24)] if time_column is None else None,
            ),
        )
    else:
        yield name, column
