"""Columns of Python values, as JSON and rows of dicts have them, to Arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.pipeline.clock import UTC_TIME, to_utc
from watchkeeper.pipeline.column_types import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    NUMBERS,
    TEXT,
    TEXTS,
    UNKNOWN,
    as_text,
)

_MISSING = object()
_PANDAS_NULLS = ("NaTType", "NAType")
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}.*)?)?$"


@dataclass(slots=True, kw_only=True)
class ObjectKinds:
    """How many of a column's values are what; counted chunk by chunk."""

    present: int = 0
    booleans: int = 0
    integers: int = 0
    numbers: int = 0
    texts: int = 0
    times: int = 0
    vectors: int = 0
    rankings: int = 0

    def add(self, values: Sequence[object]) -> None:
        """Count one more chunk; ``None`` is missing."""
        kinds = [type(value) for value in values]
        for kind in set(kinds):
            if kind is type(None) or kind.__name__ in _PANDAS_NULLS:
                continue
            count = kinds.count(kind)
            self.present += count
            if kind is str:
                self._add_texts([value for value in values if isinstance(value, str)])
            elif kind is bool:
                self.booleans += count
            elif kind is int:
                self._add_integers([value for value in values if type(value) is int])
            elif issubclass(kind, float | np.floating | Decimal):
                self.numbers += count
            elif issubclass(kind, np.integer):
                self.integers += count
                self.numbers += count
            elif issubclass(kind, np.bool_):
                self.booleans += count
            elif issubclass(kind, date):
                self.times += count
            elif issubclass(kind, list | tuple | np.ndarray):
                chosen = [value for value in values if type(value) is kind]
                self.vectors += sum(_vector(value) is not None for value in chosen)
                self.rankings += sum(_ranking(value) is not None for value in chosen)

    def _add_texts(self, values: list[str]) -> None:
        self.texts += len(values)
        first = pa.array([_clean(value) for value in values[:200]])
        if 2 * (pc.sum(pc.match_substring_regex(first, _TIME)).as_py() or 0) >= len(first):
            self.times += len(values) - len(to_utc(build(values, TEXT)[0])[1])

    def _add_integers(self, values: list[int]) -> None:
        if min(values) >= -(2**63) and max(values) < 2**63:
            self.integers += len(values)
            self.numbers += len(values)
            return
        self.integers += sum(-(2**63) <= value < 2**63 for value in values)
        self.numbers += sum(_number(value) is not None for value in values)

    def kind(self) -> pa.DataType:
        """Return the type of the column.

        The narrowest type of at least 99 % of the values, or of all but one of 20 or more; text
        if there is none. Text that is written as ISO 8601 is a time.
        """
        if self.present == 0:
            return UNKNOWN
        enough = self.present - max(self.present // 100, 1 if self.present >= 20 else 0)
        if self.numbers >= enough:
            return INTEGER if self.integers == self.numbers else NUMBER
        if self.booleans >= enough:
            return BOOLEAN
        if self.times >= enough:
            return UTC_TIME
        if self.vectors >= max(enough, self.rankings):  # an empty list may be either
            return NUMBERS
        return TEXTS if self.rankings >= enough else TEXT


def build(
    values: Sequence[object], target: pa.DataType, *, timezone: str | None = None
) -> tuple[pa.Array, list[int]]:
    """Return Python values as an Arrow column, and the positions that are of another type.

    Parameters
    ----------
    values
        ``None`` is missing, and so is NaN in a column of numbers.
    target
        One of the types of ``column_types``. Text takes every value: what is not text is written
        as JSON.
    timezone
        Zone of times that name none.
    """
    fast = _fast(values, target)
    if fast is not None:
        return fast, []
    if target == UTC_TIME:
        return _times(values, timezone)
    cell = _CELLS.get(target)
    cells: list[object] = []
    bad = []
    for at, value in enumerate(values):
        made = None if value is None else cell(value) if cell else None
        if made is None and value is not None:
            bad.append(at)
        cells.append(None if made is _MISSING else made)
    return pa.array(cells, target), bad


def _fast(values: Sequence[object], target: pa.DataType) -> pa.Array | None:
    """Columns of one Python type straight through Arrow."""
    kinds = {type(value) for value in values} - {type(None)}
    try:
        if kinds <= {_FAST.get(target)} or (target == NUMBER and kinds <= {int, float}):
            return pa.array(values, target, from_pandas=target == NUMBER)
    except (pa.ArrowException, OverflowError, UnicodeError):
        pass
    return None


def _times(values: Sequence[object], timezone: str | None) -> tuple[pa.Array, list[int]]:
    """Text, numbers and datetimes may be mixed; each is read by its own rules."""
    micros = np.zeros(len(values), np.int64)
    valid = np.zeros(len(values), bool)
    groups: dict[str, list[int]] = {"text": [], "number": [], "zoned": [], "naive": []}
    for at, value in enumerate(values):
        if _is_missing(value):
            continue
        if isinstance(value, str):
            groups["text"].append(at)
        elif isinstance(value, int | float | np.number) and not isinstance(value, bool):
            groups["number"].append(at)
        elif isinstance(value, datetime) and value.tzinfo is not None:
            groups["zoned"].append(at)
        elif isinstance(value, date):
            groups["naive"].append(at)
    for name, positions in groups.items():
        column, keep = _time_column(name, [values[at] for at in positions])
        read, _ = to_utc(column, timezone=timezone)
        good = pc.is_valid(read).to_numpy(zero_copy_only=False) & keep
        micros[positions] = read.cast(pa.int64()).fill_null(0).to_numpy()
        valid[positions] = good
    missing = np.array([_is_missing(value) for value in values], bool)
    times = pa.array(micros, pa.int64(), mask=~valid).cast(UTC_TIME)
    return times, np.flatnonzero(~valid & ~missing).tolist()


def _time_column(name: str, values: list[object]) -> tuple[pa.Array, np.ndarray]:
    """One group as an Arrow column, and which of them made it there."""
    kinds = {"text": TEXT, "number": NUMBER, "zoned": UTC_TIME, "naive": pa.timestamp("us")}
    if name == "text":
        return build(values, TEXT)[0], np.ones(len(values), bool)
    if name == "number" and all(type(value) is int for value in values):
        try:
            return pa.array(values, INTEGER), np.ones(len(values), bool)
        except (pa.ArrowException, OverflowError):
            pass
    if name == "number":
        return build(values, NUMBER)[0], np.ones(len(values), bool)
    whole = [
        value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        for value in values
        if isinstance(value, date)
    ]
    moments = []
    for one in whole:
        try:
            moments.append(pa.scalar(one, kinds[name]).value)
        except (pa.ArrowException, OverflowError, ValueError):
            moments.append(None)
    read = pa.array(moments, pa.int64()).cast(kinds[name])
    return read, pc.is_valid(read).to_numpy(zero_copy_only=False)


def _is_missing(value: object) -> bool:
    return value is None or value is _nat(value) or (isinstance(value, float) and math.isnan(value))


def _nat(value: object) -> object:
    """Return pandas' NaT and NA, which equal nothing, as themselves."""
    return value if type(value).__name__ in _PANDAS_NULLS else _MISSING


def _number(value: object) -> object:
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating | Decimal
    ):
        return None if _nat(value) is not value else _MISSING
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return _MISSING if math.isnan(number) else number


