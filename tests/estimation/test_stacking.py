from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from watchkeeper.estimation.calibration import log_odds
from watchkeeper.estimation.label_model import fit_label_model
from watchkeeper.estimation.stacking import fit_stack

from .populations import drawn


def _rows(count: int, *, said: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log odds that a score stands for, what inputs add, and labels."""
    score, added = np.random.default_rng(count).standard_normal((2, count))
    labels = (np.random.default_rng(1).random(count) < expit(score + added)).astype(float)
    return said * score, added, labels


def test_what_holds_on_unseen_rows_is_followed_in_full() -> None:
    found = fit_stack(*_rows(20_000))
    assert found.trust == pytest.approx(1.0, abs=0.1)
    assert found.slope == pytest.approx(1.0, abs=0.1)


def test_what_adds_nothing_on_unseen_rows_is_not_followed() -> None:
    score, added, labels = _rows(20_000)
    noise = np.random.default_rng(3).permutation(added)
    assert fit_stack(score, noise, labels).trust < 0.1


def test_a_score_that_is_too_sure_is_held_back() -> None:
    assert fit_stack(*_rows(20_000, said=2.0)).slope == pytest.approx(0.5, abs=0.05)


def test_with_few_rows_what_inputs_add_counts_for_less() -> None:
    assert fit_stack(*_rows(100)).trust < 0.7 * fit_stack(*_rows(20_000)).trust


def test_a_label_model_is_not_surer_than_unseen_rows_bear_out() -> None:
    population = drawn(7, 1_200)
    scores, labels = population.rows.scores[:, 1], (population.labels == 1).astype(float)
    fitted = fit_label_model(scores, labels, population.rows.inputs)
    odds = log_odds(fitted.out_of_fold)
    again = fit_stack(odds, np.zeros(len(odds)), labels)
    assert again.slope == pytest.approx(1.0, abs=0.1)
    unseen = drawn(8, 4_000)
    said = fitted.model.chances(unseen.rows.scores[:, 1], unseen.rows.inputs).mean(axis=0)
    assert np.mean(said) == pytest.approx(unseen.labels.mean(), abs=0.03)
