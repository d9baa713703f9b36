"""Records as typed columns: a column keeps the type that its first value had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.errors import RecordError

ColumnKind: TypeAlias = Literal["number", "text", "boolean", "time", "vector", "texts"]

_ARROW: dict[str, pa.DataType] = {
    "number": pa.float64(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", "UTC"),
    "vector": pa.list_(pa.float64()),
    "texts": pa.list_(pa.string()),
}
_FIXED: dict[str, dict[str, pa.DataType]] = {
    "prediction": {
        "prediction_id": pa.string(),
        "time": pa.timestamp("us", "UTC"),
        "version": pa.string(),
        "variant": pa.string(),
        "entity": pa.string(),
        "latency_seconds": pa.float64(),
        "cost_usd": pa.float64(),
        "error": pa.string(),
        "trace_id": pa.string(),
    },
    "outcome": {"prediction_id": pa.string(), "time": pa.timestamp("us", "UTC")},
    "feedback": {
        "feedback_id": pa.string(),
        "time": pa.timestamp("us", "UTC"),
        "kind": pa.string(),
        "entity": pa.string(),
        "item": pa.string(),
        "prediction_id": pa.string(),
        "position": pa.int64(),
        "amount": pa.float64(),
    },
}


def fixed_columns(kind: str) -> dict[str, pa.DataType]:
    """Return the columns that every table of a kind has."""
    return dict(_FIXED[kind])


def table_of_records(
    kind: str, records: list[dict[str, Any]], types: dict[str, ColumnKind]
) -> pa.Table:
    """Return decoded records as a table.

    Parameters
    ----------
    records
        As msgpack gives them back.
    types
        Types of the model's open columns (features, output, label) so far; new ones are added.
    """
    columns = {
        name: pa.array([r.get(name) for r in records], type=arrow)
        for name, arrow in _FIXED[kind].items()
    }
    if kind == "prediction":
        for name, values in _open_columns(records).items():
            _add_values(columns, name, values, types)
        tags = sorted({tag for r in records for tag in r.get("tags", {})})
        for tag in tags:
            values = [r.get("tags", {}).get(tag) for r in records]
            columns[f"tag:{tag}"] = pa.array(values, type=pa.string())
    elif kind == "outcome":
        _add_values(columns, "label", [r.get("label") for r in records], types)
    return pa.table(columns)


def with_fixed_types(kind: str, table: pa.Table) -> pa.Table:
    """Return a bulk table with the columns that every table of its kind has in their types.

    Raises
    ------
    RecordError
        If one of them holds values of another type.
    """
    for name, arrow in _FIXED[kind].items():
        if name not in table.column_names:
            continue
        column = table.column(name)
        try:
            # What is finer than a microsecond is cut off.
            column = column.cast(arrow, safe=not pt.is_timestamp(arrow))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            message = f"column {name!r} of a table of {kind}s must be {arrow}: {error}"
            raise RecordError(message) from error
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def conform(kind: str, table: pa.Table, types: dict[str, ColumnKind]) -> pa.Table:
    """Return a bulk table in the model's own column types; what does not fit becomes a misfit."""
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name, arrow in _FIXED[kind].items():
        if name in table.column_names:
            columns[name] = table.column(name).cast(arrow, safe=False)
        else:
            empty = "" if name in {"version", "variant"} else None
            columns[name] = pa.array([empty] * table.num_rows, type=arrow)
    for name in table.column_names:
        if name in columns:
            continue
        if name.startswith(("tag:", "misfit:")):
            columns[name] = _as_text(table.column(name))
        elif name == "label" if kind == "outcome" else name.startswith(("feature:", "output")):
            _add_column(columns, name, table.column(name), types)
    return pa.table(columns)


def unified(tables: list[pa.Table]) -> pa.Table:
    """Return tables one after the other, columns by name, null where a table lacks one."""
    return pa.concat_tables(tables, promote_options="default")


def _open_columns(records: list[dict[str, Any]]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for i, record in enumerate(records):
        for name, value in record.get("features", {}).items():
            values.setdefault(f"feature:{name}", [None] * len(records))[i] = value
        output = record.get("output")
        if isinstance(output, Mapping):
            for label, probability in output.items():
                values.setdefault(f"output:{label}", [None] * len(records))[i] = probability
        elif output is not None:
            values.setdefault("output", [None] * len(records))[i] = output
    return values


def _add_values(
    columns: dict[str, pa.Array | pa.ChunkedArray],
    name: str,
    values: list[Any],
    types: dict[str, ColumnKind],
) -> None:
    kind = types.get(name)
    if kind is None:
        first = next((v for v in values if v is not None), None)
        if first is None:
            return
        kind = types[name] = _kind_of(first)
    if all(v is None or _kind_of(v) == kind for v in values):
        columns[name] = pa.array([_plain(v) for v in values], type=_ARROW[kind])
        return
    fits = [v is not None and _kind_of(v) == kind for v in values]
    columns[name] = pa.array(
        [_plain(v) if fit else None for v, fit in zip(values, fits, strict=True)],
        type=_ARROW[kind],
    )
    columns[f"misfit:{name.removeprefix('feature:')}"] = pa.array(
        [
            None if fit or v is None else msgspec.json.encode(v).decode()
            for v, fit in zip(values, fits, strict=True)
        ],
        type=pa.string(),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return float(value)


def _kind_of(value: Any) -> ColumnKind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, list) and any(isinstance(v, str) for v in value):
        return "texts"
    return "vector"


def _add_column(
    columns: dict[str, pa.Array | pa.ChunkedArray],
    name: str,
    column: pa.ChunkedArray,
    types: dict[str, ColumnKind],
) -> None:
    kind = types.get(name)
    own = _kind_of_arrow(column.type)
    if kind is None:
        if own is None:
            return
        kind = types[name] = own
    if own in {kind, None} or (kind == "number" and own == "boolean"):
        # Integers beyond 2**53 lose their last digits and times what is below a microsecond.
        columns[name] = (
            _as_text(column) if kind == "text" else column.cast(_ARROW[kind], safe=False)
        )
        return
    columns[name] = pa.nulls(len(column), _ARROW[kind])
    columns[f"misfit:{name.removeprefix('feature:')}"] = _as_text(column)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Return any column as texts: what Arrow cannot write as one, as JSON."""
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([_text_of(v) for v in column.to_pylist()], type=pa.string())


def _text_of(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return msgspec.json.encode(value, enc_hook=str).decode()


def _kind_of_arrow(kind: pa.DataType) -> ColumnKind | None:
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_null(kind):
        return None
    if pt.is_boolean(kind):
        return "boolean"
    if pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind):
        return "number"
    if pt.is_timestamp(kind) or pt.is_date(kind):
        return "time"
    if pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        text = pt.is_string(kind.value_type) or pt.is_large_string(kind.value_type)
        return "texts" if text else "vector"
    return "text"


def as_aware(text: str) -> datetime:
    """Return a time that the state database wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)
