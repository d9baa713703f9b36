"""Records as msgpack bytes and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from watchkeeper.errors import RecordError
from watchkeeper.events.records import Prediction, Record

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder()
_UNWRITABLE = (msgspec.MsgspecError, TypeError, ValueError, ArithmeticError, RecursionError)


def to_msgpack(records: Sequence[Record]) -> bytes:
    """Return records as one msgpack array of maps, fields by name, times as time stamps.

    Raises
    ------
    RecordError
        If a value cannot be written, or a time has no zone; the message names row and field.
    """
    for row, record in enumerate(records):
        if not isinstance(record.time, datetime) or record.time.tzinfo is None:
            message = f"row {row}, time: expected a time with its zone, got {record.time!r}"
            raise RecordError(message)
    try:
        return _ENCODER.encode(records)
    except _UNWRITABLE as error:
        raise RecordError(_first_fault(records)) from error


def from_msgpack(blob: bytes) -> list[dict[str, Any]]:
    """Return the maps that `to_msgpack` wrote; their key ``record`` says what each one is.

    They are not turned back into records: a reader of many wants columns of values.
    """
    maps: list[dict[str, Any]] = _DECODER.decode(blob)
    return maps


def _first_fault(records: Sequence[Record]) -> str:
    for row, record in enumerate(records):
        for field in record.__struct_fields__:
            value = getattr(record, field)
            reason = _fault(value)
            if reason is None:
                continue
            if isinstance(record, Prediction) and isinstance(value, dict):
                parts = [name for name in value if _fault(value[name]) or _fault(name)]
                field = f"{field}.{ascii(parts[0])[1:-1]}" if parts else field
            return f"row {row}, {field}: {reason}"
    return "the records cannot be written"


def _fault(value: object) -> str | None:
    try:
        _ENCODER.encode(value)
    except OverflowError:
        return "expected an integer of at most 64 bits, got a larger one"
    except UnicodeEncodeError:
        return "expected text, got half a character (a lone surrogate)"
    except _UNWRITABLE:
        return f"expected a value that a record may hold, got {type(value).__name__}"
    return None
