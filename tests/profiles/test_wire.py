from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.tables import SCHEMA, rows, table_of
from watchkeeper.errors import DataError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import (
    BucketProfile,
    column_from_bytes,
    fit_bins,
    from_bytes,
    profile,
    to_bytes,
)


def small() -> BucketProfile:
    schema = Schema(columns={"x": Column(type="number"), "c": Column(type="category")})
    table = pa.table({"x": [1.0, 2.0, None], "c": ["a", "b", "a"]})
    bins = fit_bins(schema, [table])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return profile(table, schema, bins, index=-3, start=start, end=start, sketches=True)


@settings(max_examples=50)
@given(st.lists(rows, max_size=15), st.booleans())
def test_any_profile_survives_its_bytes(records, sketches):
    table = table_of(records)
    bins = fit_bins(SCHEMA, [table])
    bucket = profile(
        table, SCHEMA, bins, index=7, segment_by="kind", segments=["a"], sketches=sketches
    )
    assert from_bytes(to_bytes(bucket)) == bucket


@settings(max_examples=20)
@given(st.lists(rows, max_size=15))
def test_one_column_can_be_read_without_the_others(records):
    table = table_of(records)
    bins = fit_bins(SCHEMA, [table])
    bucket = profile(table, SCHEMA, bins, index=7, segment_by="kind", segments=["a"])
    data = to_bytes(bucket)
    for name, column in bucket.columns.items():
        assert column_from_bytes(data, name) == column
    for segment, columns in bucket.segments.items():
        for name, column in columns.items():
            assert column_from_bytes(data, name, segment=segment) == column
    assert column_from_bytes(data, "no such column") is None
    assert column_from_bytes(data, "x", segment="kind=no such value") is None


def test_times_survive():
    bucket = small()
    assert from_bytes(to_bytes(bucket)) == bucket


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_any_damaged_byte_is_noticed(place, flip):
    data = bytearray(to_bytes(small()))
    data[place % len(data)] ^= flip
    with pytest.raises(DataError):
        from_bytes(bytes(data))


@given(st.integers(0, 10**6))
def test_any_truncation_is_noticed(length):
    data = to_bytes(small())
    with pytest.raises(DataError):
        from_bytes(data[: length % len(data)])


@given(st.binary(max_size=60))
def test_junk_is_noticed(junk):
    with pytest.raises(DataError):
        from_bytes(junk)


def test_a_newer_version_is_named():
    data = bytearray(to_bytes(small()))
    data[3] = 9
    with pytest.raises(DataError, match="version 9"):
        from_bytes(bytes(data))
