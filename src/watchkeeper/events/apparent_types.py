"""What type the values of a column seem to be."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from watchkeeper.events.schema import ColumnType

_FREE_LENGTH = 40
_FREE_SPACES = 2.0
_FREE_UNIQUE = 0.5
_LEAST_ROWS = 20
_LOOKED_AT = 1_000
_MOSTLY = 0.99
_FRACTIONS = 0.5
_FEW_CODES = 20
_BOOLEAN_TEXTS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
_TIME_TEXT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
# Without zeros in front: those are codes.
_NUMBER_TEXT = r"^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_FRACTION = r"[.eE]"


def apparent_type(column: pa.ChunkedArray) -> ColumnType | None:
    """Return the type of a column, ``None`` for lists, structs and others that are not watched.

    Whole numbers that are only 0 and 1 are booleans. Text is a category unless it is free text:
    mostly different from row to row, and of several words or long. Text that spells more than 20
    different numbers, at least half of them with a fraction, is numbers; whole ones may be codes.

    Parameters
    ----------
    column
        Values of any type; nulls are passed over.
    """
    kind = column.type
    if pt.is_dictionary(kind):
        inner = kind.value_type
        if is_text(inner):
            return "category"
        return apparent_type(pa.chunked_array([], inner)) if not pt.is_nested(inner) else None
    if pt.is_boolean(kind):
        return "boolean"
    if pt.is_integer(kind):
        return "boolean" if _is_zero_one(column) else "number"
    if pt.is_floating(kind) or pt.is_decimal(kind):
        return "number"
    if pt.is_timestamp(kind) or pt.is_date(kind):
        return "datetime"
    if pt.is_duration(kind) or pt.is_time(kind):
        return "category"
    return _type_of_text(column) if is_text(kind) else None


def is_text(kind: pa.DataType) -> bool:
    """Return whether values of an Arrow type are text."""
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _is_zero_one(column: pa.ChunkedArray) -> bool:
    ends = pc.min_max(column).as_py()
    return (ends["min"], ends["max"]) == (0, 1)


def _type_of_text(column: pa.ChunkedArray) -> ColumnType:
    values = column.drop_null().cast(pa.large_string())
    if len(values) == 0:
        return "category"
    if _share(pc.match_substring_regex(values.slice(0, _LOOKED_AT), _TIME_TEXT)) >= _MOSTLY:
        return "datetime"
    distinct = pc.unique(values)
    if len(distinct) <= 3 and {str(v).lower() for v in distinct.to_pylist()} in _BOOLEAN_TEXTS:
        return "boolean"
    if len(distinct) > _FEW_CODES and _are_fractions(distinct.slice(0, _LOOKED_AT)):
        return "number"
    if len(values) < _LEAST_ROWS or len(distinct) < _FREE_UNIQUE * len(values):
        return "category"
    head = distinct.slice(0, 10_000)
    lengths = pc.utf8_length(head)
    ends = pc.min_max(lengths).as_py()
    # A hash is long too, but every one is as long as the next.
    is_long = pc.mean(lengths).as_py() >= _FREE_LENGTH and ends["min"] < ends["max"]
    spaces = pc.mean(pc.count_substring(head, " ")).as_py()
    return "text" if is_long or spaces >= _FREE_SPACES else "category"


def _are_fractions(texts: pa.Array) -> bool:
    if _share(pc.match_substring_regex(texts, _FRACTION)) < _FRACTIONS:
        return False
    return _share(pc.match_substring_regex(texts, _NUMBER_TEXT)) >= _MOSTLY


def _share(claims: pa.ChunkedArray) -> float:
    return float(pc.mean(claims.cast(pa.float64())).as_py())
