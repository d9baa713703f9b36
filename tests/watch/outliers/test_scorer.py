"""Rows that do not belong are flagged, and the columns named that make them odd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watch.outliers.predictions import COLUMNS, USUAL, fitted, stored, usual
from watchkeeper.watch.outliers import OutlierColumn, OutlierScorer, RowScores


@pytest.fixture(scope="module")
def scorer() -> OutlierScorer:
    return fitted(usual(5_000))


def only(found: RowScores) -> tuple[float, bool, list[str]]:
    [score], [flagged], [columns] = found.scores, found.flagged, found.columns
    return float(score), bool(flagged), columns


def test_a_usual_row_is_no_outlier_and_names_nothing(scorer: OutlierScorer) -> None:
    score, flagged, columns = only(scorer.score(stored({})))
    assert (score < 0.8, flagged, columns) == (True, False, [])


@pytest.mark.parametrize("age", [140.0, -60.0, 1e300, -1e300, np.inf, -np.inf])
def test_a_number_beyond_all_seen_is_named(scorer: OutlierScorer, age: float) -> None:
    score, flagged, columns = only(scorer.score(stored({"age": age, "member": age > 40.0})))
    assert (score > 1.5, flagged, columns) == (True, True, ["age"])


def test_further_out_is_odder(scorer: OutlierScorer) -> None:
    scores = scorer.score(stored(*({"age": 80.0 + 10.0 * i} for i in range(30)))).scores
    assert np.all(np.diff(scores) >= 0) and scores[-1] > scores[0] + 1.0


def test_an_unseen_category_is_named(scorer: OutlierScorer) -> None:
    assert only(scorer.score(stored({"country": "atlantis"})))[1:] == (True, ["country"])


def test_columns_that_do_not_go_together_are_found_though_each_is_usual(
    scorer: OutlierScorer,
) -> None:
    rows = stored({"amount": 50.0, "income": 10.0}, {"amount": 50.0, "income": 50.0}, {"age": 20.0})
    found = scorer.score(rows)
    assert found.flagged.tolist() == [True, False, False]
    assert sorted(found.columns[0]) == ["amount", "income"]


def test_a_null_is_odd_only_where_there_never_was_one(scorer: OutlierScorer) -> None:
    found = scorer.score(stored({"age": None}, {"income": None}, {"country": None}))
    assert found.flagged.tolist() == [False, True, True]
    assert found.columns == [[], ["income"], ["country"]]


def test_nan_is_a_null(scorer: OutlierScorer) -> None:
    nan, null = (scorer.score(stored({"income": value})) for value in (np.nan, None))
    assert (nan.scores.tolist(), nan.columns) == (null.scores.tolist(), null.columns)


def test_a_missing_column_is_null_in_every_row(scorer: OutlierScorer) -> None:
    found = scorer.score(stored({}, {}).drop_columns(["feature:income"]))
    assert found.columns == [["income"], ["income"]]


def test_columns_nobody_knows_change_nothing(scorer: OutlierScorer) -> None:
    rows = usual(50, seed=1)
    more = rows.append_column("feature:new", pa.array(["?"] * 50))
    assert np.array_equal(scorer.score(more).scores, scorer.score(rows).scores)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", pa.array(["20"])),
        ("income", pa.array([True])),
        ("income", pa.array([[1.0]])),
        ("country", pa.array([1.0])),
        ("member", pa.array(["true"])),
        ("member", pa.array([b"\xff"])),
    ],
)
def test_a_value_of_another_type_is_named(
    scorer: OutlierScorer, name: str, values: pa.Array
) -> None:
    rows = stored({})
    place = rows.column_names.index(f"feature:{name}")
    assert only(scorer.score(rows.set_column(place, f"feature:{name}", values)))[1:] == (
        True,
        [name],
    )


def test_a_value_that_was_set_aside_as_of_another_type_is_named(scorer: OutlierScorer) -> None:
    rows = stored({}, {"income": None}).append_column(
        "misfit:feature:income", pa.array([None, '"much"'])
    )
    assert scorer.score(rows).columns == [[], ["income"]]


def test_whole_numbers_and_narrow_ones_are_read_as_numbers(scorer: OutlierScorer) -> None:
    want = scorer.score(stored({})).scores
    for kind in (pa.int32(), pa.float32(), pa.uint8()):
        rows = stored({name: int(USUAL[name]) for name in ("amount", "income", "age")}, age=kind)
        assert scorer.score(rows).scores == pytest.approx(want)


def test_no_rows_have_no_scores(scorer: OutlierScorer) -> None:
    for rows in (usual(0), pa.table({}), pa.table({"other": pa.array([], pa.null())})):
        found = scorer.score(rows)
        assert (found.scores.shape, found.flagged.shape, found.columns) == ((0,), (0,), [])


def test_what_always_was_the_same_is_odd_when_it_is_not() -> None:
    rows = usual(2_000).append_column("feature:unit", pa.array(["m"] * 2_000))
    rows = rows.append_column("feature:version", pa.array([3.0] * 2_000))
    columns = [
        *COLUMNS,
        OutlierColumn(
            name="unit", stored="feature:unit", misfit="m:unit", kind="text", is_number=False
        ),
        OutlierColumn(
            name="version", stored="feature:version", misfit="m:v", kind="number", is_number=True
        ),
    ]
    scorer = fitted(rows, columns)

    def seen(unit: str, version: float) -> Any:
        row = stored({}).append_column("feature:unit", pa.array([unit]))
        return only(scorer.score(row.append_column("feature:version", pa.array([version]))))[1:]

    assert seen("m", 3.0) == (False, [])
    assert seen("km", 3.0) == (True, ["unit"])
    assert seen("m", 4.0) == (True, ["version"])


def test_at_most_five_columns_are_told_the_strongest_first() -> None:
    random = np.random.default_rng(3)
    columns = [
        OutlierColumn(name=f"x{i}", stored=f"x{i}", misfit=f"m{i}", kind="number", is_number=True)
        for i in range(8)
    ]
    scorer = fitted(pa.table({f"x{i}": random.normal(size=2_000) for i in range(8)}), columns)
    row = pa.table({f"x{i}": [8.0 * 1.6**i] for i in range(8)})
    assert scorer.score(row).columns == [["x7", "x6", "x5", "x4", "x3"]]
