from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.comparison.columns import category_column, column_of, number_column
from watchkeeper.comparison import ColumnComparison, ColumnQuality, Summary
from watchkeeper.report.charts import cells_of, distribution_chart, distribution_spark, shares_chart

RNG = np.random.default_rng(9)


def binned(
    edges: list[float], reference: list[int], current: list[int], nulls: float = 0.0
) -> ColumnComparison:
    rows = [round(sum(side) / (1 - nulls)) for side in (reference, current)]
    one, two = (Summary(rows=size, null_ratio=nulls, misfit_ratio=0.0) for size in rows)
    labels = tuple(str(i) for i in range(len(reference)))
    return column_of(
        "x",
        "number",
        labels,
        tuple(edges),
        (np.array(reference), np.array(current)),
        quality=ColumnQuality(reference=one, current=two),
        means=None,
        moved=0.1,
        drifted=False,
        inconclusive=False,
        message="",
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.floats(-1e9, 1e9), st.integers(-50, 10**6).map(float)),
        min_size=2,
        max_size=70,
        unique=True,
    ),
    st.data(),
)
def test_no_row_is_lost_whatever_the_bins(edges: list[float], data: st.DataObject) -> None:
    edges = sorted(edges)
    counts = st.lists(
        st.integers(0, 10**6), min_size=len(edges) + 1, max_size=len(edges) + 1
    ).filter(any)
    reference, current = data.draw(counts), data.draw(counts)
    column = binned(edges, reference, current)
    cells = cells_of(column)
    # Cells set apart are left out when they hold next to nothing.
    assert sum(cell.reference for cell in cells.everything) == pytest.approx(1, abs=0.003)
    assert sum(cell.current for cell in cells.everything) == pytest.approx(1, abs=0.003)
    assert all(0 <= cell.reference <= 1.000001 for cell in cells.everything)
    assert len(cells.everything) <= 90
    assert all(-1e-6 <= tick.at <= len(cells.main) + 1e-6 for tick in cells.ticks)
    for drawn in (
        distribution_chart(cells, key="k", title="t", description="d"),
        distribution_spark(cells, description="d"),
    ):
        assert "nan" not in drawn
        assert "inf" not in drawn


def test_nulls_count_among_the_rows() -> None:
    cells = cells_of(binned([0.0, 1.5, 4.25], [0, 40, 40, 0], [0, 40, 40, 0], nulls=0.2))
    assert sum(cell.current for cell in cells.main) == pytest.approx(0.8)
    assert [(cell.label, cell.current) for cell in cells.after] == [("null", 0.2)]


def test_whole_numbers_are_drawn_value_by_value() -> None:
    edges = [0.0, 1.0, 2.0, 3.0, 5.0, math.nextafter(5.0, math.inf)]
    cells = cells_of(binned(edges, [0, 10, 30, 30, 3, 2, 0], [0, 5, 30, 30, 9, 2, 9]))
    assert [cell.label for cell in cells.main] == ["0", "1", "2", "3 to 4", "5", "6"]
    assert not cells.joined


def test_many_whole_numbers_share_spans_evenly() -> None:
    ages = RNG.integers(18, 90, 50_000).astype(float)
    cells = cells_of(number_column("age", ages, ages))
    assert cells.scale == "linear"
    assert cells.main[0].label == "18 to 19"
    # Each span holds two of 72 values; no comb of full and empty spans.
    shares = [cell.reference for cell in cells.main]
    assert max(shares) < 1.5 * min(shares)


def test_skewed_positive_numbers_have_a_logarithmic_axis() -> None:
    skewed = RNG.lognormal(3, 1.8, 20_000)
    assert cells_of(number_column("x", skewed, skewed)).scale == "logarithmic"
    assert cells_of(number_column("x", skewed - 1e3, skewed - 1e3)).scale == "linear"


def test_an_outlier_does_not_squeeze_the_picture() -> None:
    values = np.append(RNG.normal(0, 1, 20_000), 1e6)
    cells = cells_of(number_column("x", values, values))
    assert sum(cell.reference > 0.01 for cell in cells.main) > 10


def test_what_lies_beyond_the_reference_is_set_apart() -> None:
    values = RNG.normal(0, 1, 5_000)
    cells = cells_of(number_column("x", values, values + 100))
    assert cells.after[0].label.startswith("above ")
    assert cells.after[0].current == pytest.approx(1)


def test_many_categories_keep_the_common_and_the_changed() -> None:
    one = {f"v{i}": 1000 - i for i in range(300)}
    two = {**one, "v200": 5_000}
    cells = cells_of(category_column("x", one, two))
    labels = [cell.label for cell in cells.main]
    assert labels[0] == "v0"
    assert "v200" in labels
    assert labels[-1] == "290 other values"
    assert "290 other values" in shares_chart(cells, key="k", title="t", description="d")


def test_pooled_and_unseen_values_are_named_in_words() -> None:
    rows = {"a": 50, "(rare 1)": 10, "(rare 2)": 10}
    cells = cells_of(category_column("x", rows, {"a": 50, "b": 30}))
    assert [cell.label for cell in cells.main] == ["a", "rare values", "new values"]


def test_where_most_values_are_rare_the_most_frequent_are_named() -> None:
    column = category_column(
        "x", {"(rare 1)": 500, "(rare 2)": 500}, {"(rare 1)": 700, "(rare 2)": 300}
    )
    tops = {"reference": {"a": 40, "b": 30, "c": 20}, "current": {"a": 200, "c": 25}}
    quality = msgspec.structs.replace(
        column.quality,
        missing_values=("b",),
        **{
            side: msgspec.structs.replace(
                getattr(column.quality, side), top=top, distinct=2_000, unseen_ratio=0.0
            )
            for side, top in tops.items()
        },
    )
    cells = cells_of(msgspec.structs.replace(column, quality=quality))
    assert [(cell.label, cell.reference, cell.current) for cell in cells.main] == [
        ("a", 0.04, 0.2),
        ("b", 0.03, 0.0),
        ("c", 0.02, 0.025),
        ("other rare values", pytest.approx(0.91), pytest.approx(0.775)),
    ]


def test_a_column_without_any_value_is_drawn() -> None:
    cells = cells_of(binned([], [0], [0]))
    assert "nan" not in distribution_chart(cells, key="k", title="t", description="d")
