"""A bucket's profile as it is kept in a store: small, and without the texts that people sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyarrow as pa

from watchkeeper.errors import DataError, StoreError
from watchkeeper.profiles import BucketProfile, ColumnProfile, column_from_bytes
from watchkeeper.profiles import from_bytes as profile_from_bytes
from watchkeeper.profiles import to_bytes as profile_to_bytes
from watchkeeper.watch import Baseline

_SIZE_BYTES = 4
_CODEC = "zstd"


def kept(profile: BucketProfile, baseline: Baseline) -> BucketProfile:
    """Return a profile without the values of its categories, which no later judgement needs.

    Counts per bin stay. So do the values of a column whose categories are declared, since a rule
    names those that are not.
    """
    declared = {n for n, c in baseline.settings.limits.items() if c.categories is not None}
    return replace(
        profile,
        columns=_without_values(profile.columns, declared),
        segments={s: _without_values(c, declared) for s, c in profile.segments.items()},
    )


def pack(profile: BucketProfile) -> bytes:
    """Return a profile as bytes, compressed."""
    plain = profile_to_bytes(profile)
    packed: bytes = pa.compress(plain, codec=_CODEC, asbytes=True)
    return len(plain).to_bytes(_SIZE_BYTES, "little") + packed


def unpack(data: bytes) -> BucketProfile:
    """Return the profile that `pack` wrote.

    Raises
    ------
    StoreError
        If the bytes are damaged.
    """
    with _damage_told():
        return profile_from_bytes(_plain(data))


def unpack_column(data: bytes, column: str, segment: str) -> ColumnProfile | None:
    """Return one column of it, much faster than all; ``None`` if there is none of that name."""
    with _damage_told():
        return column_from_bytes(_plain(data), column, segment=segment)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (DataError, OSError, pa.ArrowException) as error:
        message = f"a stored profile is damaged: {error}; restore the store from a backup"
        raise StoreError(message) from error


def _plain(data: bytes) -> bytes:
    size = int.from_bytes(data[:_SIZE_BYTES], "little")
    plain: bytes = pa.decompress(
        data[_SIZE_BYTES:], decompressed_size=size, codec=_CODEC, asbytes=True
    )
    return plain


def _without_values(
    columns: dict[str, ColumnProfile], declared: set[str]
) -> dict[str, ColumnProfile]:
    return {
        name: column
        if column.categories is None or name in declared
        else replace(column, categories=None)
        for name, column in columns.items()
    }
