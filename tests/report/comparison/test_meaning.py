from __future__ import annotations

import numpy as np
import pytest

from report.comparison.columns import category_column, number_column
from report.comparison.comparisons import quiet
from watchkeeper.report.comparison.meaning import meanings

RNG = np.random.default_rng(8)
SKEWED = RNG.lognormal(0, 0.5, 5_000)
NORMAL = RNG.normal(10, 2, 5_000)


@pytest.mark.parametrize(
    ("factor", "words"), [(1000.0, "a factor of 1,000"), (0.01, "a factor of 100"), (1.3, "")]
)
def test_a_change_of_unit_is_suspected(factor: float, words: str) -> None:
    found = " ".join(meanings(number_column("x", SKEWED, SKEWED * factor, drifted=True)))
    assert ("the unit may have changed" in found) == bool(words)
    assert words in found


def test_new_nulls_point_to_a_source() -> None:
    column = number_column("x", NORMAL, NORMAL, nulls=(0.0, 0.2), drifted=True)
    assert "Values are missing that were there" in meanings(column)[0]
    gone = number_column("x", NORMAL, NORMAL, nulls=(0.0, 0.999), drifted=True)
    assert "No value comes any more" in meanings(gone)[0]


def test_values_that_replace_others_may_be_renamed() -> None:
    column = category_column("x", {"a": 60, "b": 40}, {"a": 61, "bee": 39}, drifted=True)
    assert "renamed" in meanings(column)[0]
    new = category_column("x", {"a": 60, "b": 40}, {"a": 60, "b": 40, "c": 20}, drifted=True)
    assert "17 % of the rows have a value that the reference never had" in meanings(new)[0]
    gone = category_column("x", {"a": 60, "b": 40}, {"a": 60}, drifted=True)
    assert any("came no more" in one for one in meanings(gone))


def test_a_level_that_moves_is_told_from_a_spread_that_grows() -> None:
    level = meanings(number_column("x", NORMAL, NORMAL + 1, drifted=True))
    assert any("The level moved and the spread stayed" in one for one in level)
    spread = meanings(number_column("x", NORMAL, 10 + 1.6 * (NORMAL - 10), drifted=True))
    assert any("the spread is wider" in one for one in spread)


def test_a_constant_column_may_be_stuck() -> None:
    column = number_column("x", NORMAL, np.full(500, 10.0), drifted=True)
    assert any("the feed may be stuck" in one for one in meanings(column))


def test_nothing_is_made_of_nothing() -> None:
    assert meanings(next(iter(quiet().columns.values()))) == []
