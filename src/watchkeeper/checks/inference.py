"""Checks to begin with, from a reference that is as it should be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.checks.declared import Check
from watchkeeper.checks.row_checks import Categories, NotNull, Range, Unique, ValueType
from watchkeeper.checks.table_checks import TableSchema
from watchkeeper.events import Column, Schema

_LEAST_ROWS = 100
_MOST_CATEGORIES = 20
# A value that came this often has company enough for its column to be closed.
_LEAST_SEEN = 10


def infer_checks(
    table: pa.Table,
    schema: Schema,
    *,
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Check, ...]:
    """Return checks that the next data should pass too, if it is like the reference.

    Only what the reference leaves little doubt of: columns and types; no nulls where 100 rows or
    more have none; the values of a category of at most 20 that all came 10 times or more; numbers
    within their range and its width again on either side, but no lower than 0 where none was
    negative, and no higher than 1 where none was; ids that differ.

    Parameters
    ----------
    table
        Rows of the reference.
    schema
        What its columns are.
    ends
        Least and greatest of a column, where more rows than these are known.

    Examples
    --------
    >>> table = pa.table({"share": [n / 200 for n in range(200)]})
    >>> inferred = infer_checks(table, Schema(columns={"share": Column(type="number")}))
    >>> inferred[-1].minimum, inferred[-1].maximum
    (0, 1)
    """
    present = {name: one for name, one in schema.columns.items() if name in table.column_names}
    if not present:
        return ()
    types = {name: _type(one, table.column(name).type) for name, one in present.items()}
    checks: list[Check] = [TableSchema(columns=types)]
    for name, one in present.items():
        if one.role != "ignored" and table.num_rows >= _LEAST_ROWS:
            checks += _of_column(name, one, table.column(name), (ends or {}).get(name))
    return tuple(checks)


def _of_column(
    name: str, one: Column, values: pa.ChunkedArray, ends: tuple[float, float] | None
) -> Iterator[Check]:
    kind = values.type
    if pt.is_floating(kind):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values)
    if values.null_count == 0:
        yield NotNull(column=name)
    if one.role == "id" and values.null_count == 0 and _is_unique(values):
        yield Unique(columns=(name,))
    if one.role in {"id", "entity", "time", "calendar"}:
        return
    if one.type == "category" and _is_text(kind):
        yield from _categories(name, values)
    if one.type == "number" and (pt.is_integer(kind) or pt.is_floating(kind)):
        yield from _range(name, values, ends)


def _type(column: Column, stored: pa.DataType) -> ValueType | None:
    """Return the type to ask for; none where the reference itself is stored as another."""
    if column.role == "ignored" or pt.is_null(stored):
        return None
    is_number = pt.is_integer(stored) or pt.is_floating(stored) or pt.is_decimal(stored)
    fits: dict[ValueType, bool] = {
        "number": is_number,
        "datetime": pt.is_timestamp(stored) or pt.is_date(stored),
        "boolean": pt.is_boolean(stored),
        "category": _is_text(stored),
        "text": _is_text(stored),
    }
    return column.type if fits[column.type] else None


def _is_text(kind: pa.DataType) -> bool:
    if pt.is_dictionary(kind):
        kind = kind.value_type
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _is_unique(values: pa.ChunkedArray) -> bool:
    return not pt.is_nested(values.type) and int(pc.count_distinct(values).as_py()) == len(values)


def _categories(name: str, values: pa.ChunkedArray) -> Iterator[Check]:
    text = values.cast(pa.large_string()).drop_null()
    counted = pc.value_counts(text)
    if not 0 < len(counted) <= _MOST_CATEGORIES:
        return
    if min(counted.field("counts").to_pylist()) >= _LEAST_SEEN:
        yield Categories(column=name, values=tuple(sorted(counted.field("values").to_pylist())))


def _range(name: str, values: pa.ChunkedArray, ends: tuple[float, float] | None) -> Iterator[Check]:
    if ends is None:
        found = pc.min_max(values).as_py()
        ends = (found["min"], found["max"])
    low, high = ends
    if low is None or not (math.isfinite(low) and math.isfinite(high)) or low >= high:
        return
    if low >= 0 and high <= 1:
        yield Range(column=name, minimum=0, maximum=1)
        return
    width = high - low
    minimum = 0 if low >= 0 else _outwards(low - width)
    maximum = 0 if high <= 0 else _outwards(high + width)
    if minimum is not None or maximum is not None:
        yield Range(column=name, minimum=minimum, maximum=maximum)


def _outwards(value: float) -> float | int | None:
    """Return a number of about two digits that is not nearer to zero, ``None`` beyond all."""
    if value == 0:
        return 0
    if not math.isfinite(value):
        return None
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    rounded = math.copysign(math.ceil(abs(value) / unit), value) * unit
    plain = float(f"{rounded:.2g}")
    if not math.isfinite(plain):
        return None
    return int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain
