"""Verdicts: right about change, silent about chance, honest about too few rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.comparison import Comparison, Rule, Settings, compare_profiles
from watchkeeper.events import Column, ColumnType, Schema
from watchkeeper.profiles import Profiler, fit_bins

ROWS = 2_000


def compared(before: pa.Table, after: pa.Table, **options: Any) -> Comparison:
    kinds: dict[str, ColumnType] = {
        field.name: "number" if pa.types.is_floating(field.type) else "category"
        for field in before.schema
    }
    schema = Schema(columns={name: Column(type=kind) for name, kind in kinds.items()})
    bins = fit_bins(schema, [before])
    profiler = Profiler(schema, bins)
    first, second = (profiler.profile(table, index=0) for table in (before, after))
    return compare_profiles(kinds, bins, first, second, **options)


def numbers(rng: np.random.Generator, rows: int = ROWS, **shift: float) -> pa.Table:
    columns = {name: rng.normal(size=rows) for name in "abcdefgh"}
    for name, by in shift.items():
        columns[name] += by
    return pa.table(columns)


def test_the_shifted_column_is_named_with_its_size_in_its_own_units() -> None:
    rng = np.random.default_rng(0)
    found = compared(numbers(rng), numbers(rng, c=0.3))
    assert found.dataset.verdict == "drifted"
    assert [name for name, column in found.columns.items() if column.drifted] == ["c"]
    effect = found.columns["c"].effect
    assert effect.shift is not None and effect.shift_low is not None
    assert effect.shift_low < 0.3 < (effect.shift_high or 0)
    assert effect.moved_low < 0.119 < effect.moved_high  # total variation of a shift by 0.3 sd
    assert "mean rose by" in found.columns["c"].message
    assert found.dataset.message == "1 of 8 columns drifted: c."


def test_nothing_changed() -> None:
    rng = np.random.default_rng(1)
    found = compared(numbers(rng), numbers(rng))
    assert found.dataset.verdict == "fine"
    assert found.dataset.message == "None of 8 columns drifted."


def test_a_huge_sample_does_not_cry_wolf_about_next_to_nothing() -> None:
    rng = np.random.default_rng(2)
    before, after = numbers(rng, 300_000), numbers(rng, 300_000, a=0.02)
    found = compared(before, after)
    column = found.columns["a"]
    assert column.adjusted_p_value is not None and column.adjusted_p_value < 0.01
    assert not column.drifted
    assert "hardly" in column.message
    strict = compared(before, after, settings=Settings(least_effect=0.0))
    assert strict.columns["a"].drifted


def test_a_tiny_sample_is_not_called_fine() -> None:
    rng = np.random.default_rng(3)
    found = compared(numbers(rng), numbers(rng, 12))
    assert found.dataset.verdict == "inconclusive"
    assert "about 34 rows on each side" in found.dataset.message
    assert all(column.inconclusive for column in found.columns.values())


def test_a_tiny_sample_may_still_show_a_large_change() -> None:
    rng = np.random.default_rng(4)
    assert compared(numbers(rng), numbers(rng, 20, a=3.0)).columns["a"].drifted


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (["x"] * 900 + ["y"] * 100, ["x"] * 800 + ["y"] * 100 + ["new"] * 100, "new"),
        (["x"] * 900 + ["y"] * 100, ["x"] * 800 + ["y"] * 100 + [None] * 100, "nulls went"),
        (["x"] * 500 + ["y"] * 500, ["x"] * 500 + [f"v{i}" for i in range(500)], "y went"),
    ],
)
def test_categories(before: list[str | None], after: list[str | None], said: str) -> None:
    found = compared(pa.table({"k": before}), pa.table({"k": after}))
    column = found.columns["k"]
    assert column.drifted
    assert said in column.message or said in column.quality.new_values


def test_a_flood_of_new_names_is_drift_and_a_trickle_is_not() -> None:
    rng = np.random.default_rng(5)

    def names(rows: int, new: float, prefix: str) -> list[str]:
        return [
            f"{prefix}{i}" if odd else f"v{value}"
            for i, (value, odd) in enumerate(
                zip(rng.integers(0, 50, rows), rng.random(rows) < new, strict=True)
            )
        ]

    before = pa.table({"k": names(4_000, 0.05, "one-")})
    assert not compared(before, pa.table({"k": names(4_000, 0.05, "two-")})).columns["k"].drifted
    assert compared(before, pa.table({"k": names(4_000, 0.12, "two-")})).columns["k"].drifted


def test_a_flood_of_new_names_matters_where_new_names_are_usual() -> None:
    def names(seed: int, flood: float) -> pa.Table:
        rng = np.random.default_rng(seed)
        usual = [f"z{k}" for k in np.minimum(rng.zipf(1.15, 8_000), 10**9)]
        new = rng.random(8_000) < flood
        return pa.table({"k": [f"new {i // 2}" if new[i] else usual[i] for i in range(8_000)]})

    before = names(0, 0.0)
    found = {flood: compared(before, names(1, flood)).columns["k"] for flood in (0.0, 0.2)}
    assert not found[0.0].drifted
    assert found[0.2].drifted
    assert 0.1 < found[0.2].effect.moved_ratio < 0.2
    assert "values that the reference never showed make up" in found[0.2].message


def test_more_values_than_are_remembered_are_compared_by_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("watchkeeper.profiles.values.MAX_VALUES", 1_000)
    rng = np.random.default_rng(0)

    def values(shift: int) -> pa.Table:
        return pa.table({"k": [f"v{k}" for k in rng.integers(shift, 3_000 + shift, 20_000)]})

    same, other = (compared(values(0), values(shift)).columns["k"] for shift in (0, 300))
    assert not same.drifted
    assert other.drifted
    assert 0.02 < other.effect.moved_ratio < 0.12


def test_a_rule_of_the_users_own_decides_instead_of_the_tests() -> None:
    rng = np.random.default_rng(6)
    before, after = numbers(rng), numbers(rng, a=0.3, b=1.5)
    found = compared(before, after, settings=Settings(rule=Rule.parse("psi > 0.5")))
    assert [n for n, column in found.columns.items() if column.drifted] == ["b"]
    assert found.columns["b"].rule == "psi > 0.5"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | st.floats(width=32), min_size=1, max_size=60),
    st.lists(st.none() | st.floats(width=32), min_size=1, max_size=60),
)
def test_any_numbers_can_be_compared(before: list[float | None], after: list[float | None]) -> None:
    tables = [pa.table({"x": pa.array(side, pa.float64())}) for side in (before, after)]
    column = compared(*tables).columns["x"]
    assert 0 <= column.effect.moved_low <= column.effect.moved_ratio <= column.effect.moved_high
    assert column.p_value is None or 0 <= column.p_value <= 1
    same = compared(tables[0], tables[0]).columns["x"]
    assert not same.drifted
    assert same.effect.moved_ratio == 0


@pytest.mark.slow
@pytest.mark.parametrize("rows", [100, 1_000])
def test_two_samples_of_one_population_are_called_drift_in_few_cases(rows: int) -> None:
    rng = np.random.default_rng(rows)
    calls = 0
    for _ in range(200):
        sides = []
        for _side in range(2):
            columns: dict[str, Any] = {f"x{i}": rng.normal(size=rows) for i in range(5)}
            columns |= {f"t{i}": np.round(rng.exponential(8, size=rows)) for i in range(5)}
            columns |= {
                f"c{i}": pa.array(rng.integers(0, 50, rows)).cast(pa.string()) for i in range(5)
            }
            sides.append(pa.table(columns))
        calls += compared(*sides).dataset.drifted
    assert calls <= 20  # 10 expected at most; 20 or more has chance 0.003


def test_quantiles_beyond_the_reference_are_within_what_came() -> None:
    rng = np.random.default_rng(7)
    quality = compared(numbers(rng), numbers(rng, a=100.0)).columns["a"].quality
    assert quality.current.p50 is not None and quality.current.p95 is not None
    assert 95 < quality.current.p50 < quality.current.p95 < 105


@pytest.mark.parametrize(("values", "rows"), [(50, 1_000), (500, 10_000), (5_000, 100_000)])
def test_the_part_that_moved_is_right_for_few_values_and_thousands(values: int, rows: int) -> None:
    rng = np.random.default_rng(values)
    names = np.array([f"v{i}" for i in range(2 * values)])

    def sample(first: int, favourite: float = 0.0) -> pa.Table:
        drawn = rng.integers(first, first + values, rows)
        return pa.table({"k": names[np.where(rng.random(rows) < favourite, 0, drawn)]})

    def moved(after: pa.Table) -> float:
        return compared(sample(0), after).columns["k"].effect.moved_ratio

    by_chance = 0.08 if rows < 10_000 else 0.045
    assert moved(sample(0)) < by_chance
    assert moved(sample(0, 0.1)) == pytest.approx(0.1, abs=by_chance)
    assert moved(sample(values // 10)) == pytest.approx(0.1, abs=by_chance)
