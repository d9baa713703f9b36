"""At most the promised share of unseen rows like the reference's are outliers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watch.outliers.predictions import COLUMNS, fitted, stored, usual
from watchkeeper.watch.outliers import (
    LEAST_ROWS,
    OUTLIER_SHARE,
    OutlierColumn,
    fit_outliers,
    scorer_to_bytes,
)
from watchkeeper.watch.outliers.limits import limit


def test_too_few_rows_or_no_columns_are_too_little_to_say() -> None:
    assert fit_outliers(usual(LEAST_ROWS - 1), COLUMNS) is None
    assert fit_outliers(usual(LEAST_ROWS), ()) is None
    assert fitted(usual(LEAST_ROWS)).rows == LEAST_ROWS


def test_few_rows_tell_what_is_far_out() -> None:
    found = fitted(usual(LEAST_ROWS)).score(stored({}, {"age": 300.0}, {"country": "atlantis"}))
    assert [columns[:1] for columns in found.columns] == [[], ["age"], ["country"]]


@pytest.mark.parametrize(("rows", "references"), [(200, 20), (1_000, 8), (20_000, 2)])
def test_of_unseen_usual_rows_about_one_in_a_thousand_is_an_outlier(
    rows: int, references: int
) -> None:
    # From few rows the share is a guess that varies; its mean is what is promised.
    shares = [
        fitted(usual(rows, seed=10 + number)).score(usual(20_000, seed=100 + number)).flagged.mean()
        for number in range(references)
    ]
    assert 0.1 * OUTLIER_SHARE <= np.mean(shares) <= 1.5 * OUTLIER_SHARE


def test_another_share_can_be_asked_for() -> None:
    scorer = fit_outliers(usual(10_000), COLUMNS, share=0.05)
    assert scorer is not None
    share = scorer.score(usual(20_000, seed=1)).flagged.mean()
    assert 0.025 <= share <= 0.055 and 0.05 <= scorer.share <= 0.051


@pytest.mark.parametrize("rows", [300, 3_000, 100_000])
def test_a_share_of_further_scores_reaches_the_limit(rows: int) -> None:
    random = np.random.default_rng(5)
    further = np.abs(random.normal(size=400_000))
    limits = [limit(np.abs(random.normal(size=rows)), 0.0005) for _ in range(10)]
    reached = np.mean([(further >= one).mean() for one in limits])
    assert 0.0002 <= reached <= 0.0006


def test_outliers_that_nobody_marked_do_not_hide_others() -> None:
    rows = usual(2_000)
    spoilt = stored(*[{"age": 500.0}] * 10)
    scorer = fitted(pa.concat_tables([rows, spoilt]))
    assert scorer.score(stored({"income": 1e6, "amount": 1e6})).flagged.tolist() == [True]


def test_equal_rows_are_no_outliers_and_any_other_is() -> None:
    scorer = fitted(stored(*[{}] * 1_000))
    found = scorer.score(stored({}, {"age": 80.0}, {"member": True}))
    assert found.columns == [[], ["age"], ["member"]]


def test_a_column_whose_values_are_nearly_all_different_makes_no_row_odd() -> None:
    column = OutlierColumn(name="id", stored="id", misfit="m", kind="text", is_number=False)
    scorer = fitted(pa.table({"id": [f"id-{i}" for i in range(2_000)]}), [column])
    found = scorer.score(pa.table({"id": ["id-1", "never-seen", "id-1999"]}))
    assert found.flagged.tolist() == [False] * 3


def test_categories_that_are_stored_as_numbers_are_told_apart() -> None:
    column = OutlierColumn(name="code", stored="code", misfit="m", kind="number", is_number=False)
    scorer = fitted(pa.table({"code": [1.0, 2.5, 7.0] * 700}), [column])
    found = scorer.score(pa.table({"code": [1.0, 2.5, 7.0, 4.0, np.nan, None]}))
    assert found.flagged.tolist() == [False, False, False, True, True, True]


def test_a_hundred_columns_are_kept_in_less_than_200_kilobytes() -> None:
    random = np.random.default_rng(1)
    columns = [
        OutlierColumn(
            name=f"c{i}",
            stored=f"c{i}",
            misfit=f"m{i}",
            kind="number" if i < 80 else "text",
            is_number=i < 80,
        )
        for i in range(100)
    ]
    data = {f"c{i}": random.lognormal(size=500) for i in range(80)}
    data |= {f"c{i}": [f"shop {n}" for n in random.zipf(1.5, 500)] for i in range(80, 100)}
    assert len(scorer_to_bytes(fitted(pa.table(data), columns))) < 200_000
