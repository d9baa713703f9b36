"""Names and values as DuckDB's SQL reads them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from watchkeeper.checks.table_columns import TableColumn

_LARGEST = 2**127 - 1


def identifier(name: str) -> str:
    """Return a name in quotes.

    Examples
    --------
    >>> print(identifier('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """Return a text in quotes; a NUL, which SQL cannot hold, is put in by its number.

    Examples
    --------
    >>> text_literal("it's")
    "'it''s'"
    """
    # A lone half of a surrogate pair is no text of any column.
    whole = value.encode("utf-8", "replace").decode("utf-8")
    parts = ["'" + part.replace("'", "''") + "'" for part in whole.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def number_literal(value: float, column: TableColumn) -> str:
    """Return a number as it compares with a column, whole ones exactly where both are."""
    if column.kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) <= _LARGEST and column.kind != "number":
        return str(value)
    try:
        size = abs(float(value))
    except OverflowError:
        return "CAST('{}inf' AS DOUBLE)".format("-" if value < 0 else "")
    # Of FLOAT the literal is rounded as the values are: 0.1 in it equals 0.1.
    narrow = column.type == "FLOAT" and (size <= 3e38 or math.isinf(size))
    return f"CAST('{float(value)!r}' AS {'FLOAT' if narrow else 'DOUBLE'})"


def time_literal(value: str, column: TableColumn) -> str | None:
    """Return a date or time as it compares with a column; ``None`` if the text is neither."""
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return None
    if column.has_zone:
        return f"TIMESTAMPTZ '{time.isoformat(sep=' ')}'"
    return f"TIMESTAMP '{time.replace(tzinfo=None).isoformat(sep=' ')}'"
