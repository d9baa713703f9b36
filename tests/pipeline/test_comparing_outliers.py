"""A comparison tells how many rows are unlike all that the reference has."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper import compare
from watchkeeper.comparison import OutlierComparison
from watchkeeper.pipeline import profile_table


def rows(seed: int, *, mirrored: int = 0, heights: float = 170.0) -> pa.Table:
    """Return people whose weight follows their height; of the first so many it does not."""
    rng = np.random.default_rng(seed)
    height = rng.normal(heights, 8.0, 4_000)
    weight = 0.9 * (height - 100.0) + rng.normal(0.0, 3.0, len(height))
    weight[:mirrored] = 0.9 * (240.0 - height[:mirrored])
    city = rng.choice(["Rome", "Oslo", "Lima"], len(height))
    return pa.table({"height": height, "weight": weight, "city": city})


def outliers(current: pa.Table) -> OutlierComparison:
    found = compare(rows(1), current).comparison.outliers
    assert found is not None
    return found


def test_rows_whose_columns_do_not_go_together_are_counted_and_named() -> None:
    # Nearly as many as are mirrored: those of middling height go together either way.
    found = outliers(rows(2, mirrored=200))
    assert found.risen and 0.01 < found.low <= found.current_ratio <= found.high < 0.06
    assert {one.column for one in found.columns[:2]} == {"height", "weight"}
    report = compare(rows(1), rows(2, mirrored=200))
    assert "unlike the reference's" in report.markdown()
    assert 'id="outliers"' in report.html()


def test_values_that_were_never_there_are_outliers() -> None:
    table = rows(3)
    city = ["Atlantis", *table.column("city").to_pylist()[1:]]
    table = table.set_column(2, "city", pa.array(city))
    assert outliers(table).current_ratio >= 1 / 4_000


@pytest.mark.parametrize("seed", range(4, 12))
def test_rows_like_the_reference_are_no_news(seed: int) -> None:
    found = outliers(rows(seed))
    assert not found.risen
    assert found.current_ratio < 0.005
    assert "Outliers" not in compare(rows(1), rows(seed)).markdown()


def test_a_saved_profile_has_no_rows_to_tell_outliers_by() -> None:
    profile = profile_table(rows(1))
    assert compare(profile, rows(2)).comparison.outliers is None
    assert compare(rows(1), rows(2), joint=False).comparison.outliers is None
