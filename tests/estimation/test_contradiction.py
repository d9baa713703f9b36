from __future__ import annotations

import numpy as np

from watchkeeper.estimation.contradiction import label_p_value


def test_p_values_of_labels_drawn_by_their_chances_are_below_a_level_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    below = 0
    for seed in range(400):
        chances = rng.dirichlet([5.0, 1.0, 0.5], size=20)
        slopes = rng.normal(size=(20, 3))
        labels = (rng.random(20)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
        below += label_p_value(labels, chances, slopes, seed=seed) < 0.1
    assert 22 <= below <= 60  # 40 expected, 3 standard errors of 6


def test_a_dozen_right_answers_do_not_contradict_an_accuracy_of_95_percent() -> None:
    rng = np.random.default_rng(1)
    right = rng.uniform(0.93, 0.97, 12)
    chances = np.column_stack([1.0 - right, right])
    slopes = np.tile([0.0, 1.0 / 12], (12, 1))
    assert label_p_value(np.ones(12, np.int64), chances, slopes) > 0.3


def test_a_dozen_wrong_answers_do() -> None:
    chances = np.tile([0.05, 0.95], (12, 1))
    slopes = np.tile([0.0, 1.0 / 12], (12, 1))
    assert label_p_value(np.zeros(12, np.int64), chances, slopes) < 0.01
