"""The joint test's p-values are those of the distances' true distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, pdtr, pdtrc

from watchkeeper.stats.joint_means import JointMeansTest, unskewed


def drawn(rng: np.random.Generator, count: int, trials: int) -> tuple[np.ndarray, np.ndarray]:
    loadings = rng.normal(size=(count, 3))
    covariance = loadings @ loadings.T + np.eye(count)
    scale = np.sqrt(np.diagonal(covariance))
    correlation = covariance / scale[:, None] / scale[None, :]
    return correlation, np.linalg.cholesky(correlation) @ rng.normal(size=(count, trials))


def test_p_values_of_nothing_are_at_most_as_small_as_they_say() -> None:
    correlation, distances = drawn(np.random.default_rng(0), 40, 20_000)
    blocks, families = [np.arange(25), np.arange(25, 40)], [np.arange(3), np.arange(3, 9)]
    p = JointMeansTest(correlation, blocks, families, rows=10_000).p_values(distances)
    for level in (0.1, 0.01, 0.001):
        rate = np.mean(p <= level)
        assert 0.3 * level < rate <= level + 4 * np.sqrt(level / len(p))


@pytest.mark.parametrize("where", ["all", "family", "one"])
def test_each_question_has_its_own_difference(where: str) -> None:
    correlation, distances = drawn(np.random.default_rng(1), 60, 200)
    test = JointMeansTest(correlation, [np.arange(60)], [np.arange(6)], rows=10_000)
    added = {
        "all": np.random.default_rng(2).normal(size=60) * 1.5,
        "family": np.where(np.arange(60) < 6, 3.0 * (-1.0) ** np.arange(60), 0.0),
        "one": np.where(np.arange(60) == 50, 6.0, 0.0),
    }[where]
    assert np.median(test.p_values(distances + added[:, None])) < 0.01


def test_without_features_there_is_nothing_to_find() -> None:
    test = JointMeansTest(np.eye(2), [np.zeros(0, np.int64)], [], rows=10)
    assert test.p_values(np.full((2, 1), 99.0)).tolist() == [1.0]


@pytest.mark.parametrize("expected", [5.0, 20.0, 100.0])
def test_a_rare_flag_has_the_tails_of_poisson(expected: float) -> None:
    deviations = np.array([-2.0, 2.0, 3.0, 4.0])
    count = np.round(expected + deviations * np.sqrt(expected))
    score = unskewed((count - expected) / np.sqrt(expected), np.full(4, expected**-0.5))
    tail = ndtr(-np.abs(score))
    upper, lower = pdtrc(count - 1, expected), pdtr(count, expected)
    assert np.all(tail[1:] < 1.1 * upper[1:])
    assert np.all(tail[1:] > 0.3 * upper[1:])
    assert 0.3 * lower[0] < tail[0] < 1.1 * lower[0]
    mirrored = unskewed((expected - count) / np.sqrt(expected), np.full(4, -(expected**-0.5)))
    assert mirrored == pytest.approx(-score)
