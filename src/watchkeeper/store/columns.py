"""The columns of stored tables: fixed ones, and open ones typed by what first came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import msgspec
import pyarrow as pa

Kind: TypeAlias = Literal["prediction", "outcome", "feedback"]
ColumnKind: TypeAlias = Literal["number", "text", "boolean", "time", "vector", "texts"]

UTC_TIME = pa.timestamp("us", "UTC")
ARROW: Mapping[ColumnKind, pa.DataType] = {
    "number": pa.float64(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "time": UTC_TIME,
    "vector": pa.list_(pa.float64()),
    "texts": pa.list_(pa.string()),
}
_FIXED: Mapping[Kind, Mapping[str, pa.DataType]] = {
    "prediction": {
        "prediction_id": pa.string(),
        "time": UTC_TIME,
        "version": pa.string(),
        "variant": pa.string(),
        "entity": pa.string(),
        "latency_seconds": pa.float64(),
        "cost_usd": pa.float64(),
        "error": pa.string(),
        "trace_id": pa.string(),
    },
    "outcome": {"prediction_id": pa.string(), "time": UTC_TIME},
    "feedback": {
        "feedback_id": pa.string(),
        "time": UTC_TIME,
        "kind": pa.string(),
        "entity": pa.string(),
        "item": pa.string(),
        "prediction_id": pa.string(),
        "position": pa.int64(),
        "amount": pa.float64(),
    },
}
_OPEN: Mapping[Kind, tuple[str, ...]] = {
    "prediction": ("output", "output:", "feature:", "tag:", "explanation:"),
    "outcome": ("label",),
    "feedback": (),
}
_GROUPS = ("output", "feature:", "tag:", "explanation:", "label", "outlier_", "misfit:")
_ELSEWHERE = ("output:", "explanation:")

OUTLIER_SCORE: Final = "outlier_score"
"""How odd a prediction is, 1 and more for an outlier; written by the store, never by who sends."""
OUTLIER_COLUMNS: Final = "outlier_columns"
"""The features and outputs that make it an outlier, the strongest first."""
SCORED: Final = frozenset({OUTLIER_SCORE, OUTLIER_COLUMNS})


def fixed_columns(kind: Kind) -> Mapping[str, pa.DataType]:
    """Return the columns that every table of a kind has."""
    return _FIXED[kind]


def identity_column(kind: Kind) -> str:
    """Return the name of the column that holds a record's id."""
    return "feedback_id" if kind == "feedback" else "prediction_id"


def is_open(name: str) -> bool:
    """Return whether a column exists only as far as records brought it."""
    return name in {"label", "output", *SCORED} or name.startswith(
        ("feature:", "output:", "tag:", "explanation:", "misfit:")
    )


def may_bring(kind: Kind, name: str) -> bool:
    """Return whether a record of a kind may bring an open column of this name."""
    return any(
        name == given or (given[-1] == ":" and name.startswith(given)) for given in _OPEN[kind]
    )


def open_columns(kind: Kind) -> list[str]:
    """Return the names of the open columns of a kind, for people."""
    return [f"{name}<name>" if name.endswith(":") else name for name in _OPEN[kind]]


def misfit_column(name: str) -> str:
    """Return where values of another type than their column's are kept, as JSON text.

    ``misfit:<feature>``; in full for a feature whose name would be taken for another column.
    """
    plain = name.removeprefix("feature:")
    if plain != name and (plain in {"output", "label"} or plain.startswith(_ELSEWHERE)):
        return f"misfit:{name}"
    return f"misfit:{plain}"


def kind_of(name: str, value: object) -> ColumnKind:
    """Return the kind of a column whose first value this is."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, list):
        # An empty list says nothing of itself; those of outputs and labels are lists of texts.
        is_texts = name in {"output", "label"} or any(isinstance(v, str) for v in value)
        return "texts" if is_texts else "vector"
    return "text"


def as_json(value: Any) -> str:
    """Return a value that does not fit as JSON text."""
    return msgspec.json.encode(value).decode()


def ordered(table: pa.Table) -> pa.Table:
    """Return a table with its columns in an order that depends on their names alone.

    Open columns come after the others, by group and name; those without any value are left out,
    unless a misfit stands in for one.
    """
    names = table.column_names
    filled = {n for n in names if not is_open(n) or table.column(n).null_count < table.num_rows}
    marked = {n for n in names if is_open(n) and misfit_column(n) in filled}
    fixed = [n for n in names if not is_open(n)]
    open_ones = sorted((n for n in names if is_open(n) and n in filled | marked), key=_place)
    return table.select([*fixed, *open_ones])


def unified(tables: list[pa.Table]) -> pa.Table:
    """Return tables one after the other, columns by name, null where a table lacks one."""
    return pa.concat_tables(tables, promote_options="default")


def _place(name: str) -> tuple[int, str]:
    group = next(i for i, prefix in enumerate(_GROUPS) if name.startswith(prefix))
    return group, name
