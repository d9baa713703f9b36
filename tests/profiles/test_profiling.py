from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.tables import ODD_COLUMNS, SCHEMA, rows, table_of
from watchkeeper.errors import DataError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import (
    FIRST,
    BucketProfile,
    ColumnProfile,
    Moments,
    Profiler,
    derived_schema,
    fit_bins,
    merge,
    profile,
)

NUMBER = Schema(columns={"x": Column(type="number")})
CATEGORY = Schema(columns={"x": Column(type="category")})


def profile_one(values: object, schema: Schema, reference: object) -> ColumnProfile:
    bins = fit_bins(schema, [pa.table({"x": reference})])
    return profile(pa.table({"x": values}), schema, bins, index=0).columns["x"]


def assert_same(a: BucketProfile, b: BucketProfile) -> None:
    assert (a.rows, a.columns.keys(), a.segments.keys()) == (
        b.rows,
        b.columns.keys(),
        b.segments.keys(),
    )
    for name in a.columns:
        assert_same_column(a.columns[name], b.columns[name])
    for segment in a.segments:
        for name in a.segments[segment]:
            assert_same_column(a.segments[segment][name], b.segments[segment][name])


def assert_same_column(a: ColumnProfile, b: ColumnProfile) -> None:
    assert a.rows == b.rows
    assert a.counts.tolist() == b.counts.tolist()
    assert a.categories == b.categories
    assert a.unseen == b.unseen
    assert a.quantiles == b.quantiles
    assert a.distinct == b.distinct
    assert (a.moments is None) == (b.moments is None)
    if a.moments is not None and b.moments is not None:
        assert_same_moments(a.moments, b.moments)


def assert_same_moments(a: Moments, b: Moments) -> None:
    assert (a.count, a.infinite, a.minimum, a.maximum) == (
        b.count,
        b.infinite,
        b.minimum,
        b.maximum,
    )
    if a.count:
        size = max(abs(a.minimum), abs(a.maximum))
        assert a.mean == pytest.approx(b.mean, rel=1e-9, abs=1e-9 * size)
        # A double's own smallest steps: 1e-300 where squares underflow, 1e-20 where means cancel.
        smallest = 1e-300 + 1e-20 * size * size * a.count
        assert a.m2 == pytest.approx(b.m2, rel=1e-9, abs=smallest)


@settings(max_examples=60)
@given(st.lists(rows, max_size=30), st.randoms(use_true_random=False), st.data())
def test_any_split_and_order_of_rows_merges_to_the_profile_of_all(records, random, data):
    bins = fit_bins(SCHEMA, [table_of(records)], number_bins=8, category_bins=6, time_column="at")
    profiler = Profiler(
        SCHEMA, bins, time_column="at", segment_by="kind", segments=["a", "b"], sketches=True
    )
    whole = profiler.profile(table_of(records), index=0)
    shuffled = random.sample(records, len(records))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=3)))
    parts = [
        profiler.profile(table_of(shuffled[low:high]), index=0)
        for low, high in zip([0, *cuts], [*cuts, len(records)], strict=True)
    ]
    random.shuffle(parts)
    assert_same(merge(*parts), whole)
    half = len(parts) // 2
    if half:
        assert_same(merge(merge(*parts[half:]), merge(*parts[:half])), whole)


@settings(max_examples=40)
@given(st.lists(rows, max_size=20), st.lists(rows, max_size=20))
def test_every_row_is_counted_once_in_every_column(reference, records):
    bins = fit_bins(SCHEMA, [table_of(reference)], time_column="at")
    bucket = profile(
        table_of(records), SCHEMA, bins, index=3, time_column="at", segment_by="key", segments=["a"]
    )
    assert bucket.index == 3
    assert list(bucket.columns) and set(bucket.columns) == set(derived_schema(SCHEMA, "at").columns)
    for name, column in bucket.columns.items():
        assert column.counts.size == bins[name].size
        assert column.counts.min(initial=0) >= 0
        assert column.counts.sum() == column.rows == len(records)
    assert sum(columns["paid"].rows for columns in bucket.segments.values()) == len(records)


