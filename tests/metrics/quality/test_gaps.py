"""Gaps between groups: differences, ratios and what is not said."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality import Gap, QualityChoice, ScoredRows, measure_by_group

RECALL = QualityChoice(metrics=("recall",))


def shares(first: tuple[int, int], second: tuple[int, int]) -> tuple[ScoredRows, np.ndarray]:
    """Return rows of two groups, all positive, of which so many of so many are found."""
    found = [[1] * hits + [0] * (rows - hits) for hits, rows in (first, second)]
    rows = ScoredRows(
        task="binary",
        labels=np.ones(first[1] + second[1], dtype=int),
        predicted=np.array(found[0] + found[1]),
    )
    return rows, np.repeat([0, 1], [first[1], second[1]])


def gap_of(first: tuple[int, int], second: tuple[int, int]) -> Gap:
    rows, groups = shares(first, second)
    return measure_by_group(rows, groups, ["a", "b"], RECALL).gaps[0]


def test_a_difference_has_newcombes_interval() -> None:
    # R. G. Newcombe (1998), table II, method 10: 56/70 - 48/80, and 9/10 - 3/10.
    found = gap_of((56, 70), (48, 80))
    assert found.difference == pytest.approx(0.2)
    assert found.difference_low == pytest.approx(0.0524, abs=5e-5)
    assert found.difference_high == pytest.approx(0.3339, abs=5e-5)
    found = gap_of((9, 10), (3, 10))
    assert found.difference_low == pytest.approx(0.1705, abs=5e-5)
    assert found.difference_high == pytest.approx(0.8090, abs=5e-5)


def test_the_ratio_and_the_difference_agree_on_whether_there_is_a_gap() -> None:
    found = gap_of((56, 70), (48, 80))
    assert found.ratio == pytest.approx(0.8 / 0.6)
    assert found.ratio_low is not None
    assert found.ratio_high is not None
    assert 1.0 < found.ratio_low < 0.8 / 0.6 < found.ratio_high


def test_nothing_found_in_the_others_leaves_the_ratio_open() -> None:
    found = gap_of((5, 10), (0, 10))
    assert found.ratio is None
    assert found.difference_low is not None
    assert found.difference_low > 0


def test_rows_of_no_group_are_in_nobodys_others() -> None:
    rows, groups = shares((5, 10), (5, 10))
    groups[groups == 1] = -1
    found = measure_by_group(rows, groups, ["a", "b"], RECALL)
    assert [group.rows for group in found.groups] == [10, 0]
    assert found.gaps == ()


def test_groups_that_are_served_alike_have_gaps_around_zero() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 5000)
    rows = ScoredRows(
        task="binary", labels=labels, scores=np.clip(labels * 0.3 + rng.random(5000) * 0.7, 0, 1)
    )
    found = measure_by_group(rows, rng.integers(0, 2, 5000), ["a", "b"])
    held = [
        gap.difference_low <= 0 <= gap.difference_high
        for gap in found.gaps
        if gap.difference_low is not None and gap.difference_high is not None
    ]
    assert len(held) > 20
    assert np.mean(held) > 0.85
    assert {gap.group for gap in found.gaps} == {"a", "b"}


def test_each_row_needs_a_group() -> None:
    rows, groups = shares((1, 2), (1, 2))
    with pytest.raises(DataError, match="Expected 4 groups"):
        measure_by_group(rows, groups[:3], ["a", "b"])