def _integer(value: object) -> object:
    number = _number(value)
    if not isinstance(number, float):
        return number
    if isinstance(value, int | np.integer):
        return int(value) if -(2**63) <= int(value) < 2**63 else None
    return int(number) if number.is_integer() and abs(number) < 2**63 else None


def _boolean(value: object) -> object:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return _MISSING if _is_missing(value) else None


def _clean(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def _text(value: object) -> object:
    if _is_missing(value):
        return _MISSING
    return _clean(as_text(value))


def _vector(value: object) -> object:
    if not isinstance(value, list | tuple | np.ndarray):
        return _MISSING if _is_missing(value) else None
    numbers = [_number(item) for item in value]
    return None if any(item is None or item is _MISSING for item in numbers) else numbers


def _ranking(value: object) -> object:
    if not isinstance(value, list | tuple | np.ndarray):
        return _MISSING if _is_missing(value) else None
    if not all(isinstance(item, str) and _clean(item) is not None for item in value):
        return None
    return list(value)


_FAST = {INTEGER: int, NUMBER: float, TEXT: str, BOOLEAN: bool}
_CELLS = {
    INTEGER: _integer,
    NUMBER: _number,
    TEXT: _text,
    BOOLEAN: _boolean,
    NUMBERS: _vector,
    TEXTS: _ranking,
}
