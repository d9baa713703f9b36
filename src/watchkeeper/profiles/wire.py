"""Profiles as bytes: versioned, checked and independent of the machine."""

from __future__ import annotations

import zlib
from datetime import datetime

import msgspec
import numpy as np

from watchkeeper.errors import DataError
from watchkeeper.profiles.bucket import BucketProfile
from watchkeeper.profiles.column import ColumnProfile
from watchkeeper.profiles.distinct import DistinctSketch
from watchkeeper.profiles.moments import Moments
from watchkeeper.profiles.quantiles import QuantileSketch
from watchkeeper.profiles.values import ValueCounts

_MAGIC = b"WKP"
_VERSION = 1
_CHECK_BYTES = 4
_HEAD_BYTES = len(_MAGIC) + 1 + _CHECK_BYTES


def to_bytes(bucket: BucketProfile) -> bytes:
    """Return a bucket's profile as bytes, which `from_bytes` reads on any machine.

    A head of ``WKP``, one byte of version and the CRC-32 of the rest; then MessagePack.
    """
    body = _ENCODER.encode(
        _Bucket(
            index=bucket.index,
            start=bucket.start,
            end=bucket.end,
            rows=bucket.rows,
            columns={name: _pack(column) for name, column in bucket.columns.items()},
            segments={
                segment: {name: _pack(column) for name, column in columns.items()}
                for segment, columns in bucket.segments.items()
            },
        )
    )
    check = zlib.crc32(body).to_bytes(_CHECK_BYTES, "little")
    return _MAGIC + bytes([_VERSION]) + check + body


def from_bytes(data: bytes) -> BucketProfile:
    """Return the profile that `to_bytes` wrote.

    Raises
    ------
    DataError
        When the bytes are damaged, something else, or of a newer version.
    """
    body = _checked(data)
    try:
        wire = _DECODER.decode(body)
        return BucketProfile(
            index=wire.index,
            start=wire.start,
            end=wire.end,
            rows=wire.rows,
            columns={name: _unpack(column) for name, column in wire.columns.items()},
            segments={
                segment: {name: _unpack(column) for name, column in columns.items()}
                for segment, columns in wire.segments.items()
            },
        )
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise _other_fields(error) from error


def column_from_bytes(data: bytes, column: str, *, segment: str = "") -> ColumnProfile | None:
    """Return one column of the profile that `to_bytes` wrote, without reading the others.

    Parameters
    ----------
    segment
        ``name=value``, or ``""`` for all rows.

    Returns
    -------
    ``None`` if the profile has no such column or segment.

    Raises
    ------
    DataError
        As `from_bytes`.
    """
    try:
        wire = _OUTLINE_DECODER.decode(_checked(data))
        columns = wire.segments.get(segment, {}) if segment else wire.columns
        raw = columns.get(column)
        return None if raw is None else _unpack(_COLUMN_DECODER.decode(raw))
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise _other_fields(error) from error


def _checked(data: bytes) -> bytes:
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _HEAD_BYTES:
        raise DataError(
            f"Expected a stored profile, which begins with {_MAGIC!r}, got {len(data)} bytes that "
            f"begin with {data[:8]!r}. Compute the profile again from its rows."
        )
    version = data[len(_MAGIC)]
    if version != _VERSION:
        raise DataError(
            f"Expected a stored profile of version {_VERSION}, got version {version}. Read it with "
            "the release of Watchkeeper that wrote it, or a newer one."
        )
    body = data[_HEAD_BYTES:]
    if zlib.crc32(body).to_bytes(_CHECK_BYTES, "little") != data[len(_MAGIC) + 1 : _HEAD_BYTES]:
        raise DataError(
            f"Expected a whole stored profile, got {len(data)} bytes whose checksum is wrong. "
            "Compute the profile again from its rows."
        )
    return body


def _other_fields(error: Exception) -> DataError:
    return DataError(
        f"Expected the fields of a stored profile, got others: {error}. Compute the profile "
        "again from its rows."
    )


class _Column(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    rows: int
    counts: list[int]
    moments: tuple[int, float, float, float, float, int] | None = None
    values: dict[str, int] | None = None
    overflow: int = 0
    unseen: int = 0
    quantile_keys: list[int] | None = None
    quantile_counts: list[int] = []
    registers: bytes | None = None


class _Bucket(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    start: datetime | None
    end: datetime | None
    rows: int
    columns: dict[str, _Column]
    segments: dict[str, dict[str, _Column]]


class _Outline(msgspec.Struct, frozen=True, kw_only=True):
    columns: dict[str, msgspec.Raw]
    segments: dict[str, dict[str, msgspec.Raw]]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Bucket)
_OUTLINE_DECODER = msgspec.msgpack.Decoder(_Outline)
_COLUMN_DECODER = msgspec.msgpack.Decoder(_Column)


def _pack(column: ColumnProfile) -> _Column:
    moments, values, quantiles = column.moments, column.categories, column.quantiles
    return _Column(
        rows=column.rows,
        counts=column.counts.tolist(),
        moments=None
        if moments is None
        else (
            moments.count,
            moments.mean,
            moments.m2,
            moments.minimum,
            moments.maximum,
            moments.infinite,
        ),
        values=None if values is None else values.counts,
        overflow=0 if values is None else values.overflow,
        unseen=column.unseen,
        quantile_keys=None if quantiles is None else quantiles.keys.tolist(),
        quantile_counts=[] if quantiles is None else quantiles.counts.tolist(),
        registers=None if column.distinct is None else column.distinct.registers.tobytes(),
    )


def _unpack(column: _Column) -> ColumnProfile:
    moments = None
    if column.moments is not None:
        count, mean, m2, minimum, maximum, infinite = column.moments
        moments = Moments(
            count=count, mean=mean, m2=m2, minimum=minimum, maximum=maximum, infinite=infinite
        )
    quantiles = None
    if column.quantile_keys is not None:
        quantiles = QuantileSketch(
            keys=np.array(column.quantile_keys, dtype=np.int64),
            counts=np.array(column.quantile_counts, dtype=np.int64),
        )
    distinct = None
    if column.registers is not None:
        distinct = DistinctSketch(registers=np.frombuffer(column.registers, dtype=np.uint8))
    return ColumnProfile(
        rows=column.rows,
        counts=np.array(column.counts, dtype=np.int64),
        moments=moments,
        categories=(
            None
            if column.values is None
            else ValueCounts(counts=column.values, overflow=column.overflow)
        ),
        unseen=column.unseen,
        quantiles=quantiles,
        distinct=distinct,
    )
