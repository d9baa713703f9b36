"""What the columns of a table seem to be: types, roles, and why some are not worth watching."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.events.apparent_types import apparent_type, is_text
from watchkeeper.events.calendar_columns import EventTimes
from watchkeeper.events.identifying import identity_of, is_id_name
from watchkeeper.events.schema import EXPLANATION, Column, ColumnRole, ColumnType, Schema

_SAMPLE = 100_000
_EXPLANATIONS = (EXPLANATION, "explanation.")
_TIME_NAMES = re.compile(
    r"(^|_)(time|timestamp|datetime|date|ts|at|hour|when|day)($|_)|(time|stamp|date)$", re.I
)
_PREDICTION_NAMES = re.compile(
    r"^(pred|preds|prediction|predicted|score|probability|proba|y_?hat|y_?pred|output)([_:.].*)?$",
    re.I,
)
_LABEL_NAMES = re.compile(r"^(label|target|y|y_?true|actual|outcome|ground_?truth)$", re.I)
_TYPE_OF_ROLE: dict[ColumnRole, ColumnType] = {"explanation": "number"}
# Numbers named like a time between these are seconds (or their thousandths) since 1970.
_EPOCH_FROM, _EPOCH_UNTIL = 631_152_000, 2_524_608_000
_EPOCH_UNITS = {1: 1_000_000, 1_000: 1_000, 1_000_000: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """A guess at a table's schema, for a person to correct.

    Attributes
    ----------
    time_column, id_column, prediction_column, label_column
        Columns that look like it, ``None`` where none does.
    notes
        Why a column is not watched, by name, in plain words.
    """

    schema: Schema
    time_column: str | None
    id_column: str | None
    prediction_column: str | None
    label_column: str | None
    notes: dict[str, str]


def infer_schema(table: pa.Table, *, time_column: str | None = None) -> Inference:
    """Guess types and roles from a sample of rows.

    When in doubt a column is watched: it is left alone only when it clearly identifies rows or
    people, repeats the time, or is of a type that cannot be watched.

    Parameters
    ----------
    table
        Rows in their order; the first 100,000 are looked at. Any table will do, also one without
        rows or columns; of columns of one name the first counts.
    time_column
        Column of event times, when known.

    Examples
    --------
    >>> table = pa.table({"id": ["a", "b"], "amount": [1.5, 2.5]})
    >>> {name: c.role for name, c in infer_schema(table).schema.columns.items()}
    {'id': 'id', 'amount': 'feature'}
    """
    sample = table.slice(0, _SAMPLE)
    data: dict[str, pa.ChunkedArray] = {}
    for name, column in zip(sample.column_names, sample.columns, strict=True):
        data.setdefault(name, _usual(column))
    types = {name: apparent_type(column) for name, column in data.items()}
    time = time_column or _time_column(data, types)
    own = _as_times(data[time]) if time in data else None
    times = None if own is None else EventTimes(own)
    columns: dict[str, Column] = {}
    notes: dict[str, str] = {}
    for name, kind in types.items():
        if name == time:
            columns[name] = Column(type="datetime", role="time")
            notes[name] = "it is the time of the rows"
            continue
        role, why = _role(name, data[name], kind, times)
        if why is not None:
            notes[name] = why
        # Also whole numbers that were 0 and 1 so far may be any number.
        columns[name] = Column(type=_TYPE_OF_ROLE.get(role, kind) or "text", role=role)
    schema = Schema(columns=columns)
    return Inference(
        schema=schema,
        time_column=time,
        id_column=schema.first("id"),
        prediction_column=schema.first("prediction"),
        label_column=schema.first("label"),
        notes=notes,
    )


def _usual(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return text and short floats in a layout that Arrow and NumPy can compute with."""
    if pt.is_string_view(column.type):
        return column.cast(pa.large_string())
    return column.cast(pa.float64()) if pt.is_float16(column.type) else column


def _role(
    name: str, column: pa.ChunkedArray, kind: ColumnType | None, times: EventTimes | None
) -> tuple[ColumnRole, str | None]:
    if kind is None:
        if pt.is_null(column.type):
            return "ignored", "it has no values"
        return "ignored", f"values of type {column.type} are not watched"
    if name.startswith(_EXPLANATIONS) and kind in {"number", "boolean"}:
        return "explanation", None
    if kind in {"number", "category", "boolean"} and not is_id_name(name):
        if _PREDICTION_NAMES.match(name):
            return "prediction", None
        if _LABEL_NAMES.match(name):
            return "label", None
    if times is not None and kind in {"number", "category"}:
        part = times.part_repeated_by(name, column)
        if part is not None:
            return "calendar", f"it repeats the {part} of the time, so it changes by itself"
    if times is not None and kind == "datetime":
        own = _as_times(column)
        if own is not None and times.is_repeated_by(own):
            return "calendar", "it is the time of the rows again, so it changes by itself"
    return identity_of(name, column, kind) or ("feature", None)


def _time_column(
    data: dict[str, pa.ChunkedArray], types: dict[str, ColumnType | None]
) -> str | None:
    """Return the most time-like column: named like it, without nulls, in order.

    Numbers since 1970 count only where no column has times, and only when named like a time.
    """
    named = [name for name, kind in types.items() if kind == "datetime"]
    if not named:
        numbers = (name for name, kind in types.items() if kind == "number")
        named = [name for name in numbers if _TIME_NAMES.search(name)]
    best, best_score = None, 0.0
    for name in named:
        times = _as_times(data[name])
        if times is None:
            continue
        full = 1.0 - times.null_count / max(len(times), 1)
        number = times.cast(pa.int64()).drop_null().to_numpy()
        ordered = float((number[1:] >= number[:-1]).mean()) if len(number) > 1 else 1.0
        score = 1.0 + full + ordered + (1.0 if _TIME_NAMES.search(name) else 0.0)
        if score > best_score:
            best, best_score = name, score
    return best


def _as_times(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return time stamps without zone (UTC), ``None`` for what cannot be read as such."""
    kind = column.type
    try:
        if pt.is_timestamp(kind) or pt.is_date(kind):
            return column.cast(pa.timestamp("us"), safe=False)
        if is_text(kind):
            return _of_texts(column)
        if pt.is_integer(kind) or pt.is_floating(kind):
            return _since_1970(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return None


def _of_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))


def _since_1970(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    ends = pc.min_max(column).as_py()
    if ends["min"] is None:
        return None
    for parts, micros in _EPOCH_UNITS.items():
        if ends["min"] >= _EPOCH_FROM * parts and ends["max"] < _EPOCH_UNTIL * parts:
            number = pc.fill_null(column, 0).to_numpy().astype(np.float64)
            whole = pa.array((number * micros).astype(np.int64), mask=_nulls(column))
            return pa.chunked_array([whole.cast(pa.timestamp("us"))])
    return None


def _nulls(column: pa.ChunkedArray) -> np.ndarray:
    mask: np.ndarray = pc.is_null(column, nan_is_null=True).to_numpy()
    return mask
