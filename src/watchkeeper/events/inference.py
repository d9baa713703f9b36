"""What the columns of a table seem to be: types, roles, and why some are not worth watching."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.events.calendar_columns import calendar_part, is_shifted_time
from watchkeeper.events.schema import Column, ColumnRole, ColumnType, Schema

_SAMPLE = 100_000
_REPEATS = 0.5
_MOST_CATEGORIES = 100_000
_LONG_TEXT = 40.0
_IN_DISGUISE = 0.99

_TIME_NAMES = re.compile(r"(^|_)(time|timestamp|datetime|date|ts|at|hour)($|_)|time$|date$", re.I)
_ID_NAMES = re.compile(r"(^|_)(id|uuid|guid|key|index|rowid|row_id)$|Id$|ID$", re.I)
_ENTITY_NAMES = re.compile(r"^(user|customer|account|client|member|visitor|patient)(_?id)?$", re.I)
_PREDICTION_NAMES = re.compile(
    r"^(pred|preds|prediction|predicted|score|probability|proba|y_?hat|y_?pred|output)(_.*)?$", re.I
)
_LABEL_NAMES = re.compile(r"^(label|target|y|y_?true|actual|outcome|ground_?truth)$", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.I)
_BOOLEAN_TEXTS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})


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

    Numbers are never taken for ids unless they count up row by row or are named like one and are
    all different; when in doubt a column is watched.

    Parameters
    ----------
    table
        Rows in their order; the first 100,000 are looked at.
    time_column
        Column of event times, when known.

    Examples
    --------
    >>> table = pa.table({"id": ["a", "b"], "amount": [1.5, 2.5]})
    >>> {name: c.role for name, c in infer_schema(table).schema.columns.items()}
    {'id': 'id', 'amount': 'feature'}
    """
    sample = table.slice(0, _SAMPLE)
    types = {name: _type_of(sample.column(name)) for name in sample.column_names}
    time = time_column or _time_column(sample, types)
    times = _as_times(sample.column(time)) if time in sample.column_names else None
    columns: dict[str, Column] = {}
    notes: dict[str, str] = {}
    for name in sample.column_names:
        kind = types[name]
        if name == time:
            columns[name] = Column(type="datetime", role="time")
            notes[name] = "it is the time of the rows"
            continue
        role, why = _role(name, sample.column(name), kind, times)
        if why is not None:
            notes[name] = why
        columns[name] = Column(type=kind or "text", role=role)
    return Inference(
        schema=Schema(columns=columns),
        time_column=time,
        id_column=_first(columns, "id"),
        prediction_column=_first(columns, "prediction"),
        label_column=_first(columns, "label"),
        notes=notes,
    )


def _type_of(column: pa.ChunkedArray) -> ColumnType | None:
    """Type of a column; ``None`` for lists, structs and other things that are not watched."""
    kind = column.type
    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_boolean(kind):
        return "boolean"
    if pt.is_integer(kind):
        return "boolean" if _is_zero_one(column) else "number"
    if pt.is_floating(kind) or pt.is_decimal(kind):
        return "number"
    if pt.is_temporal(kind) and not pt.is_duration(kind) and not pt.is_time(kind):
        return "datetime"
    if pt.is_duration(kind) or pt.is_time(kind) or pt.is_null(kind):
        return "category"
    if pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind):
        return _type_of_text(column)
    return None


def _is_zero_one(column: pa.ChunkedArray) -> bool:
    if pt.is_dictionary(column.type) or column.null_count == len(column):
        return False
    return set(pc.unique(column.drop_null()).to_pylist()) == {0, 1}


def _type_of_text(column: pa.ChunkedArray) -> ColumnType:
    if pt.is_dictionary(column.type):
        return "category"
    values = column.drop_null().cast(pa.large_string())
    if len(values) == 0:
        return "category"
    distinct = pc.unique(values)
    lowered = {str(v).lower() for v in distinct.slice(0, 3).to_pylist()}
    if len(distinct) <= 3 and lowered in _BOOLEAN_TEXTS:
        return "boolean"
    if _looks_like_times(values):
        return "datetime"
    length = pc.mean(pc.utf8_length(values)).as_py()
    spaced = pc.mean(pc.match_substring(values, " ").cast(pa.float64())).as_py()
    unique = len(distinct) / len(values)
    free = length >= _LONG_TEXT or (spaced > 0.5 and length >= _LONG_TEXT / 2)
    if free and unique >= _REPEATS and len(values) >= 20:
        return "text"
    if len(distinct) > _MOST_CATEGORIES:
        return "text"
    return "category"


