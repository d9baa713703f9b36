"""Bulk tables: brought to the store's own types on arrival, so that reading them cannot fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.errors import RecordError, nearest
from watchkeeper.events.label_lists import lists_of_one
from watchkeeper.store.columns import (
    ARROW,
    SCORED,
    UTC_TIME,
    ColumnKind,
    Kind,
    as_json,
    fixed_columns,
    identity_column,
    is_open,
    may_bring,
    misfit_column,
    open_columns,
)

_FAILED = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, pa.ArrowKeyError)


def canonical(kind: Kind, table: pa.Table) -> pa.Table:
    """Return a table with all fixed columns of its kind and open ones in the store's types.

    Values that none of these types can hold (structures, nested lists, ...) become JSON text.

    Raises
    ------
    RecordError
        If two columns have one name, a column is unknown, ids or times are missing, or a fixed
        column or a contribution cannot be read as its type.
    """
    names = table.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecordError(f"two columns are called {twice[0]!r}; rename one")
    fixed = fixed_columns(kind)
    columns = {name: _fixed(kind, table, name, arrow) for name, arrow in fixed.items()}
    if kind == "outcome" and "label" not in names:
        raise RecordError("a table of outcomes needs a column 'label'")
    for name in names:
        if name in fixed:
            continue
        if not may_bring(kind, name):
            choices = nearest(name, [*fixed, *open_columns(kind)])
            raise RecordError(f"a table of {kind}s has no column {name!r}.{choices}")
        if name.startswith("explanation:"):
            columns[name] = _contributions(table.column(name), name)
            continue
        arrow = pa.string() if name.startswith("tag:") else None
        columns[name] = _open(_lists_of_texts(name, table.column(name)), arrow)
    return pa.table(columns)


def conform(table: pa.Table, types: dict[str, ColumnKind]) -> pa.Table:
    """Return a canonical table in the model's own column types; what does not suit is a misfit.

    Parameters
    ----------
    types
        Kinds of the model's open columns so far; new ones are added.
    """
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in table.column_names:
        column = _lists_of_texts(name, table.column(name))
        if not is_open(name) or name.startswith("tag:") or name in SCORED:
            columns[name] = column
            continue
        own = _kind_of(column)
        if own is None:
            continue
        kind = types.setdefault(name, own)
        if own == kind:
            columns[name] = column
            continue
        columns[name], misfits = _fitted(name, column, kind)
        if misfits.null_count < len(misfits):
            columns[misfit_column(name)] = misfits
    return pa.table(columns)


def _fixed(kind: Kind, table: pa.Table, name: str, arrow: pa.DataType) -> pa.ChunkedArray:
    needed = name in {identity_column(kind), "time"} or (kind == "feedback" and name == "kind")
    if name not in table.column_names:
        if needed:
            raise RecordError(f"a table of {kind}s needs a column {name!r}")
        if name in {"version", "variant"}:
            return pa.chunked_array([pa.repeat("", table.num_rows)])
        return pa.chunked_array([pa.nulls(table.num_rows, arrow)])
    given = table.column(name)
    try:
        column = _cast(given, arrow)
    except _FAILED as error:
        message = f"the column {name!r} must be readable as {arrow}, and is {given.type}: {error}"
        raise RecordError(message) from error
    if needed and column.null_count:
        row = pc.index(column.is_null(), True).as_py()
        message = f"a table of {kind}s needs a column {name!r} without nulls; row {row} has one"
        raise RecordError(message)
    return pc.fill_null(column, "") if name in {"version", "variant"} else column


def _contributions(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = _kind_of(column)
    if kind not in {None, "number"}:
        message = f"the column {name!r} must be numbers or null, and is {column.type}"
        raise RecordError(f"{message}: what a feature contributed to an output is a number")
    return _cast(column, pa.float64())


def _open(column: pa.ChunkedArray, arrow: pa.DataType | None) -> pa.ChunkedArray:
    kind = _kind_of(column)
    if kind is None:
        return column.cast(arrow) if arrow is not None else column
    try:
        return _cast(column, ARROW[kind] if arrow is None else arrow)
    except _FAILED:
        return _texts(column)


def _lists_of_texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return empty lists, whose type says nothing, as what outputs and labels are lists of."""
    is_list = name in {"output", "label"} and pt.is_list(column.type)
    if is_list and (pt.is_null(column.type.value_type) or not len(pc.list_flatten(column))):
        return column.cast(ARROW["texts"])
    return column


def _cast(column: pa.ChunkedArray, arrow: pa.DataType) -> pa.ChunkedArray:
    if pt.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pt.is_duration(column.type) and arrow == pa.float64():
        return pc.divide(column.cast(pa.duration("us"), safe=False).cast(pa.int64()), 1e6)
    if column.type != arrow:
        # Unsafe: large integers become the nearest double, times lose their nanoseconds.
        column = column.cast(arrow, safe=arrow not in (pa.float64(), UTC_TIME))
    if pt.is_string(arrow):
        column.validate(full=True)
    return column


def _kind_of(column: pa.ChunkedArray) -> ColumnKind | None:
    """Kind of an Arrow column, ``None`` if it has no values to tell."""
    kind = column.type
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_null(kind) or column.null_count == len(column):
        return None
    if pt.is_boolean(kind):
        return "boolean"
    if pt.is_floating(column.type) and _has_only_nan(column):
        return None
    if pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind) or pt.is_duration(kind):
        return "number"
    if pt.is_timestamp(kind) or pt.is_date(kind):
        return "time"
    if pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        inner = kind.value_type
        if pt.is_string(inner) or pt.is_large_string(inner):
            return "texts"
        return "vector" if pt.is_integer(inner) or pt.is_floating(inner) else "text"
    return "text"


def _has_only_nan(column: pa.ChunkedArray) -> bool:
    """Tell it by the first value, which nearly always can."""
    first = column[0].as_py()
    if first is not None and first == first:
        return False
    return bool(pc.all(pc.is_nan(column)).as_py())


def _fitted(
    name: str, column: pa.ChunkedArray, kind: ColumnKind
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return what suits a column of another kind, and the rest as JSON.

    Labels only: false and true are 0 and 1 where labels are numbers, and the other way round;
    among lists of labels a text is a list of one.
    """
    if name == "label" and kind == "texts" and pt.is_string(column.type):
        return pa.chunked_array([lists_of_one(column)]), pa.nulls(len(column), pa.string())
    if name == "label" and kind == "number" and pt.is_boolean(column.type):
        return column.cast(pa.int8()).cast(pa.float64()), pa.nulls(len(column), pa.string())
    if name == "label" and kind == "boolean" and pt.is_floating(column.type):
        binary = pc.or_(pc.equal(column, 0.0), pc.equal(column, 1.0))
        suiting = pc.if_else(binary, column, None).cast(pa.bool_())
        return suiting, _json(pc.if_else(binary, None, column))
    return pa.nulls(len(column), ARROW[kind]), _json(column)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return bytes as text, what is no UTF-8 in them replaced, and anything else as JSON."""
    if not (pt.is_binary(column.type) or pt.is_large_binary(column.type)):
        return _json(column)
    texts = [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, type=pa.string())])


def _json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values: Iterable[Any] = column.to_pylist()
    texts = [None if v is None or v != v else as_json(v) for v in values]
    return pa.chunked_array([pa.array(texts, type=pa.string())])
