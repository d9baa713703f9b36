"""Columns of text, as CSV has them, to the types their values are written in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.clock import UTC_TIME, to_utc
from watchkeeper.pipeline.column_types import BOOLEAN, INTEGER, NUMBER, TEXT, UNKNOWN

NULLS = (
    *("", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "-NaN", "-nan"),
    *("NULL", "Null", "null", "None"),
)
"""Spellings of a missing value; in quotation marks they are text."""

_NULL_SET = pa.array(NULLS)
_INTEGER = r"^[+-]?[0-9]+$"
_NUMBER = r"^[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[iI]nf|[iI]nfinity|INF)$"
_CODE = r"^0[0-9]+$"
_TRUE = pa.array(["true", "True", "TRUE", "t", "T", "yes", "Yes", "YES"])
_FALSE = pa.array(["false", "False", "FALSE", "f", "F", "no", "No", "NO"])
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}.*)?)?$"
_PEEK = 500
_FEW = 20


@dataclass(slots=True, kw_only=True)
class TextKinds:
    """How many of a column's values are written as what; counted chunk by chunk."""

    present: int = 0
    integers: int = 0
    numbers: int = 0
    codes: int = 0
    booleans: int = 0
    times: int = 0

    def add(self, values: pa.Array) -> None:
        """Count one more chunk of text."""
        values = values.drop_null()
        if self._add_plain(values):
            return
        values = values.filter(_present(values))
        self.present += len(values)
        peek = values[:_PEEK]
        if 2 * _matches(peek, _NUMBER) >= len(peek):
            self.integers += _matches(values, _INTEGER)
            self.numbers += _matches(values, _NUMBER)
            self.codes += _matches(values, _CODE)
        elif 2 * _matches(peek, _TIME) >= len(peek):
            self.times += len(values) - len(to_utc(values)[1])
        elif 2 * _count(_is_boolean(peek)) >= len(peek):
            self.booleans += _count(_is_boolean(values))

    def _add_plain(self, values: pa.Array) -> bool:
        """Count a chunk that is all numbers; most other columns say no at their first value."""
        count = len(values)
        whole = _plain_cast(values, INTEGER) is not None
        if not whole and _plain_cast(values, NUMBER) is None:
            return False
        self.present += count
        self.numbers += count
        self.integers += count if whole else 0
        zeros = values.filter(pc.starts_with(values, "0"))
        self.codes += _matches(zeros, _CODE)
        return True

    def kind(self) -> pa.DataType:
        """Return the type of the column.

        The narrowest type in which at least 99 % of the values are written, or all but one of 20
        or more; text if there is none. One cell of junk does not turn a number into text.
        """
        if self.present == 0:
            return UNKNOWN
        junk = max(self.present // 100, 1 if self.present >= 20 else 0)
        if self.numbers >= self.present - junk:
            if self.codes > junk:
                return TEXT
            return INTEGER if self.integers == self.numbers else NUMBER
        if self.booleans >= self.present - junk:
            return BOOLEAN
        return UTC_TIME if self.times >= self.present - junk else TEXT


def read(
    values: pa.Array, target: pa.DataType, *, timezone: str | None = None
) -> tuple[pa.Array, list[int]]:
    """Return text in the type it is meant to have, and the positions that are not written so.

    Parameters
    ----------
    values
        Text; a spelling of a missing value counts as null in every type but text.
    target
        Integer, number, boolean, time or text.
    timezone
        Zone of times that name none.
    """
    if target == TEXT:
        return values, []
    if target in (INTEGER, NUMBER) and (plain := _plain_cast(values, target)) is not None:
        return plain, []
    present = _present(values)
    if target == UNKNOWN:
        return pa.nulls(len(values)), _positions(present)
    if target == UTC_TIME:
        return to_utc(_blank(values, present), timezone=timezone)
    if target == BOOLEAN:
        fits = pc.and_(present, _is_boolean(values))
        result = _blank(pc.is_in(values, _TRUE), fits)
    elif target in (INTEGER, NUMBER):
        fits, result = _numbers(values, present, target)
    else:
        return pa.nulls(len(values), target), _positions(present)
    return result, _positions(pc.and_(present, pc.invert(fits)))


def _numbers(values: pa.Array, present: pa.Array, target: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """Whether each is a number, and the numbers."""
    pattern = _INTEGER if target == INTEGER else _NUMBER
    fits = pc.and_(present, pc.match_substring_regex(values, pattern).fill_null(False))
    plain = _blank(values, fits)
    if target == INTEGER:
        plain = pc.utf8_ltrim(plain, "+")
        try:
            return fits, plain.cast(INTEGER)
        except pa.ArrowInvalid:  # one is beyond 64 bits
            small = pc.less_equal(pc.utf8_length(plain), 18).fill_null(False)
            fits = pc.and_(fits, small)
            return fits, _blank(plain, fits).cast(INTEGER)
    return fits, plain.cast(NUMBER)


def _present(values: pa.Array) -> pa.Array:
    return pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, _NULL_SET)))


def _blank(values: pa.Array, keep: pa.Array) -> pa.Array:
    return pc.if_else(keep, values, pa.scalar(None, values.type))


def _is_boolean(values: pa.Array) -> pa.Array:
    return pc.or_(pc.is_in(values, _TRUE), pc.is_in(values, _FALSE))


def _plain_cast(values: pa.Array, target: pa.DataType) -> pa.Array | None:
    """All values as numbers at once, or ``None`` if one of them needs a closer look."""
    try:
        values[:_FEW].cast(target)  # a cast that fails still takes its time over all values
        numbers = values.cast(target)
    except pa.ArrowInvalid:
        return None
    # Arrow also reads 0x1F, and NaN, which is a missing value here
    odd = pc.match_substring_regex(values, "[xX]" if target == INTEGER else "[aA]")
    return None if pc.any(odd).as_py() else numbers


def _matches(values: pa.Array, pattern: str) -> int:
    return _count(pc.match_substring_regex(values, pattern))


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _positions(mask: pa.Array) -> list[int]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False)).tolist()
