from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from store.samples import START, outcome, prediction
from watchkeeper.store import Store


def read(store: Store, column: str) -> list[Any]:
    """The column's values, which must not change by sealing."""
    before = store.predictions("m")
    store.seal()
    after = store.predictions("m")
    assert after.equals(before)
    values: list[Any] = after[column].to_pylist()
    return values


def log(store: Store, values: list[Any]) -> None:
    store.append([prediction(f"{i:03}", i, features={"x": v}) for i, v in enumerate(values)])


@pytest.mark.parametrize(
    "values",
    [
        [1.5, 2.0, None, float("inf"), -0.0],
        ["a", "", None, "é\x00🙂"],
        [True, False, None],
        [START, None, datetime(1900, 1, 1, 5, 6, 7, 8, tzinfo=UTC)],
        [[1.0, 2.5], [], None],
    ],
)
def test_a_column_of_one_type_is_read_back_as_it_came(store: Store, values: list[Any]) -> None:
    log(store, values)
    assert read(store, "feature:x") == values


@pytest.mark.parametrize(
    ("values", "kept", "misfits"),
    [
        ([1.5, "n/a", True, 3], [1.5, None, None, 3.0], [None, '"n/a"', "true", None]),
        (["a", 7, None, "b"], ["a", None, None, "b"], [None, "7", None, None]),
        ([True, 1, "x"], [True, None, None], [None, "1", '"x"']),
        ([START, "soon"], [START, None], [None, '"soon"']),
        ([[1.0], ["a"], 5], [[1.0], None, None], [None, '["a"]', "5"]),
    ],
)
def test_a_value_of_another_type_is_kept_beside_its_column(
    store: Store, values: list[Any], kept: list[Any], misfits: list[str | None]
) -> None:
    log(store, values)
    assert read(store, "feature:x") == kept
    assert read(store, "misfit:x") == misfits


def test_the_type_holds_over_seals_and_batches(store: Store) -> None:
    for place, value in enumerate([None, "a", 1.0, "b"]):
        store.append([prediction(f"{place}", place, features={"x": value})])
        if place % 2:
            store.seal()
    assert read(store, "feature:x") == [None, "a", None, "b"]
    assert read(store, "misfit:x") == [None, None, "1.0", None]


def test_nan_is_missing_and_settles_no_type(store: Store) -> None:
    log(store, [float("nan"), "a", float("nan")])
    assert read(store, "feature:x") == [None, "a", None]
    assert "misfit:x" not in store.predictions("m").column_names


def test_large_integers_become_the_nearest_double(store: Store) -> None:
    log(store, [2**63 - 1, -(2**63), 2**53 + 1, 1])
    assert read(store, "feature:x") == [float(2**63), -float(2**63), float(2**53), 1.0]


def test_outputs_of_every_kind_have_their_columns(store: Store) -> None:
    store.append(
        [
            prediction("a", output={"spam": 0.9, "ham": 1}),
            prediction("b", output=0.5),
            prediction("c", output=["x", "y"]),
            prediction("d", output="spam"),
        ]
    )
    assert read(store, "output:spam") == [0.9, None, None, None]
    assert read(store, "output:ham") == [1.0, None, None, None]
    assert read(store, "output") == [None, 0.5, None, None]
    assert read(store, "misfit:output") == [None, None, '["x","y"]', '"spam"']


def test_a_feature_called_output_is_apart_from_the_output(store: Store) -> None:
    store.append([prediction("a", features={"output": 1.0}, output=1.0)])
    store.append([prediction("b", features={"output": "f"}, output="o")])
    assert read(store, "misfit:output") == [None, '"o"']
    assert read(store, "misfit:feature:output") == [None, '"f"']


def test_labels_may_be_booleans_and_numbers(store: Store) -> None:
    store.append([prediction(i) for i in "abcd"])
    store.append([outcome("a", 0), outcome("b", True)])
    table = pa.table({"prediction_id": ["c", "d"], "time": [START] * 2, "label": ["x", "y"]})
    store.append_table("m", "outcome", table)
    assert read(store, "label") == [0.0, 1.0, None, None]
    assert read(store, "misfit:label") == [None, None, '"x"', '"y"']


def test_boolean_labels_take_zero_and_one(store: Store) -> None:
    store.append([prediction(i) for i in "abcd"])
    store.append([outcome("a", True)])
    table = pa.table({"prediction_id": ["b", "c"], "time": [START] * 2, "label": [0, 2]})
    store.append_table("m", "outcome", table)
    store.append([outcome("d", 1)])
    assert read(store, "label") == [True, False, None, True]
    assert read(store, "misfit:label") == [None, None, "2.0", None]


def test_names_of_any_kind_survive(store: Store) -> None:
    names = ["a b", "ümlaut", "x:y", "'quoted'", '"double"', "per%cent", "new\nline", "sequence"]
    store.append([prediction("a", features=dict.fromkeys(names, 1.0), tags={"a/b": "c"})])
    for name in names:
        assert read(store, f"feature:{name}") == [1.0]
    assert read(store, "tag:a/b") == ["c"]
