"""Where rows say little: one class, constant scores, perfect predictions, one row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.metrics.quality import (
    METRICS,
    QualityChoice,
    ScoredRows,
    ScoreOrder,
    calibration_curve,
    lift_curve,
    measure,
)

from .draws import binary_rows, found_in, multiclass_rows, multilabel_rows, regression_rows

ANY_ROWS = st.one_of(binary_rows(), multiclass_rows(), multilabel_rows(), regression_rows())


def binary(labels: list[int], scores: list[float]) -> ScoredRows:
    return ScoredRows(task="binary", labels=np.array(labels), scores=np.array(scores))


@settings(max_examples=300, deadline=None)
@given(ANY_ROWS, st.booleans())
def test_a_value_lies_in_its_interval_and_the_interval_in_its_bounds(
    rows: ScoredRows, repeated: bool
) -> None:
    if repeated:
        rows = ScoredRows(
            task=rows.task,
            labels=rows.labels,
            scores=rows.scores,
            entities=np.arange(len(rows)) // 3,
        )
    for found in measure(rows):
        if found.value is None:
            assert (found.low, found.high) == (None, None)
            assert found.unsaid
            continue
        assert found.unsaid is None
        low = -math.inf if found.low is None else found.low
        high = math.inf if found.high is None else found.high
        assert low <= found.value + 1e-9
        assert found.value <= high + 1e-9
        if METRICS[found.name].unit == "ratio":
            assert 0.0 <= low <= high <= 1.0


def test_constant_scores_order_nothing() -> None:
    found = found_in(binary([0, 1] * 20, [0.3] * 40))
    assert found["roc_auc"].value == 0.5
    low, high = found["roc_auc"].low, found["roc_auc"].high
    assert low is not None
    assert high is not None
    assert low < 0.4 < 0.6 < high
    assert found["mcc"].value is None
    assert found["precision"].unsaid == "The class was never predicted."


def test_a_perfect_score_is_not_certain() -> None:
    found = found_in(binary([0] * 20 + [1] * 20, [0.0] * 20 + [1.0] * 20))
    for name in ("roc_auc", "pr_auc", "accuracy", "mcc", "f_beta", "recall"):
        low = found[name].low
        assert found[name].value == 1.0
        assert low is not None
        assert 0.5 < low < 0.98
    for name in ("brier", "calibration_error"):
        high = found[name].high
        assert found[name].value == 0.0
        assert high is not None
        assert 0.02 < high < 0.2


def test_only_classes_give_no_metric_of_probabilities() -> None:
    rows = ScoredRows(task="binary", labels=np.array([0, 1]), predicted=np.array([0, 1]))
    found = found_in(rows)
    assert found["accuracy"].value == 1.0
    assert found["roc_auc"].unsaid == "Only classes were predicted, no probabilities."


def test_the_served_class_counts_not_the_threshold() -> None:
    rows = ScoredRows(
        task="binary",
        labels=np.array([0, 1]),
        scores=np.array([0.6, 0.4]),
        predicted=np.array([0, 1]),
    )
    assert found_in(rows)["accuracy"].value == 1.0


def test_cost_is_counted_by_the_owners_matrix() -> None:
    choice = QualityChoice(cost_matrix=((0.0, 1.0), (10.0, -2.0)))
    found = found_in(binary([0, 0, 1, 1], [0.1, 0.9, 0.1, 0.9]), choice)["cost"]
    assert found.value == (0.0 + 1.0 + 10.0 - 2.0) / 4
    with pytest.raises(SettingsError, match="must have 2 lines"):
        found_in(binary([0, 1], [0.1, 0.9]), QualityChoice(cost_matrix=((0.0,),)))


def test_mape_is_not_said_of_zeros() -> None:
    rows = ScoredRows(task="regression", labels=np.array([0.0, 1.0]), scores=np.array([0.0, 2.0]))
    found = found_in(rows)
    assert found["mape"].value is None
    assert found["smape"].value == pytest.approx(1 / 3)


def test_r2_needs_values_that_differ() -> None:
    rows = ScoredRows(task="regression", labels=np.array([2.0, 2.0]), scores=np.array([1.0, 2.0]))
    assert found_in(rows)["r2"].value is None


def test_a_class_without_a_column_of_scores_is_refused() -> None:
    with pytest.raises(DataError, match="There are 2 classes"):
        measure(
            ScoredRows(
                task="multiclass", labels=np.array([0, 2]), scores=np.array([[0.5, 0.5]] * 2)
            )
        )


def test_lift_takes_an_equal_part_of_rows_that_tie() -> None:
    order = ScoreOrder(np.array([0.5] * 10), np.array([1.0] * 4 + [0.0] * 6))
    (point,) = lift_curve(order, [0.3])
    assert point.lift == pytest.approx(1.0)
    assert point.low < 1.0 < point.high
    assert lift_curve(ScoreOrder(np.array([0.5]), np.array([0.0])), [0.3]) == ()


def test_the_calibration_curve_counts_what_came_true() -> None:
    scores = np.array([0.05] * 10 + [0.95] * 10 + [1.0])
    labels = np.array([0.0] * 9 + [1.0] * 12)
    low, high = calibration_curve(scores, labels, 10)
    assert (low.low, low.high, low.rows, low.observed) == (0.0, 0.1, 10, 0.1)
    assert (high.low, high.high, high.rows, high.observed) == (0.9, 1.0, 11, 1.0)
    assert low.predicted == pytest.approx(0.05)
    assert low.observed_low < 0.1 < low.observed_high < high.observed_low
