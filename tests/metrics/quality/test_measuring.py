"""What measure() says, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.metrics.quality import METRICS, QualityChoice, ScoredRows, chosen, measure


def binary(labels: list[int], scores: list[float]) -> ScoredRows:
    return ScoredRows(task="binary", labels=np.array(labels), scores=np.array(scores))


def test_no_rows_say_nothing() -> None:
    for found in measure(binary([], [])):
        assert (found.value, found.low, found.high, found.rows) == (None, None, None, 0)
        assert found.unsaid == "There is no labelled prediction."


def test_a_score_that_is_no_number_is_named_by_its_row() -> None:
    with pytest.raises(DataError, match=r"scores\[1\] is nan"):
        binary([0, 1], [0.5, float("nan")])


def test_scores_and_labels_must_be_equally_many() -> None:
    with pytest.raises(DataError, match="Expected 2 scores"):
        binary([0, 1], [0.5])


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'accuracy'"):
        chosen("binary", QualityChoice(metrics=("acuracy",)))


def test_a_metric_of_another_task_is_refused() -> None:
    with pytest.raises(SettingsError, match="the task is binary"):
        chosen("binary", QualityChoice(metrics=("mae",)))


def test_cost_needs_a_matrix() -> None:
    with pytest.raises(SettingsError, match="cost_matrix"):
        chosen("binary", QualityChoice(metrics=("cost",)))
    assert "cost" not in chosen("binary", QualityChoice())


def test_metrics_come_in_one_order() -> None:
    names = chosen("binary", QualityChoice(metrics=("recall", "accuracy")))
    assert names == ("accuracy", "recall")
    assert list(METRICS).index("accuracy") < list(METRICS).index("recall")


def test_the_interval_holds_the_value() -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 50)
    rows = ScoredRows(task="binary", labels=labels, scores=rng.random(50))
    for found in measure(rows):
        if found.value is not None:
            assert found.low is not None
            assert found.high is not None
            assert found.low <= found.value <= found.high
