"""Tables with everything that real ones hold: ties, nulls, NaN, infinities, odd text, any type."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
from hypothesis import strategies as st

from watchkeeper.events import Column, Schema

SCHEMA = Schema(
    columns={
        "amount": Column(type="number"),
        "level": Column(type="number"),
        "kind": Column(type="category"),
        "paid": Column(type="boolean"),
        "note": Column(type="text"),
        "seen": Column(type="datetime"),
        "at": Column(type="datetime", role="time"),
        "key": Column(type="category", role="id"),
    }
)

amounts = st.none() | st.floats(width=64) | st.sampled_from([0.0, -0.0, 1.5, math.nan, math.inf])
moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1))
rows = st.fixed_dictionaries(
    {
        "amount": amounts,
        "level": st.none() | st.integers(-3, 3),
        "kind": st.none() | st.sampled_from("abcdefg") | st.text(max_size=3),
        "paid": st.none() | st.booleans(),
        "note": st.none() | st.text(max_size=20),
        "seen": st.none() | moments,
        "at": moments,
        "key": st.text(max_size=3),
    }
)

ARROW = pa.schema(
    {
        "amount": pa.float64(),
        "level": pa.int32(),
        "kind": pa.string(),
        "paid": pa.bool_(),
        "note": pa.large_string(),
        "seen": pa.timestamp("us", "UTC"),
        "at": pa.timestamp("us"),
        "key": pa.string(),
    }
)


def table_of(records: list[dict[str, object]]) -> pa.Table:
    """Return the rows as a table of `ARROW`."""
    return pa.Table.from_pylist(records, schema=ARROW)


ODD_COLUMNS: dict[str, pa.Array] = {
    "null": pa.nulls(3),
    "int8": pa.array([1, None, -1], pa.int8()),
    "uint64": pa.array([2**64 - 1, None, 2**53 + 1], pa.uint64()),
    "int64": pa.array([2**63 - 1, None, -(2**63)], pa.int64()),
    "half": pa.array([1.5, None, math.nan], pa.float16()),
    "float": pa.array([1.5, None, math.inf], pa.float32()),
    "boolean": pa.array([True, None, False]),
    "string": pa.array(["1.5", None, "x"]),
    "large_string": pa.array(["true", None, "2020-01-01T00:00:00Z"], pa.large_string()),
    "string_view": pa.array(["a", None, "long enough not to be inlined"], pa.string_view()),
    "dictionary": pa.array(["a", None, "3"]).dictionary_encode(),
    "dictionary_int": pa.array([5, None, 7]).dictionary_encode(),
    "decimal": pa.array([Decimal("3.00"), None, Decimal("1.25")], pa.decimal128(10, 2)),
    "decimal256": pa.array([Decimal("3.00"), None, Decimal("1.25")], pa.decimal256(50, 2)),
    "date32": pa.array([0, None, 19_000], pa.date32()),
    "date64": pa.array([0, None, 86_400_000], pa.date64()),
    "timestamp_s": pa.array([0, None, 2**60], pa.timestamp("s")),
    "timestamp_ns": pa.array([1, None, 2**62], pa.timestamp("ns", "Europe/Zurich")),
    "time": pa.array([1, None, 2], pa.time64("us")),
    "duration": pa.array([1500, None, 2500], pa.duration("ms")),
    "binary": pa.array([b"\xff\x00", None, b"ok"]),
    "broken_text": pa.Array.from_buffers(
        pa.string(), 3, pa.array([b"\xff", None, b"ok"]).buffers()
    ),
    "unknown_zone": pa.array([1, None, 2], pa.timestamp("s", "Nowhere/Town")),
    "broken_struct": pa.StructArray.from_arrays(
        [pa.Array.from_buffers(pa.string(), 3, pa.array([b"\xff", b"\xfe", b"k"]).buffers())],
        ["a"],
        mask=pa.array([False, True, False]),
    ),
    "uuid": pa.array([b"0" * 16, None, b"1" * 16], pa.uuid()),
    "list": pa.array([[1.0, 2.0], None, []]),
    "struct": pa.array([{"a": 1}, None, {"a": 2}]),
    "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "run_end": pa.RunEndEncodedArray.from_arrays(
        pa.array([1, 2, 3], pa.int32()), pa.array([4.5, None, 6.5])
    ),
    "nested_time": pa.array([[datetime(2020, 1, 1, tzinfo=UTC)], None, []]),
}
