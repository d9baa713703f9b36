"""Reads tables that strangers send as an Arrow stream, without trusting what they say of sizes.

Arrow's buffers may be compressed, may overlap, and may be shared by columns, so a small body can
ask for any amount of memory. What a stream would take is added up from its headers before anything
of it is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.types as pt

from watchkeeper.server.problems import ProblemError

MEDIA_TYPE = "application/vnd.apache.arrow.stream"

_MOST_COLUMNS = 10_100
_CONTINUATION = 0xFFFFFFFF
_SCHEMA, _DICTIONARY, _RECORDS = 1, 2, 3
_STRUCT_BYTES = 16  # of a field node, and of a buffer: two 64-bit integers
_BROKEN = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, OSError, ValueError)


def read_arrow(body: bytes, *, most_bytes: int, most_rows: int) -> pa.Table:
    """Return the table of an Arrow IPC stream.

    Parameters
    ----------
    most_bytes
        Of all buffers, decompressed.
    most_rows
        Of the table.

    Raises
    ------
    ProblemError
        400 for what is no whole stream, 413 for too much, 422 for a type that is not taken.
    """
    try:
        took, rows = _demand(body)
    except (struct.error, IndexError, OverflowError) as error:
        raise _broken("its headers point outside of it") from error
    if took > most_bytes:
        message = f"expected a table of at most {most_bytes:,} bytes, got {took:,}; send fewer rows"
        raise ProblemError(413, "too-large", message)
    if rows > most_rows:
        message = f"expected at most {most_rows:,} rows at a time, got {rows:,}"
        raise ProblemError(413, "too-large", message)
    try:
        with pa.ipc.open_stream(pa.BufferReader(body)) as reader:
            _require_plain(reader.schema)
            table = reader.read_all()
        # Offsets may point anywhere until this was looked at.
        table.validate(full=True)
    except _BROKEN as error:
        raise _broken(str(error)) from error
    return table


def _require_plain(schema: pa.Schema) -> None:
    if len(schema) > _MOST_COLUMNS:
        message = f"expected at most {_MOST_COLUMNS:,} columns, got {len(schema):,}"
        raise ProblemError(413, "too-large", message)
    for field in schema:
        if not _is_plain(field.type):
            message = (
                f"the column {field.name!r} has the type {field.type}; expected numbers, booleans,"
                " text, times, or lists of numbers or text. Cast it first"
            )
            raise ProblemError(422, "column-type", message)


def _is_plain(kind: pa.DataType) -> bool:
    if pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        kind = kind.value_type
        is_text = pt.is_string(kind) or pt.is_large_string(kind)
        return bool(_is_number(kind) or is_text or pt.is_null(kind))
    return bool(
        _is_number(kind)
        or pt.is_boolean(kind)
        or pt.is_string(kind)
        or pt.is_large_string(kind)
        or pt.is_timestamp(kind)
        or pt.is_date(kind)
        or pt.is_null(kind)
    )


def _is_number(kind: pa.DataType) -> bool:
    return bool(pt.is_integer(kind) or pt.is_floating(kind))


def _demand(body: bytes) -> tuple[int, int]:
    """Return the bytes that all buffers take and the rows of all batches."""
    bytes_, rows = 0, 0
    for kind, header, start in _messages(body):
        if kind == _DICTIONARY:
            message = "a column is dictionary-encoded (categorical); cast it to text first"
            raise ProblemError(422, "column-type", message)
        if kind == _RECORDS:
            length = _read("<q", body, header.field(0))
            if length < 0:
                raise _broken("a batch has fewer than no rows")
            rows += length
            bytes_ += _buffer_bytes(body, header, start)
    return bytes_, rows


def _messages(body: bytes) -> Iterator[tuple[int, _Table, int]]:
    """Yield each message's kind, its header, and where its buffers begin."""
    place = 0
    while place < len(body):
        continuation, size = struct.unpack_from("<Ii", body, place)
        if continuation != _CONTINUATION:
            raise _broken("a message does not begin as one")
        if size == 0:
            return
        if size < 0:
            raise _broken("a message has a negative size")
        message = _Table.at_root(body, place + 8)
        kind = _read("<B", body, message.field(1))
        length = _read("<q", body, message.field(3))
        start = place + 8 + size
        if length < 0 or start + length > len(body):
            raise _broken("it ends early")
        header = message.table(2)
        if header is None:
            raise _broken("a message has no header")
        yield kind, header, start
        place = start + length
    raise _broken("it ends early")


def _buffer_bytes(body: bytes, header: _Table, start: int) -> int:
    """Return what the buffers of a batch take; of compressed ones, decompressed."""
    compressed = header.table(3) is not None
    place = header.field(2)
    if place is None:
        return 0
    vector = place + struct.unpack_from("<I", body, place)[0]
    count = struct.unpack_from("<I", body, vector)[0]
    total = 0
    for number in range(count):
        at = vector + 4 + _STRUCT_BYTES * number
        offset, length = struct.unpack_from("<qq", body, at)
        if offset < 0 or length < 0:
            raise _broken("a buffer has a negative size")
        if compressed and length >= 8:
            declared = struct.unpack_from("<q", body, start + offset)[0]
            length = length - 8 if declared == -1 else declared
            if length < 0:
                raise _broken("a compressed buffer has a negative size")
        total += length
    return total


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a FlatBuffer, the format of Arrow's headers: fields by their number."""

    body: bytes
    place: int

    @classmethod
    def at_root(cls, body: bytes, start: int) -> _Table:
        return cls(body, start + struct.unpack_from("<I", body, start)[0])

    def field(self, number: int) -> int | None:
        """Return where a field lies, ``None`` if it has its default."""
        index = self.place - struct.unpack_from("<i", self.body, self.place)[0]
        if index < 0:
            raise _broken("its headers point outside of it")
        slot = 4 + 2 * number
        if slot >= struct.unpack_from("<H", self.body, index)[0]:
            return None
        offset = struct.unpack_from("<H", self.body, index + slot)[0]
        return self.place + offset if offset else None

    def table(self, number: int) -> _Table | None:
        """Return the table in a field, ``None`` if there is none."""
        at = self.field(number)
        return None if at is None else _Table.at_root(self.body, at)


def _read(form: str, body: bytes, place: int | None) -> int:
    return 0 if place is None else int(struct.unpack_from(form, body, place)[0])


def _broken(why: str) -> ProblemError:
    message = f"expected one whole Arrow IPC stream: {why}"
    return ProblemError(400, "broken-arrow", message)
