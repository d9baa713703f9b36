"""Profiles are kept small, and in parts as well as whole."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.watched_store import MODEL, REFERENCE_END, REFERENCE_HOURS, baseline, fill, rows
from watchkeeper.errors import StoreError
from watchkeeper.pipeline.baselining import WatchSetup, load_setup
from watchkeeper.pipeline.judging import Judge
from watchkeeper.pipeline.kept_profile import kept, pack, unpack, unpack_column
from watchkeeper.pipeline.readings import DRIFT, OBSERVED, Readings, from_bytes, to_bytes
from watchkeeper.pipeline.stored import watched_columns
from watchkeeper.profiles import BucketProfile, merge
from watchkeeper.store import Store
from watchkeeper.watch import Baseline, score, start

HOUR = REFERENCE_END, REFERENCE_END + timedelta(hours=1)


def with_kind(table: pa.Table) -> pa.Table:
    kinds = pa.array([["web", "app", None][i % 3] for i in range(table.num_rows)])
    return table.append_column("feature:kind", kinds)


@cache
def known() -> tuple[WatchSetup, Baseline]:
    with TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        fill(store, with_kind(rows(0, REFERENCE_HOURS)))
        baseline(store)
        _, setup = load_setup(store, MODEL)
        return setup, setup.fitted()


def profiled(table: pa.Table) -> BucketProfile:
    setup, fitted = known()
    table = table.append_column("error", pa.nulls(table.num_rows, pa.string()))
    profiler = setup.profiler(fitted)
    profile = profiler.profile(watched_columns(table), index=0, start=HOUR[0], end=HOUR[1])
    return kept(profile, fitted)


def read(profile: BucketProfile) -> NDArray[np.float64]:
    _, fitted = known()
    state = start(fitted)
    return Readings(fitted).of(score(fitted, state, profile), state)


def bucket() -> pa.Table:
    return with_kind(rows(REFERENCE_HOURS, REFERENCE_HOURS + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=30, max_size=30))
def test_judged_and_late_rows_merge_to_the_profile_of_all_in_any_split(is_late: list[bool]) -> None:
    late = np.array(is_late)
    whole = profiled(bucket())
    parts = [profiled(bucket().filter(pa.array(chosen))) for chosen in (~late, late)]
    merged = merge(*[unpack(pack(part)) for part in parts])
    assert (merged.rows, merged.start, merged.end) == (whole.rows, *HOUR)
    assert merged.columns.keys() == whole.columns.keys()
    for name, column in whole.columns.items():
        other = merged.columns[name]
        assert np.array_equal(other.counts, column.counts)
        if column.moments is not None and other.moments is not None:
            assert other.moments.mean == pytest.approx(column.moments.mean, rel=1e-9, abs=1e-12)
            assert other.moments.m2 == pytest.approx(column.moments.m2, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=30, max_size=30))
def test_what_is_shown_is_what_it_would_be_had_the_rows_come_in_time(is_late: list[bool]) -> None:
    late = np.array(is_late)
    setup, fitted = known()
    state, readings = start(fitted), Readings(fitted)
    in_time = readings.of(score(fitted, state, profiled(bucket())), state)
    parts = [profiled(bucket().filter(pa.array(chosen))) for chosen in (~late, late)]
    shown = Judge(setup, fitted).shown(state, *parts)
    np.testing.assert_allclose(
        from_bytes([shown], len(readings.units))[0], in_time, rtol=1e-5, atol=1e-6
    )


def test_one_column_is_unpacked_alone() -> None:
    whole = profiled(bucket())
    packed = pack(whole)
    assert unpack(packed) == whole
    assert unpack_column(packed, "x", "") == whole.columns["x"]
    assert unpack_column(packed, "z", "") is None


@pytest.mark.parametrize("place", [0, 3, 40, -1])
def test_damage_is_told(place: int) -> None:
    packed = bytearray(pack(profiled(bucket())))
    packed[place] ^= 255
    with pytest.raises(StoreError, match="stored profile is damaged"):
        unpack(bytes(packed))


def test_the_drift_of_a_usual_bucket_is_small_and_of_a_moved_column_large() -> None:
    _, fitted = known()
    readings = Readings(fitted)
    place = next(i for i, unit in enumerate(readings.units) if unit.column == "x")
    usual = read(profiled(bucket()))
    table = bucket()
    x = table.column_names.index("feature:x")
    moved_x = pa.array(table.column("feature:x").to_numpy() + 2.0)
    moved = read(profiled(table.set_column(x, "feature:x", moved_x)))
    assert np.nanmax(usual[DRIFT]) < 4.0
    assert moved[DRIFT, place] > 6.0
    assert moved[OBSERVED, place] - usual[OBSERVED, place] == pytest.approx(2.0)
    others = np.arange(len(readings.units)) != place
    assert np.array_equal(moved[:, others], usual[:, others], equal_nan=True)


def test_few_rows_far_off_are_less_drift_than_many() -> None:
    _, fitted = known()
    readings = Readings(fitted)
    place = next(i for i, unit in enumerate(readings.units) if unit.column == "x")

    def drift_of(count: int) -> float:
        table = bucket().slice(0, count)
        at = table.column_names.index("feature:x")
        table = table.set_column(at, "feature:x", pa.array([1.5] * count))
        return float(read(profiled(table))[DRIFT, place])

    assert 2 * drift_of(1) < drift_of(30)


def test_readings_without_any_are_gaps() -> None:
    nothing = Readings(known()[1]).of(None, start(known()[1]))
    units = nothing.shape[1]
    assert to_bytes(nothing) == b""
    full = np.arange(5.0 * units).reshape(5, units)
    table = from_bytes([b"", to_bytes(full), None, b"\x02other"], units)
    assert table.shape == (4, 5, units)
    assert np.isnan(table[[0, 2, 3]]).all()
    assert np.array_equal(table[1], full)
    assert from_bytes([], units).shape == (0, 5, units)