def _looks_like_times(values: pa.ChunkedArray) -> bool:
    head = values.slice(0, 1000)
    pattern = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
    matched = pc.match_substring_regex(head, pattern)
    return bool(pc.mean(matched.cast(pa.float64())).as_py() >= _IN_DISGUISE)


def _as_times(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    try:
        if pt.is_timestamp(kind) or pt.is_date(kind):
            return column.cast(pa.timestamp("us", getattr(kind, "tz", None)))
        if pt.is_string(kind) or pt.is_large_string(kind):
            return column.cast(pa.timestamp("us", "UTC"))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return None


def _time_column(sample: pa.Table, types: dict[str, ColumnType | None]) -> str | None:
    """Return the most time-like column: named like it, without nulls, in order, most distinct."""
    best, best_score = None, (-1.0,)
    for name, kind in types.items():
        if kind != "datetime":
            continue
        column = sample.column(name)
        times = _as_times(column)
        if times is None:
            continue
        full = 1.0 - column.null_count / max(len(column), 1)
        number = times.cast(pa.timestamp("us")).cast(pa.int64()).drop_null().to_numpy()
        ordered = float((number[1:] >= number[:-1]).mean()) if len(number) > 1 else 1.0
        score = (full + ordered + (1.0 if _TIME_NAMES.search(name) else 0.0),)
        if score > best_score:
            best, best_score = name, score
    return best


def _role(
    name: str, column: pa.ChunkedArray, kind: ColumnType | None, times: pa.ChunkedArray | None
) -> tuple[ColumnRole, str | None]:
    if kind is None:
        return "ignored", f"values of type {column.type} are not watched"
    if _PREDICTION_NAMES.match(name) and kind in {"number", "category", "boolean"}:
        return "prediction", None
    if _LABEL_NAMES.match(name) and kind in {"number", "category", "boolean"}:
        return "label", None
    if times is not None and kind == "number" and _is_whole(column):
        part = calendar_part(column, times)
        if part is not None:
            return "calendar", f"it repeats the {part} of the time, so it changes by itself"
    if times is not None and kind == "datetime":
        own = _as_times(column)
        if own is not None and is_shifted_time(own, times):
            return "calendar", "it is the time of the rows again, so it changes by itself"
    return _identity(name, column, kind)


def _identity(
    name: str, column: pa.ChunkedArray, kind: ColumnType
) -> tuple[ColumnRole, str | None]:
    values = column.drop_null()
    if kind == "number" and _is_whole(column) and len(values) >= 2:
        distinct = pc.count_distinct(values).as_py() == len(values)
        number = values.to_numpy()
        counting = len(values) >= 20 and bool((number[1:] > number[:-1]).all())
        if distinct and (counting or _ID_NAMES.search(name)):
            return "id", "it numbers the rows"
        if _ENTITY_NAMES.match(name):
            return "entity", "it names who the row is about"
        return "feature", None
    if kind == "category" and pt.is_string(column.type) | pt.is_large_string(column.type):
        unique = len(pc.unique(values)) / max(len(values), 1)
        if _ENTITY_NAMES.match(name) and len(values):
            return "entity", "it names who the row is about"
        if len(values) >= 2 and unique >= 0.999 and _ID_NAMES.search(name):
            return "id", "it is different in every row"
        if len(values) >= 20 and unique > _REPEATS:
            first = str(values[0].as_py())
            uuid = " like a UUID" if _UUID.fullmatch(first) else ""
            if unique >= 0.999:
                return "id", f"it is different in every row{uuid}"
            if len(values) >= 1000:
                return "ignored", f"{unique:.0%} of its values occur once{uuid}: it names things"
    return "feature", None


def _is_whole(column: pa.ChunkedArray) -> bool:
    return bool(pt.is_integer(column.type))


def _first(columns: dict[str, Column], role: ColumnRole) -> str | None:
    return next((name for name, column in columns.items() if column.role == role), None)
