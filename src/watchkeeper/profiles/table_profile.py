"""A whole table's profile, with the bins it was counted on: what a reference leaves behind."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec

from watchkeeper.errors import DataError
from watchkeeper.events import Schema
from watchkeeper.profiles.bins import Bins
from watchkeeper.profiles.bucket import BucketProfile
from watchkeeper.profiles.wire import from_bytes, to_bytes

_MAGIC = b"WKT"
_VERSION = 1
_HEAD_BYTES = len(_MAGIC) + 1
_LARGEST_BYTES = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProfile:
    """Everything that a comparison needs of a reference, without its rows.

    Attributes
    ----------
    name
        Where the rows came from.
    schema
        Columns of the table that were profiled.
    bins
        By profiled column.
    segment_by
        Column whose values have profiles of their own; ``None`` for none.
    segments
        These values.
    notes
        What was not profiled and why.
    profile
        Of all rows.
    """

    name: str
    schema: Schema
    bins: dict[str, Bins]
    profile: BucketProfile
    segment_by: str | None = None
    segments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _Saved(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    # Names and columns apart: their order is the table's, and MessagePack maps promise none.
    columns: list[str]
    schema: Schema
    bins: dict[str, Bins]
    segment_by: str | None
    segments: list[str]
    notes: list[str]
    profile: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Saved)


def table_profile_to_bytes(table: TableProfile) -> bytes:
    """Return a saved profile: ``WKT``, one byte of version, then zlib-packed MessagePack."""
    saved = _Saved(
        name=table.name,
        columns=list(table.schema.columns),
        schema=table.schema,
        bins=table.bins,
        segment_by=table.segment_by,
        segments=list(table.segments),
        notes=list(table.notes),
        profile=to_bytes(table.profile),
    )
    return _MAGIC + bytes([_VERSION]) + zlib.compress(_ENCODER.encode(saved), 6)


def is_table_profile(head: bytes) -> bool:
    """Whether bytes begin like a saved profile."""
    return head.startswith(_MAGIC)


def table_profile_from_bytes(data: bytes, *, name: str = "the saved profile") -> TableProfile:
    """Return what `table_profile_to_bytes` wrote.

    Parameters
    ----------
    name
        What messages call it.

    Raises
    ------
    DataError
        When the bytes are damaged, something else, or of a newer version.
    """
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _HEAD_BYTES:
        raise DataError(
            f"Expected {name} to begin with {_MAGIC!r}, got {data[:8]!r}. Write it with "
            "'watchkeeper profile DATA --out FILE'."
        )
    version = data[len(_MAGIC)]
    if version != _VERSION:
        raise DataError(
            f"Expected {name} to be of version {_VERSION}, got version {version}. Read it with the "
            "release of Watchkeeper that wrote it, or a newer one."
        )
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(data[_HEAD_BYTES:], _LARGEST_BYTES)
        if not unpacker.eof:
            raise ValueError("it is cut short, or holds more than 2 GB")
        saved = _DECODER.decode(body)
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise DataError(
            f"Expected {name} to be whole, got a damaged one: {error}. Write it again with "
            "'watchkeeper profile DATA --out FILE'."
        ) from error
    columns = {column: saved.schema.columns[column] for column in saved.columns}
    return TableProfile(
        name=saved.name,
        schema=Schema(columns=columns),
        bins=saved.bins,
        profile=from_bytes(saved.profile),
        segment_by=saved.segment_by,
        segments=tuple(saved.segments),
        notes=tuple(saved.notes),
    )