@given(st.lists(st.floats(allow_nan=True) | st.none(), max_size=50))
def test_moments_are_those_of_the_finite_numbers(values):
    column = profile_one(pa.array(values, pa.float64()), NUMBER, pa.array([0.0, 1.0]))
    present = [v for v in values if v is not None and not math.isnan(v)]
    finite = np.array([v for v in present if abs(v) <= 1e140])
    assert column.nulls == len(values) - len(present)
    assert column.moments is not None
    assert column.moments.infinite == len(present) - finite.size
    assert column.moments.count == finite.size
    if finite.size:
        size = float(np.abs(finite).max())
        assert column.moments.minimum == finite.min()
        assert column.moments.maximum == finite.max()
        assert column.moments.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-9 * size)
        assert column.moments.m2 == pytest.approx(
            finite.var() * finite.size,
            rel=1e-9,
            abs=1e-300 + 1e-20 * size * size * finite.size,
        )


def test_numbers_fall_in_the_bin_that_holds_their_lower_edge():
    reference = np.arange(100.0)
    bins = fit_bins(NUMBER, [pa.table({"x": reference})], number_bins=8)["x"]
    values = np.array([-1.0, -math.inf, *bins.edges, 1e300, math.inf])
    counts = profile(pa.table({"x": values}), NUMBER, {"x": bins}, index=0).columns["x"].counts
    assert counts[FIRST] == 2
    assert counts[FIRST + 1 : -1].tolist() == [1] * (len(bins.edges) - 1)
    assert counts[-1] == 3


@pytest.mark.parametrize("kind", ["number", "category", "boolean", "text", "datetime"])
@pytest.mark.parametrize("arrow", sorted(ODD_COLUMNS))
def test_any_arrow_type_is_profiled_as_any_column_type(kind, arrow):
    schema = Schema(columns={"x": Column(type=kind), "at": Column(type="datetime", role="time")})
    at = pa.array([0, 1, 2], pa.timestamp("s"))
    table = pa.table({"x": ODD_COLUMNS[arrow], "at": at})
    double = pa.concat_tables([table, table])
    for time_column in (None, "at"):
        bins = fit_bins(schema, [table, table], time_column=time_column)
        for data in (table, double):
            bucket = profile(
                data,
                schema,
                bins,
                index=0,
                time_column=time_column,
                segment_by="x",
                segments=["true", "a"],
                sketches=True,
            )
            for column in bucket.columns.values():
                assert column.counts.sum() == data.num_rows
                if arrow == "null":
                    assert column.nulls == data.num_rows
                else:
                    assert column.nulls >= data.num_rows // 3


@pytest.mark.parametrize(
    ("arrow", "values"),
    [
        ("int8", ["1", "-1"]),
        ("uint64", ["18446744073709551615", "9007199254740993"]),
        ("half", ["1.5"]),
        ("boolean", ["true", "false"]),
        ("dictionary_int", ["5", "7"]),
        ("decimal", ["3", "1.25"]),
        ("date32", ["1970-01-01", "2022-01-08"]),
        ("binary", ["\\xff\x00", "ok"]),
        ("broken_text", ["\\xff", "ok"]),
        ("list", ["[1.0, 2.0]", "[]"]),
        ("struct", ['{"a": 1}', '{"a": 2}']),
        ("run_end", ["4.5", "6.5"]),
    ],
)
def test_categories_of_any_type_are_known_by_their_text(arrow, values):
    column = profile_one(ODD_COLUMNS[arrow], CATEGORY, ODD_COLUMNS[arrow])
    assert sorted(column.values) == sorted(values)
    assert column.unseen == 0


def test_whole_numbers_are_the_same_category_as_integer_float_or_text():
    reference = pa.array([1, 2, 2])
    for values in (
        pa.array([1.0, 2.0, math.nan]),
        pa.array([1, 2, None]),
        pa.array(["1", "2", None]),
    ):
        column = profile_one(values, CATEGORY, reference)
        assert (column.values, column.nulls, column.unseen) == ({"1": 1, "2": 1}, 1, 0)


def test_text_that_spells_a_number_is_a_number_and_other_text_is_a_misfit():
    values = pa.array(["1.5", " -2e3 ", "1_000", "", "NaN", "inf", None, "0x10", "٣"])
    column = profile_one(values, NUMBER, pa.array([0.0, 2.0]))
    assert (column.nulls, column.misfits) == (2, 3)
    assert column.moments is not None
    assert (column.moments.count, column.moments.infinite) == (3, 1)
    assert column.moments.minimum == -2000.0


