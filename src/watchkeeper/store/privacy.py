"""What of a record is hashed, dropped or masked before anything of it is stored.

A hash is BLAKE2b of 128 bits, keyed with the project's secret, over the kind and the value: a
number is the nearest double, whatever it was written as; a time its UTC microseconds. Equal values
of one kind give equal hashes in every column and model of a project, so that what is hashed can
still be counted and joined. Null, and NaN, stay null.

Jean-Philippe Aumasson, Samuel Neves, Zooko Wilcox-O'Hearn, Christian Winnerlein (2013): BLAKE2:
simpler, smaller, fast as MD5.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.types as pt

from watchkeeper.errors import RecordError
from watchkeeper.events import (
    MaskRule,
    Prediction,
    PrivacySettings,
    Record,
    stored_names,
)
from watchkeeper.store.catalog import microseconds_of
from watchkeeper.store.columns import is_open
from watchkeeper.store.private_contributions import PrivateContributions

HASH_BYTES: Final = 16
MASK: Final = "***"
_WHOLE_BELOW: Final = 2.0**53

Treatment: TypeAlias = Callable[[Any], str | None]


class PrivateColumns:
    """The private columns of one model.

    Parameters
    ----------
    settings
        Which columns, and what becomes of them.
    key
        Of the hashes; not needed if there are none.
    """

    def __init__(self, settings: PrivacySettings, key: bytes) -> None:
        self._ways: dict[str, Treatment] = {}
        hashed = _hashing(key)
        ways = [(column, hashed) for column in settings.hash]
        ways += [(column, _dropped) for column in settings.drop]
        ways += [(column, _masking(rule)) for column, rule in settings.mask.items()]
        for column, way in ways:
            self._ways |= dict.fromkeys(stored_names(column), way)
        self._contributions = PrivateContributions(self._ways)

    def value(self, column: str, value: Any) -> Any:
        """Return what is stored of a value of a column."""
        way = self._way(column)
        return value if way is None else way(value)

    def record(self, record: Record) -> Record:
        """Return a record as it may be stored."""
        changes: dict[str, Any] = {
            field: way(value)
            for field, way in self._ways.items()
            if (value := getattr(record, field, None)) is not None and field != "output"
        }
        if isinstance(record, Prediction):
            changes |= self._parts(record)
        return msgspec.structs.replace(record, **changes) if changes else record

    def table(self, table: pa.Table) -> pa.Table:
        """Return a table that `canonical` returned as it may be stored."""
        for at, name in enumerate(table.column_names):
            way = self._way(name)
            if way is not None:
                table = table.set_column(at, name, _treated(table.column(name), way))
        dropped = {n for n in table.column_names if self._way(n) is _dropped and is_open(n)}
        return table.drop_columns([*(dropped | self._contributions.columns(table.column_names))])

    def _way(self, column: str) -> Treatment | None:
        return self._ways.get("output:" if column.startswith("output:") else column)

    def _parts(self, record: Prediction) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "features": self._members("feature:", record.features),
            "tags": self._members("tag:", record.tags),
        }
        way = self._ways.get("output")
        if way is not None and isinstance(record.output, Mapping):
            shares = {name: way(share) for name, share in record.output.items()}
            parts["output"] = {n: share for n, share in shares.items() if share is not None} or None
        elif way is not None:
            parts["output"] = way(record.output)
        if record.explanation is not None:
            parts["explanation"] = self._contributions.kept(record.explanation, record.features)
        return parts

    def _members(self, prefix: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return features or tags; a tag that would be null is left out."""
        private = [name for name in given if prefix + name in self._ways]
        if not private:
            return given
        kept = dict(given)
        for name in private:
            treated = self._ways[prefix + name](given[name])
            if treated is None:
                del kept[name]
            else:
                kept[name] = treated
        return kept


def _treated(column: pa.ChunkedArray, way: Treatment) -> pa.Array:
    """Treat each value that occurs once."""
    if way is _dropped or column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    values = column.combine_chunks()
    if pt.is_nested(values.type):
        return pa.array([way(value) for value in values.to_pylist()], pa.string())
    if not pt.is_dictionary(values.type):
        values = values.dictionary_encode()
    treated = [way(value) for value in values.dictionary.to_pylist()]
    return pa.array(treated, pa.string()).take(values.indices)


def _hashing(key: bytes) -> Treatment:
    keyed = blake2b(digest_size=HASH_BYTES, key=key)

    def hashed(value: Any) -> str | None:
        told = _as_bytes(value)
        if told is None:
            return None
        one = keyed.copy()
        one.update(told)
        return one.hexdigest()

    return hashed


def _dropped(_value: Any) -> str | None:
    return None


def _masking(rule: MaskRule) -> Treatment:
    first, last = rule.keep_first, rule.keep_last

    def masked(value: Any) -> str | None:
        text = _as_text(value)
        if text is None:
            return None
        if rule.keep == "domain":
            _, at, domain = text.rpartition("@")
            return f"{MASK}{at}{domain}" if at else MASK
        if len(text) <= first + last:
            return MASK
        return f"{text[:first]}{MASK}{text[len(text) - last :]}"

    return masked


def _as_bytes(value: Any) -> bytes | None:
    """Return the same bytes for the same value, however it was written; ``None`` for none."""
    kind = type(value)
    if isinstance(value, str):
        return b"t" + value.encode("utf-8", "surrogatepass")
    if kind is bool:
        return b"b1" if value else b"b0"
    if kind is float or kind is int:
        number = _as_double(value) + 0.0  # which makes one of both zeros
        return None if math.isnan(number) else b"n" + struct.pack("<d", number)
    if isinstance(value, datetime):
        return b"d" + struct.pack("<q", microseconds_of(_in_utc(value)))
    text = _as_text(value)
    return None if text is None else b"l" + text.encode("utf-8", "surrogatepass")


def _as_text(value: Any) -> str | None:
    """Return a value as text; a whole number without a point, a list as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = _as_double(value)
        if math.isnan(number):
            return None
        return str(int(number)) if abs(number) < _WHOLE_BELOW and number % 1 == 0 else repr(number)
    if isinstance(value, datetime):
        return _in_utc(value).isoformat()
    if isinstance(value, list):
        return msgspec.json.encode([_plain(item) for item in value]).decode()
    raise RecordError(f"expected a value that a record may hold, got {type(value).__name__}")


def _plain(item: Any) -> str | float | None:
    return item if item is None or isinstance(item, str) else _as_double(item) + 0.0


def _as_double(value: float) -> float:
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError) as error:
        message = "expected a number of at most 64 bits, got something else"
        raise RecordError(message) from error


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
