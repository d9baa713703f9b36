"""What holds for the scores of every table, whatever is in it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watch.outliers.predictions import COLUMNS, fitted, usual
from watchkeeper.watch.outliers import (
    OutlierColumn,
    OutlierScorer,
    fit_outliers,
    scorer_from_bytes,
    scorer_to_bytes,
)

NAMES = [column.name for column in COLUMNS]
NUMBERS = st.none() | st.floats() | st.integers(-5, 60).map(float)
TEXTS = st.none() | st.sampled_from(["ch", "de", "fr", "x" * 300]) | st.text(max_size=3)
BOOLEANS = st.none() | st.booleans()
VALUES = (
    (NUMBERS, pa.float64()),
    (NUMBERS, pa.float32()),
    (TEXTS, pa.string()),
    (TEXTS, pa.large_string()),
    (BOOLEANS, pa.bool_()),
    (st.none() | st.integers(-(2**63), 2**63 - 1), pa.int64()),
    (st.none(), pa.null()),
    (st.none() | st.lists(st.integers(0, 3)), pa.list_(pa.int64())),
)


@st.composite
def tables(draw: st.DrawFn, own_types: bool = False) -> pa.Table:
    """Tables with any of the columns and others, of their own types or of any."""
    rows = draw(st.integers(0, 12))
    own = {"country": VALUES[2], "member": VALUES[4]}
    found = {}
    for name in draw(st.lists(st.sampled_from([*NAMES, "other"]), unique=True)):
        picked = own.get(name, VALUES[0]) if own_types else draw(st.sampled_from(VALUES))
        values, kind = picked
        found[f"feature:{name}"] = pa.array(
            draw(st.lists(values, min_size=rows, max_size=rows)), kind
        )
        if draw(st.booleans()):
            set_aside = st.lists(st.none() | st.just('"?"'), min_size=rows, max_size=rows)
            found[f"misfit:feature:{name}"] = pa.array(draw(set_aside), pa.string())
    return pa.table(found)


@pytest.fixture(scope="module")
def scorer() -> OutlierScorer:
    return fitted(usual(1_000))


@given(table=tables())
@settings(max_examples=60, deadline=None)
def test_scores_are_finite_and_only_outliers_name_columns(
    scorer: OutlierScorer, table: pa.Table
) -> None:
    found = scorer.score(table)
    assert len(found.scores) == len(found.columns) == (table.num_rows if table.num_columns else 0)
    assert np.all(np.isfinite(found.scores)) and np.all(found.scores >= 0)
    assert [bool(columns) for columns in found.columns] == found.flagged.tolist()
    assert all(set(columns) <= set(NAMES) and len(columns) <= 5 for columns in found.columns)


@given(table=tables(), random=st.randoms(use_true_random=False), size=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_row_has_the_same_score_whatever_rows_are_beside_it(
    scorer: OutlierScorer, table: pa.Table, random: np.random.Generator, size: int
) -> None:
    whole = scorer.score(table)
    order = list(range(table.num_rows))
    random.shuffle(order)
    for begin in range(0, len(order), size):
        some = order[begin : begin + size]
        part = scorer.score(table.take(some))
        assert part.scores.tolist() == whole.scores[some].tolist()
        assert part.columns == [whole.columns[row] for row in some]


def test_rows_of_a_large_batch_score_as_they_do_one_by_one() -> None:
    random = np.random.default_rng(2)
    columns = [
        OutlierColumn(name=f"x{i}", stored=f"x{i}", misfit=f"m{i}", kind="number", is_number=True)
        for i in range(140)
    ]
    rows = pa.table({f"x{i}": random.normal(size=1_200) for i in range(140)})
    scorer = fitted(rows, columns)
    whole = scorer.score(rows).scores
    for size in (1, 7, 500):
        some = scorer.score(rows.slice(600, size)).scores
        assert some.tolist() == whole[600 : 600 + size].tolist()


@given(reference=tables(own_types=True), table=tables())
@settings(max_examples=30, deadline=None)
def test_what_is_learned_from_any_rows_survives_being_kept(
    reference: pa.Table, table: pa.Table
) -> None:
    rows = reference.num_rows
    many = reference.take([i % rows for i in range(100)]) if rows else usual(100)
    scorer = fit_outliers(many, COLUMNS)
    assert scorer is not None
    again = scorer_from_bytes(scorer_to_bytes(scorer))
    want, found = scorer.score(table), again.score(table)
    assert found.scores.tolist() == want.scores.tolist()
    assert found.columns == want.columns
    assert np.all(np.isfinite(found.scores))