def test_booleans_accept_ones_zeros_and_their_names_only():
    schema = Schema(columns={"x": Column(type="boolean")})
    column = profile_one(pa.array(["TRUE", "false", "1", "0", "yes", None]), schema, pa.nulls(2))
    assert column.counts.tolist() == [1, 1, 2, 2, 0]
    assert column.values == {"false": 2, "true": 2}


def test_a_column_that_is_lacking_is_null_in_every_row():
    bins = fit_bins(NUMBER, [pa.table({"x": [1.0, 2.0]})])
    column = profile(pa.table({"y": [1, 2, 3]}), NUMBER, bins, index=0).columns["x"]
    assert column.nulls == column.rows == 3


def test_values_set_aside_by_the_store_count_as_misfits():
    schema = Schema(
        columns={"feature:x": Column(type="number"), "feature:c": Column(type="category")}
    )
    clean = pa.table({"feature:x": [1.0, 2.0], "feature:c": ["a", "b"]})
    table = pa.table(
        {
            "feature:x": [1.0, None, None],
            "misfit:x": [None, '"abc"', None],
            "feature:c": ["a", None, "b"],
            "misfit:c": [None, "[1]", None],
        }
    )
    columns = profile(table, schema, fit_bins(schema, [clean]), index=0).columns
    assert (columns["feature:x"].nulls, columns["feature:x"].misfits) == (1, 1)
    assert (columns["feature:c"].nulls, columns["feature:c"].misfits) == (0, 1)


def test_unseen_values_fill_the_last_bin_of_a_closed_set():
    column = profile_one(pa.array(["a", "new", "newer"]), CATEGORY, pa.array(["a", "b"] * 50))
    assert (column.counts[-1], column.unseen) == (2, 2)
    assert column.values == {"a": 1, "new": 1, "newer": 1}


def test_unseen_values_join_the_rare_ones_of_an_open_set():
    reference = ["a"] * 1000 + [f"rare {i}" for i in range(200)]
    column = profile_one([f"new {i}" for i in range(300)], CATEGORY, reference)
    assert column.unseen == 300
    assert column.counts[-1] == 0
    assert (column.counts[-17:-1] > 0).all()


def test_long_names_are_cut_but_stay_apart():
    names = ["x" * 10_000 + "a", "x" * 10_000 + "b"]
    column = profile_one(pa.array(names * 3), CATEGORY, pa.array(names * 9))
    assert sorted(map(len, column.values)) == [256, 256]
    assert column.unseen == 0


def test_segments_outside_the_asked_ones_and_nulls_share_one():
    table = pa.table({"x": [1.0, 2.0, 3.0, 4.0], "s": ["a", "b", None, "a"]})
    bins = fit_bins(NUMBER, [table])
    bucket = profile(table, NUMBER, bins, index=0, segment_by="s", segments=["a", "z"])
    assert {name: columns["x"].rows for name, columns in bucket.segments.items()} == {
        "s=a": 2,
        "s=(other)": 2,
    }
    moments = bucket.segments["s=a"]["x"].moments
    assert moments is not None and moments.mean == 2.5


def test_a_segment_column_that_is_lacking_is_named_with_the_nearest_one():
    table = pa.table({"x": [1.0], "country": ["CH"]})
    with pytest.raises(DataError, match="Did you mean 'country'"):
        profile(table, NUMBER, fit_bins(NUMBER, [table]), index=0, segment_by="contry")


def test_bins_of_another_type_are_refused():
    table = pa.table({"x": [1.0]})
    with pytest.raises(DataError, match="'x'"):
        profile(table, CATEGORY, fit_bins(NUMBER, [table]), index=0)


def test_the_order_of_rows_changes_no_bit():
    rng = np.random.default_rng(1)
    table = pa.table({"x": rng.lognormal(size=5000)})
    bins = fit_bins(NUMBER, [table])
    shuffled = table.take(pa.array(rng.permutation(5000)))
    first = profile(table, NUMBER, bins, index=0, sketches=True)
    assert profile(shuffled, NUMBER, bins, index=0, sketches=True) == first
