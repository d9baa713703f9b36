"""Evidence that may be looked at after every bucket keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from watchkeeper.stats import cusum, e_bh, e_value, tilt


@pytest.mark.parametrize(
    ("p", "expected"), [(0.001, 20.7911), (0.01, 4.4510), (0.1, 1.2632), (0.5, 0.6387), (1.0, 0.5)]
)
def test_known_e_values(p: float, expected: float) -> None:
    assert e_value(np.array(p)) == pytest.approx(expected, abs=1e-4)


def test_an_e_value_has_mean_one_when_p_is_uniform() -> None:
    # In ln p, since the integrand grows without bound at 0 and its tail there is long:
    # the integral of e(p) from 0 to q is (q - 1) / ln q.
    q = 1e-6
    rest, _ = quad(lambda t: float(e_value(np.exp(t))) * np.exp(t), np.log(q), 0.0, limit=200)
    assert rest + (q - 1.0) / np.log(q) == pytest.approx(1.0, abs=1e-8)


@given(st.floats(-1e-3, -1e-7))
def test_an_e_value_is_smooth_near_one(log_p: float) -> None:
    expected = 0.5 - log_p / 6.0 + log_p**2 / 24.0
    assert float(e_value(np.exp(log_p))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("size", [0.1, 0.6, 1.4, 3.0])
def test_a_tilt_has_mean_one_under_the_normal(size: float) -> None:
    mean, _ = quad(
        lambda z: np.exp(tilt(np.array(z), np.array(size))) * norm.pdf(z), -12, 12 + size
    )
    assert mean == pytest.approx(1.0, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=12))
def test_cusum_is_the_best_explanation_over_all_starts(factors: list[tuple[float, float]]) -> None:
    evidence = np.array([-np.inf])
    begun = -1
    for i, (first, later) in enumerate(factors):
        evidence, restarted = cusum(evidence, np.array([first]), np.array([later]))
        begun = i if restarted[0] else begun
    by_start = [
        factors[s][0] + sum(later for _, later in factors[s + 1 :]) for s in range(len(factors))
    ]
    assert evidence[0] == pytest.approx(max(by_start), abs=1e-9)
    assert by_start[begun] == pytest.approx(max(by_start), abs=1e-9)


def test_more_detectors_selected_at_a_looser_level() -> None:
    values = np.array([1000.0, 30.0, 12.0, 0.5])
    assert e_bh(values, 0.01).tolist() == [True, False, False, False]
    assert e_bh(values, 0.2).tolist() == [True, True, True, False]
    assert e_bh(values, 1.0).tolist() == [True, True, True, False]


def test_nothing_is_selected_from_nothing() -> None:
    assert e_bh(np.array([0.0, 0.9, 3.0]), 0.05).tolist() == [False, False, False]
    assert e_bh(np.zeros(0), 0.05).tolist() == []


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=20), st.floats(0.01, 1.0))
def test_e_bh_follows_its_definition(values: list[float], level: float) -> None:
    e = np.array(values)
    n = len(e)
    ranked = np.sort(e)[::-1]
    passing = [k for k in range(1, n + 1) if ranked[k - 1] * k >= n / level]
    most = max(passing, default=0)
    chosen = e_bh(e, level)
    assert chosen.sum() == most
    if 0 < most < n:
        assert e[chosen].min() >= e[~chosen].max()


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [50.0, 200.0])
def test_mean_time_to_a_false_alarm_is_at_least_the_threshold(threshold: float) -> None:
    runs, sizes = 400, np.array([0.6, 1.4, 3.0, -0.6, -1.4, -3.0])
    random = np.random.default_rng(7)
    evidence = np.full((runs, len(sizes)), -np.inf)
    alarm = np.zeros(runs)
    horizon = int(12 * threshold)
    for bucket in range(1, horizon + 1):
        step = tilt(random.normal(size=(runs, 1)), sizes)
        evidence, _ = cusum(evidence, step, step)
        fired = (np.exp(evidence).mean(axis=1) >= threshold) & (alarm == 0)
        alarm[fired] = bucket
    mean = np.where(alarm == 0, horizon, alarm).mean()
    assert mean >= threshold
