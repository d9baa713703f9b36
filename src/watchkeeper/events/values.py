"""What a single value of a record may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

LONGEST_TEXT = 1_000_000
_LEAST_INTEGER, _LARGEST_INTEGER = -(2**63), 2**63 - 1


class Fault(NamedTuple):
    """A field that breaks a rule, and how."""

    field: str
    reason: str


def value_reason(value: object) -> str | None:
    """Return what is wrong with the value of a feature, ``None`` if nothing is."""
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return None
    if kind is int:
        return number_reason(value)
    if kind is str:
        return text_reason(value)
    if isinstance(value, datetime):
        return None if value.utcoffset() is not None else "expected a time with its zone"
    if isinstance(value, list):
        return next((reason for item in value if (reason := number_reason(item))), None)
    wanted = "a number, text, boolean, time, null or list of numbers"
    return f"expected {wanted}, got {kind.__name__}"


def label_reason(value: object) -> str | None:
    """Return what is wrong with a number, class or boolean, ``None`` if nothing is."""
    if isinstance(value, datetime | list | dict):
        return f"expected a number, class, boolean or list of texts, got {type(value).__name__}"
    return value_reason(value)


def number_reason(value: object) -> str | None:
    """Return what is wrong with a number, ``None`` if nothing is."""
    if type(value) is float:
        return None
    if type(value) is not int:
        return f"expected a number, got {type(value).__name__}"
    if _LEAST_INTEGER <= value <= _LARGEST_INTEGER:
        return None
    return f"expected an integer of at most 64 bits, got one of {value.bit_length()} bits"


def text_reason(value: object) -> str | None:
    """Return what is wrong with a text, ``None`` if nothing is."""
    if type(value) is not str:
        return f"expected text, got {type(value).__name__}"
    if len(value) > LONGEST_TEXT:
        return f"expected at most {LONGEST_TEXT} characters, got {len(value)}"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"expected Unicode text, got half a character at {error.start} (a lone surrogate)"
    return None


def texts_fault(record: object, fields: Iterable[str], *, optional: bool) -> Fault | None:
    """Return the first of some text fields that breaks a rule; ``None`` passes if optional."""
    for field in fields:
        value = getattr(record, field)
        if value is None and optional:
            continue
        if reason := text_reason(value):
            return Fault(field, reason)
    return None


def amount_fault(field: str, value: object, *, least: float) -> Fault | None:
    """Return the fault of a number that must be finite and not less than ``least``, or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Fault(field, f"expected a number or null, got {type(value).__name__}")
    if isinstance(value, int) and (reason := number_reason(value)):
        return Fault(field, reason)
    if math.isfinite(value) and value >= least:
        return None
    wanted = "a finite number" if least < 0 else f"a finite number of {least:g} or more"
    return Fault(field, f"expected {wanted}, got {value}")
