"""What a classifier told is held against what came, whatever its task."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.metrics.quality import (
    QualityChoice,
    ScoredRows,
    measure,
    probabilities_of,
    probability_curve,
)


def several_classes(seed: int, rows: int) -> ScoredRows:
    random = np.random.default_rng(seed)
    scores = random.dirichlet(np.ones(4), rows)
    return ScoredRows(task="multiclass", labels=random.integers(0, 4, rows), scores=scores)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_the_curve_of_several_classes_adds_up_to_the_calibration_error(
    seed: int, rows: int
) -> None:
    drawn = several_classes(seed, rows)
    [error] = measure(drawn, QualityChoice(metrics=("calibration_error",), bins=10))
    curve = probability_curve(drawn, 10)
    assert sum(one.rows for one in curve) == rows
    off = sum(one.rows * abs(one.predicted - one.observed) for one in curve) / rows
    assert off == pytest.approx(error.value, abs=1e-12)
    assert all(one.observed_low <= one.observed <= one.observed_high for one in curve)


def test_every_label_of_a_row_counts_and_they_belong_together() -> None:
    random = np.random.default_rng(1)
    scores = np.repeat(random.random((300, 1)), 5, axis=1)
    labels = np.repeat(random.random((300, 1)) < scores[:, :1], 5, axis=1).astype(np.int64)
    several = ScoredRows(task="multilabel", labels=labels, scores=scores)
    alone = ScoredRows(task="binary", labels=labels[:, 0], scores=scores[:, 0])
    for five, one in zip(probability_curve(several, 5), probability_curve(alone, 5), strict=True):
        assert five.rows == 5 * one.rows
        assert five.observed == pytest.approx(one.observed)
        # Five labels that always go together say no more than one of them.
        assert five.observed_high - five.observed_low > 0.9 * (one.observed_high - one.observed_low)


def test_classes_alone_and_numbers_tell_no_probabilities() -> None:
    classes = ScoredRows(task="multiclass", labels=np.array([0, 1]), predicted=np.array([0, 1]))
    numbers = ScoredRows(task="regression", labels=np.ones(2), scores=np.ones(2))
    assert probabilities_of(classes) is None
    assert probability_curve(numbers, 10) == ()
