"""Variances borrow from one another as far as they agree."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import polygamma, psi

from watchkeeper.stats import moderate


def test_equal_variances_become_one() -> None:
    result = moderate(np.full(20, 2.0), np.full(20, 6.0))
    assert np.ptp(result.variance) == 0
    assert result.degrees.min() > 1000


def test_a_single_variance_stays_as_it_is() -> None:
    result = moderate(np.array([2.0]), np.array([6.0]))
    assert result.variance.tolist() == [2.0]
    assert result.degrees.tolist() == [6.0]


def test_numbers_are_those_of_smyth() -> None:
    variance = np.array([0.1, 0.5, 1.0, 2.0, 4.0, 30.0])
    degrees = np.array([4.0, 4.0, 4.0, 4.0, 4.0, 4.0])
    # Smyth 2004, section 6.2: e_g = z_g - psi(d_g/2) + log(d_g/2), and the two moment equations.
    e = np.log(variance) - psi(degrees / 2) + np.log(degrees / 2)
    n = len(e)
    right = np.mean((e - e.mean()) ** 2 * n / (n - 1) - polygamma(1, degrees / 2))
    result = moderate(variance, degrees)
    prior = result.degrees[0] - degrees[0]
    assert polygamma(1, prior / 2) == pytest.approx(right, rel=1e-6)
    centre = np.exp(e.mean() + psi(prior / 2) - np.log(prior / 2))
    expected = (prior * centre + degrees * variance) / (prior + degrees)
    assert result.variance == pytest.approx(expected, rel=1e-9)


def test_the_more_is_known_the_less_is_borrowed() -> None:
    variance = np.array([0.2, 1.0, 1.0, 5.0])
    few = moderate(variance, np.full(4, 3.0)).variance
    many = moderate(variance, np.full(4, 3000.0)).variance
    assert abs(many[3] - 5.0) < 0.01 < abs(few[3] - 5.0)


def test_the_prior_of_drawn_variances_is_found() -> None:
    random = np.random.default_rng(3)
    true = 2.0 * 8 / random.chisquare(8, size=4000)
    sample = true * random.chisquare(5, size=4000) / 5
    result = moderate(sample, np.full(4000, 5.0))
    assert result.degrees[0] - 5 == pytest.approx(8, rel=0.15)
    assert np.mean((result.variance - true) ** 2) < 0.6 * np.mean((sample - true) ** 2)
