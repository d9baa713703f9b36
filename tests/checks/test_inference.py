"""Inferred checks are those that the reference leaves little doubt of."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watchkeeper import checks
from watchkeeper.checks import Check, infer_checks
from watchkeeper.events import infer_schema
from watchkeeper.pipeline import run_checks


def inferred(table: pa.Table) -> tuple[Check, ...]:
    return infer_checks(table, infer_schema(table).schema)


def test_what_a_reference_shows_is_asked_for() -> None:
    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "customer_id": [f"c-{n:05}" for n in range(1000)],
            "amount": rng.normal(10, 5, 1000),
            "price": rng.exponential(30, 1000),
            "kind": np.array(["a", "b", "c"])[rng.integers(0, 3, 1000)],
            "note": pa.array(["x", None] * 500),
        }
    )
    found = inferred(table)
    assert checks.NotNull(column="amount") in found
    assert checks.Unique(columns=("customer_id",)) in found
    assert checks.Categories(column="kind", values=("a", "b", "c")) in found
    assert checks.NotNull(column="note") not in found
    (price,) = (c for c in found if isinstance(c, checks.Range) and c.column == "price")
    assert price.minimum == 0
    assert not [c for c in found if isinstance(c, checks.Volume)]


def test_few_rows_are_no_ground_for_limits() -> None:
    found = inferred(pa.table({"x": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]}))
    assert [type(check) for check in found] == [checks.TableSchema]


def test_a_rare_value_leaves_a_category_open() -> None:
    found = inferred(pa.table({"kind": ["a"] * 500 + ["b"]}))
    assert not [check for check in found if isinstance(check, checks.Categories)]


@pytest.mark.parametrize("table", [pa.table({}), pa.table({"x": pa.nulls(200)})])
def test_a_table_without_values_gives_nothing_that_fails(table: pa.Table) -> None:
    assert not [check for check in inferred(table) if not isinstance(check, checks.TableSchema)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats() | st.none(), min_size=1, max_size=20))
@example([0.0, 1.7000000000000001e308])
@example([-1.7e308, 1.7976931348623157e308])
def test_what_is_inferred_holds_for_the_reference(values: list[float | None]) -> None:
    table = pa.table({"x": pa.array(values * 100, pa.float64())})
    found = inferred(table)
    assert [r.message for r in run_checks(table, found) if r.passed is False] == []
