"""The few Arrow types that data has once it is inside, and how to get there."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.clock import UTC_TIME, to_utc

INTEGER = pa.int64()
NUMBER = pa.float64()
TEXT = pa.string()
BOOLEAN = pa.bool_()
NUMBERS = pa.list_(pa.float64())
TEXTS = pa.list_(pa.string())
UNKNOWN = pa.null()
_BYTES = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}


def canonical(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column of this Arrow type has inside.

    Whole numbers become ``int64``, other numbers ``float64``, durations their seconds, dates and
    time stamps UTC microseconds, lists of numbers ``list<double>``; whatever has no counterpart
    becomes text (JSON for nested values).
    """
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return canonical(kind.value_type)
    if pa.types.is_null(kind) or pa.types.is_boolean(kind):
        return kind
    if kind == pa.uint64():
        return NUMBER
    if pa.types.is_integer(kind):
        return INTEGER
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_duration(kind):
        return NUMBER
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return UTC_TIME
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        inner = canonical(kind.value_type)
        return NUMBERS if inner in (INTEGER, NUMBER) else TEXTS if inner == TEXT else TEXT
    return TEXT


def widen(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the narrowest type that holds the values of both columns.

    Whole numbers widen to numbers, anything else that differs to text.
    """
    if one == other or other == UNKNOWN:
        return one
    if one == UNKNOWN:
        return other
    return NUMBER if {one, other} == {INTEGER, NUMBER} else TEXT


def conform(
    values: pa.Array, target: pa.DataType, *, timezone: str | None = None
) -> tuple[pa.Array, list[int]]:
    """Return an Arrow column in one of the types of this module, and where it has no such value.

    Parameters
    ----------
    values
        A column of any Arrow type.
    target
        One of the types of this module.
    timezone
        Zone of times that name none.

    Returns
    -------
    The column, null where a value does not fit, and the positions of those that do not.
    """
    if target == UTC_TIME:
        return to_utc(values, timezone=timezone)
    if values.type == target and _is_sound(values):
        return values, []
    if target == UNKNOWN:
        return pa.nulls(len(values)), np.flatnonzero(_valid(values)).tolist()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    elif pa.types.is_run_end_encoded(values.type):
        values = pc.run_end_decode(values)
    if target == TEXT:
        return _to_text(values)
    if pa.types.is_duration(values.type) and target == NUMBER:
        ticks = values.cast(pa.int64()).cast(NUMBER, safe=False)
        per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[values.type.unit]
        return pc.divide(ticks, per_second), []
    return _cast(values, target)


def _is_sound(values: pa.Array) -> bool:
    """Whether text is UTF-8; a damaged file may hold other bytes, which Arrow does not look at."""
    if pa.types.is_primitive(values.type) or pa.types.is_null(values.type):
        return True
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _valid(values: pa.Array) -> np.ndarray:
    return np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False))


def _cast(values: pa.Array, target: pa.DataType) -> tuple[pa.Array, list[int]]:
    try:
        if _is_sound(values):
            return values.cast(target, safe=target != NUMBER), []
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    from watchkeeper.pipeline.object_cells import build  # only for values that refuse

    objects, unreadable = _objects(values)
    built, bad = build(objects, target)
    return built, sorted({*bad, *unreadable})


def _objects(values: pa.Array) -> tuple[list[object], list[int]]:
    """Values as Python has them, and the positions of those it cannot have."""
    objects: list[object] = []
    bad = []
    for at, scalar in enumerate(values):
        try:
            objects.append(scalar.as_py())
        except (ValueError, OverflowError, pa.ArrowException):
            objects.append(None)
            bad.append(at)
    return objects, bad


def _to_text(values: pa.Array) -> tuple[pa.Array, list[int]]:
    kind = values.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _decode(values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return (values.cast(TEXT), []) if _is_sound(values) else _decode(values.cast(_BYTES[kind]))
    if not pa.types.is_nested(kind):
        try:
            return values.cast(TEXT), []
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return _decode(values) if kind == pa.binary_view() else _written(values)
    return _written(values)


def _decode(values: pa.Array) -> tuple[pa.Array, list[int]]:
    """Bytes that are UTF-8 as text; the others have no value."""
    texts: list[str | None] = []
    bad = []
    for at, blob in enumerate(values.to_pylist()):
        try:
            texts.append(None if blob is None else blob.decode())
        except UnicodeDecodeError:
            texts.append(None)
            bad.append(at)
    return pa.array(texts, TEXT), bad


def _written(values: pa.Array) -> tuple[pa.Array, list[int]]:
    """Nested values as JSON, the rest as Python writes them."""
    objects, bad = _objects(values)
    return pa.array([None if one is None else as_text(one) for one in objects], TEXT), bad


def as_text(value: object) -> str:
    """Return any value as text: itself if it is text, else JSON, else as Python writes it."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        return str(value)
