from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from watchkeeper.errors import UsageError
from watchkeeper.stats import (
    chi_square,
    distances,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    l_infinity,
    ordered_distances,
    psi,
    total_variation,
    wasserstein,
)

DISTANCES = [
    psi,
    jensen_shannon,
    hellinger,
    kolmogorov_smirnov,
    chi_square,
    total_variation,
    l_infinity,
]
pairs = st.integers(1, 12).flatmap(
    lambda bins: st.tuples(
        *[st.lists(st.integers(0, 1000), min_size=bins, max_size=bins).filter(any)] * 2
    )
)


@given(pairs)
def test_every_distance_is_zero_for_equal_distributions_and_never_below(pair):
    expected, observed = map(np.array, pair)
    for measure in DISTANCES:
        assert measure(expected, 3 * expected) == pytest.approx(0, abs=1e-7)
        assert measure(expected, observed) >= 0
    assert wasserstein(expected, observed, np.arange(len(expected))) >= 0


@given(pairs)
def test_bounded_distances_stay_within_one_and_agree_with_each_other(pair):
    e, o = pair
    tv = total_variation(e, o)
    assert l_infinity(e, o) <= tv + 1e-12 <= 1 + 1e-12
    assert kolmogorov_smirnov(e, o) <= tv + 1e-12
    # Le Cam: H^2 <= TV <= H sqrt(2 - H^2).
    h = hellinger(e, o)
    assert h**2 - 1e-9 <= tv <= h * math.sqrt(2 - h**2) + 1e-9
    # Lin (1991), theorem 3: the divergence is at most the total variation, in bits.
    assert jensen_shannon(e, o) ** 2 <= tv + 1e-9


@given(pairs)
def test_distances_agree_with_scipy(pair):
    e, o = map(np.array, pair)
    places = np.arange(len(e)) ** 2.0
    assert jensen_shannon(e, o) == pytest.approx(distance.jensenshannon(e, o, 2), abs=1e-7)
    assert wasserstein(e, o, places) == pytest.approx(
        stats.wasserstein_distance(places, places, e, o), abs=1e-9
    )
    if e.min() > 0:
        assert chi_square(e, o, floor=0) == pytest.approx(
            stats.chisquare(o, e / e.sum() * o.sum()).statistic, rel=1e-9, abs=1e-9
        )


def test_psi_by_hand():
    # (0.1-0.2)ln(0.5) + (0.3-0.2)ln(1.5) + (0.6-0.6)ln(1)
    assert psi([20, 20, 60], [10, 30, 60]) == pytest.approx(0.1 * math.log(2) + 0.1 * math.log(1.5))


def test_psi_of_disjoint_bins_is_finite():
    assert psi([1, 0], [0, 1]) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4))


def test_hellinger_by_hand():
    # 1 - BC, BC = sqrt(.36*.1) + sqrt(.48*.5) + sqrt(.16*.4)
    overlap = math.sqrt(0.036) + math.sqrt(0.24) + math.sqrt(0.064)
    assert hellinger([36, 48, 16], [10, 50, 40]) == pytest.approx(math.sqrt(1 - overlap))


def test_disjoint_distributions_are_at_distance_one():
    for measure in (jensen_shannon, hellinger, kolmogorov_smirnov, total_variation, l_infinity):
        assert measure([1, 0], [0, 5]) == pytest.approx(1)


def test_chi_square_of_mendels_peas():
    # G. Mendel (1866): 315, 108, 101, 32 seeds against 9:3:3:1 give 0.470 (many textbooks).
    assert chi_square([9, 3, 3, 1], [315, 108, 101, 32]) == pytest.approx(0.470, abs=5e-4)


def test_wasserstein_of_a_shift_is_the_shift():
    assert wasserstein([1, 2, 1, 0], [0, 1, 2, 1], [5, 8, 11, 14]) == pytest.approx(3)


@pytest.mark.parametrize("bad", [[], [0, 0], [1, -1], [math.nan, 1], [math.inf, 1], [[1, 2]]])
def test_what_is_no_distribution_is_refused(bad):
    for measure in DISTANCES:
        with pytest.raises(UsageError):
            measure(bad, bad)


def test_other_bins_are_refused():
    with pytest.raises(UsageError, match="same bins"):
        psi([1, 2], [1, 2, 3])
    with pytest.raises(UsageError, match="one position per bin"):
        wasserstein([1, 2], [1, 2], [1.0])


@given(st.lists(pairs, min_size=1, max_size=5))
def test_many_at_once_are_each_by_itself(many):
    width = max(len(expected) for expected, _ in many) + 2
    before, after, places = np.zeros((3, len(many), width))
    for row, (expected, observed) in enumerate(many):
        before[row, : len(expected)], after[row, : len(expected)] = expected, observed
        places[row] = np.minimum(np.arange(width), len(expected) - 1)
    plain = distances(before, after, after.sum(axis=1))
    ordered = ordered_distances(before, after, places)
    for row, (expected, observed) in enumerate(many):
        for measure in (psi, jensen_shannon, hellinger, chi_square, total_variation, l_infinity):
            one = getattr(plain, measure.__name__)[row]
            assert one == pytest.approx(measure(expected, observed), abs=1e-9)
        earth = wasserstein(expected, observed, np.arange(len(expected)))
        assert ordered.wasserstein[row] == pytest.approx(earth, abs=1e-9)
        largest = kolmogorov_smirnov(expected, observed)
        assert ordered.kolmogorov_smirnov[row] == pytest.approx(largest, abs=1e-9)
