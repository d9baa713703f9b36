"""Sudden, incremental and gradual rises are told apart by their course."""

import numpy as np
import pytest

from watchkeeper.watch.concept import Course, Reference, find_onset, kind_of_rise

N = 6_000


def _course(rates: np.ndarray, seed: int) -> Course:
    errors = (np.random.default_rng(seed).random(len(rates)) < rates).astype(float)
    course = Course.none()
    for chunk in errors[: len(errors) // 64 * 64].reshape(-1, 64):
        course.add(64, float(chunk.sum()), float((chunk**2).sum()))
    return course


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("sudden", np.full(N, 0.4)),
        ("incremental", np.linspace(0.1, 0.6, N)),
        ("gradual", np.where(np.arange(N) // 1_000 % 2 == 0, 0.6, 0.1)),
    ],
)
def test_the_kind_of_a_rise_is_told(kind: str, after: np.ndarray) -> None:
    reference = Reference.of((np.random.default_rng(0).random(20_000) < 0.1).astype(float))
    found = []
    for seed in range(10):
        course = _course(np.concatenate([np.full(10_000, 0.1), after]), seed)
        onset = find_onset(course, rises=True)
        assert onset is not None
        found.append(kind_of_rise(course, onset, reference))
    assert found.count(kind) >= 8, found


def test_the_onset_is_found_within_a_few_hundred_rows() -> None:
    for seed in range(5):
        course = _course(np.repeat([0.1, 0.3], [20_000, 2_000]), seed)
        onset = find_onset(course, rises=True)
        assert onset is not None
        assert abs(onset.rows - 2_000) < 300
        assert onset.total / onset.rows == pytest.approx(0.3, abs=0.05)


def test_a_fall_has_no_onset_of_a_rise() -> None:
    course = _course(np.repeat([0.9, 0.0], [640, 640]), 1)
    assert find_onset(course, rises=True) is None
    assert find_onset(course, rises=False) is not None
