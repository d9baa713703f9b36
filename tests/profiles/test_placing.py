"""A row's place in a column's bins is the one that its profile counts it in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events import Column, Schema
from watchkeeper.profiles import Profiler, derived_schema, fit_bins, place_rows

START = datetime(2026, 1, 5, tzinfo=UTC)
SCHEMA = Schema(
    columns={
        "number": Column(type="number"),
        "text": Column(type="text"),
        "city": Column(type="category"),
        "flag": Column(type="boolean"),
        "born": Column(type="datetime"),
    }
)
ROWS = st.lists(
    st.tuples(
        st.none() | st.floats(-9, 9) | st.sampled_from([np.inf, -np.inf, np.nan, 1.0]),
        st.none() | st.text(max_size=12),
        st.none() | st.sampled_from(["Bern", "Basel", "Genf", "Thun", "Chur", "x" * 300]),
        st.none() | st.booleans(),
        st.none() | st.integers(0, 10**6),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    number, text, city, flag, born, odd = zip(*rows, strict=True)
    hidden = [None if o else n for n, o in zip(number, odd, strict=True)]
    seconds = [None if b is None else START - timedelta(seconds=b) for b in born]
    return pa.table(
        {
            "time": pa.array([START] * len(rows), pa.timestamp("us", "UTC")),
            "number": pa.array(hidden, pa.float64()),
            "misfit:number": pa.array(["1" if o else None for o in odd], pa.string()),
            "text": pa.array(text, pa.string()),
            "city": pa.array(city, pa.string()),
            "flag": pa.array(flag, pa.bool_()),
            "born": pa.array(seconds, pa.timestamp("us", "UTC")),
        }
    )


@given(reference=ROWS, rows=ROWS)
def test_counting_the_places_of_rows_gives_the_counts_of_their_profile(
    reference: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> None:
    bins = fit_bins(SCHEMA, [table(reference)], time_column="time")
    looked_at = table(rows)
    profile = Profiler(SCHEMA, bins, time_column="time").profile(looked_at, index=0)
    names = derived_schema(SCHEMA, "time").columns.keys()
    places = place_rows(looked_at, SCHEMA, bins, names, time_column="time")
    assert places.keys() == names
    for name, place in places.items():
        counts = profile.columns[name].counts
        assert np.array_equal(np.bincount(place, minlength=len(counts)), counts), name


def test_columns_without_bins_are_left_out() -> None:
    rows = table([(1.0, "a", "Bern", True, 5, False)])
    bins = fit_bins(SCHEMA, [rows], time_column="time")
    assert place_rows(rows, SCHEMA, bins, ["city", "gone"], time_column="time").keys() == {"city"}
