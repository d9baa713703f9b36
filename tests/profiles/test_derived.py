from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import UsageError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import derived_schema, fit_bins, profile, source_of
from watchkeeper.profiles.texts import measure_texts


def share(text: str, *kinds: str) -> float:
    found = [c for c in text if unicodedata.category(c).startswith(kinds)]
    return len(found) / max(len(text), 1)


@given(st.lists(st.none() | st.text(max_size=30), max_size=8), st.integers(0, 8))
def test_texts_are_measured_as_python_would(texts, cut):
    chunks = [pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())]
    measured = measure_texts(pa.chunked_array(chunks))
    for place, text in enumerate(texts):
        found = {name: float(values[place]) for name, values in measured.items()}
        if text is None:
            assert all(map(math.isnan, found.values()))
            continue
        assert found == pytest.approx(
            {
                "length": len(text),
                "words": len(text.split()),
                "digit_ratio": share(text, "Nd"),
                "upper_ratio": share(text, "Lu", "Lt"),
                "non_ascii_ratio": sum(ord(c) > 127 for c in text) / max(len(text), 1),
                "punctuation_ratio": share(text, "P", "S"),
            }
        )


def test_only_watched_columns_are_profiled_and_never_the_time():
    schema = Schema(
        columns={
            "id": Column(type="category", role="id"),
            "at": Column(type="datetime"),
            "born": Column(type="datetime"),
            "x": Column(type="number", role="label"),
        }
    )
    assert list(derived_schema(schema, "at").columns) == ["born.age_seconds", "x"]
    assert list(derived_schema(schema).columns) == ["at.hour", "born.hour", "x"]


def test_a_derived_name_that_is_taken_gets_another_dot():
    schema = Schema(columns={"a": Column(type="text"), "a.length": Column(type="number")})
    names = list(derived_schema(schema).columns)
    assert "a..length" in names and "a.length" in names
    assert [source_of(schema, name) for name in ("a..length", "a.length", "a.words")] == [
        "a",
        "a.length",
        "a",
    ]


def test_a_name_from_nowhere_is_refused():
    schema = Schema(columns={"note": Column(type="text")})
    with pytest.raises(UsageError, match="Did you mean 'note'"):
        source_of(schema, "nota.length")


def test_ages_are_seconds_before_the_event():
    schema = Schema(columns={"born": Column(type="datetime")})
    table = pa.table(
        {
            "at": pa.array([datetime(2024, 1, 2, tzinfo=UTC)] * 4),
            "born": pa.array(["2024-01-01", "2024-01-02T01:00:00+01:00", "junk", None]),
        }
    )
    bins = fit_bins(schema, [table], time_column="at")
    column = profile(table, schema, bins, index=0, time_column="at").columns["born.age_seconds"]
    assert (column.nulls, column.misfits) == (1, 1)
    assert column.moments is not None
    assert (column.moments.minimum, column.moments.maximum) == (0.0, 86_400.0)


def test_hours_are_those_of_utc():
    schema = Schema(columns={"at": Column(type="datetime")})
    times = pa.array([-1, 0, 3_600, None], pa.timestamp("s", "America/New_York"))
    table = pa.table({"at": times})
    column = profile(table, schema, fit_bins(schema, [table]), index=0).columns["at.hour"]
    assert column.values == {"23": 1, "0": 1, "1": 1}
    assert (column.nulls, column.unseen) == (1, 0)
