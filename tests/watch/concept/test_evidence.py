"""Bets are fair, and their evidence grows no faster than by one a row while nothing changes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.watch.concept.bets import STANDARDISED_RISES, WEIGHTS, make_bets
from watchkeeper.watch.concept.evidence import CHUNK, Evidence
from watchkeeper.watch.concept.reference import Reference


def test_weights_add_up_to_one() -> None:
    assert abs(sum(WEIGHTS) - 1.0) < 1e-12


@given(
    st.floats(1e-6, 1 - 1e-6), st.floats(0.0, 1.0), st.floats(1.0, 1e4), st.sampled_from([0.0, 1.0])
)
def test_no_row_takes_all_that_is_staked(
    centre: float, part: float, time: float, loss: float
) -> None:
    variance = max(part * centre * (1 - centre), 1e-9)
    bets = make_bets(centre, variance, time)
    for slope, cost in zip(bets.slopes, bets.costs, strict=True):
        assert 1 + slope * (loss - centre) - cost > 0.01


@given(st.floats(0.001, 0.999))
def test_for_errors_a_bet_is_the_likelihood_ratio(risk: float) -> None:
    bets = make_bets(risk, risk * (1 - risk), 1.0)
    rise = min(STANDARDISED_RISES[0] * np.sqrt(risk * (1 - risk)), 0.75 * (1 - risk))
    wrong, right = (1 + bets.slopes[0] * (loss - risk) for loss in (1.0, 0.0))
    assert np.isclose(wrong, (risk + rise) / risk)
    assert np.isclose(right, (1 - risk - rise) / (1 - risk))


def test_evidence_grows_by_one_a_row_on_average() -> None:
    rng = np.random.default_rng(1)
    bets = make_bets(0.3, 0.21, 1.0)
    ends = []
    for _ in range(20_000):
        grown, _ = Evidence.none().after((rng.random(CHUNK) < 0.3).astype(float), bets)
        ends.append(grown[15])
    assert abs(np.mean(ends) - 16) < 4 * np.std(ends) / np.sqrt(len(ends))


def test_dependence_is_measured_by_its_integrated_time() -> None:
    rng = np.random.default_rng(2)
    alone = Reference.of((rng.random(20_000) < 0.2).astype(float))
    assert alone.time == 1.0
    assert alone.doubt == 0.0
    # Runs of 10 equal rows: the variance of a sum is ten times that of as many independent rows.
    runs = Reference.of(np.repeat(rng.random(2_000) < 0.2, 10).astype(float))
    assert 8 < runs.time < 18
