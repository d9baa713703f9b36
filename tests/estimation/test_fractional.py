from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from watchkeeper.estimation.fractional import BINARY_METRICS, roc_auc


@pytest.mark.parametrize("seed", range(5))
def test_metrics_of_known_labels_equal_scikit_learns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(200) < 0.3).astype(float)
    scores = np.round(rng.uniform(0.01, 0.99, 200), 2)  # with ties
    answered = (scores > 0.5).astype(float)
    expected = {
        "roc_auc": sk.roc_auc_score(y, scores),
        "accuracy": sk.accuracy_score(y, answered),
        "precision": sk.precision_score(y, answered),
        "recall": sk.recall_score(y, answered),
        "specificity": sk.recall_score(1 - y, 1 - answered),
        "f_beta": sk.fbeta_score(y, answered, beta=2.0),
        "brier": sk.brier_score_loss(y, scores),
        "log_loss": sk.log_loss(y, scores),
    }
    for name, value in expected.items():
        found = BINARY_METRICS[name](y, scores, answered, 2.0).value
        assert found == pytest.approx(value), name


@given(st.integers(0, 1_000), st.sampled_from(sorted(BINARY_METRICS)))
def test_derivatives_by_label_are_those_of_small_steps(seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    chances = rng.uniform(0.1, 0.9, 12)
    scores = np.round(rng.uniform(0.05, 0.95, 12), 1)
    answered = np.arange(12) % 2 * 1.0
    found = BINARY_METRICS[name](chances, scores, answered, 1.0)
    for row in range(3):
        moved = chances.copy()
        moved[row] += 1e-6
        slope = (BINARY_METRICS[name](moved, scores, answered, 1.0).value - found.value) / 1e-6
        assert slope == pytest.approx(found.by_label[row], abs=1e-4)


def test_expected_auc_is_the_mean_over_labels_drawn_by_their_chances() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random(400)
    chances = 0.2 + 0.6 * scores
    drawn = [
        roc_auc((rng.random(400) < chances).astype(float), scores, scores).value
        for _ in range(2_000)
    ]
    assert roc_auc(chances, scores, scores).value == pytest.approx(np.mean(drawn), abs=0.002)


def test_what_is_not_defined_is_not_a_number() -> None:
    none = np.zeros(5)
    assert np.isnan(BINARY_METRICS["precision"](none, none, none, 1.0).value)
    assert np.isnan(BINARY_METRICS["roc_auc"](none, none, none, 1.0).value)
