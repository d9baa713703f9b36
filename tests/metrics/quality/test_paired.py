"""Two models on the same rows: differences as they are, intervals that use the pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import DataError
from watchkeeper.metrics.quality import (
    QualityChoice,
    ScoredRows,
    measure,
    measure_paired,
)


def binary(rng: np.random.Generator, rows: int, noise: float) -> tuple[ScoredRows, ScoredRows]:
    """Return a model, and one that differs from it by noise, on the same rows."""
    scores = rng.random(rows)
    labels = (rng.random(rows) < scores).astype(float)
    other = np.clip(scores + rng.normal(0, noise, rows), 0.001, 0.999)
    return (
        ScoredRows(task="binary", labels=labels, scores=scores),
        ScoredRows(task="binary", labels=labels, scores=other),
    )


def test_values_are_those_of_each_and_the_difference_is_theirs() -> None:
    one, two = binary(np.random.default_rng(1), 500, 0.1)
    first, second = ({m.name: m.value for m in measure(rows)} for rows in (one, two))
    for found in measure_paired(one, two):
        assert (found.first, found.second) == (first[found.name], second[found.name])
        if found.difference is not None:
            assert found.first is not None and found.second is not None
            assert found.difference == pytest.approx(found.second - found.first)


def test_pairs_see_what_separate_intervals_hide() -> None:
    one, two = binary(np.random.default_rng(2), 2_000, 0.1)
    [found] = measure_paired(one, two, QualityChoice(metrics=("brier",)))
    assert found.low is not None and found.high is not None
    [first], [second] = (measure(rows, QualityChoice(metrics=("brier",))) for rows in (one, two))
    assert first.high is not None and second.low is not None
    assert found.low > 0.0  # worse for sure
    assert first.high > second.low  # by themselves they overlap


def test_intervals_of_differences_hold() -> None:
    choice = QualityChoice(metrics=("roc_auc", "log_loss", "accuracy"))
    rng = np.random.default_rng(3)
    truth = measure_paired(*binary(np.random.default_rng(4), 200_000, 0.2), choice)
    held = np.zeros(3)
    runs = 300
    for _ in range(runs):
        for at, found in enumerate(measure_paired(*binary(rng, 300, 0.2), choice)):
            wanted = truth[at].difference
            assert found.low is not None and found.high is not None and wanted is not None
            held[at] += found.low <= wanted <= found.high
    assert (held / runs > 0.92).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_the_other_way_round_is_the_negative(seed: int, rows: int) -> None:
    one, two = binary(np.random.default_rng(seed), rows, 0.3)
    for there, back in zip(measure_paired(one, two), measure_paired(two, one), strict=True):
        if there.difference is None:
            assert back.difference is None
            continue
        assert back.difference == pytest.approx(-there.difference, abs=1e-12)
        if there.low is not None:
            assert back.high == pytest.approx(-there.low, abs=1e-9)


def test_rows_of_another_number_are_refused() -> None:
    one, two = binary(np.random.default_rng(5), 10, 0.1)
    with pytest.raises(DataError, match="expected the same rows of both; got 10 of binary and 5"):
        measure_paired(one, two.at(np.arange(5)))
