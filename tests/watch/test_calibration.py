"""Scores are standard normal when nothing changed, whatever the tails."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.watch.calibration import Calibration, calibrate


def learned(errors: np.ndarray) -> Calibration:
    ones = np.ones(errors.shape)
    return calibrate(
        errors,
        ones,
        np.ones(errors.shape[1]),
        np.ones(errors.shape[1]),
        np.zeros(errors.shape[1], dtype=np.intp),
    )


def scores(calibration: Calibration, errors: np.ndarray) -> np.ndarray:
    standardised = errors / calibration.deviation(np.ones(errors.shape[1]))
    more = np.zeros(errors.shape[1])
    return np.array([calibration.normal_scores(row, more=more) for row in standardised])


@pytest.mark.parametrize("buckets", [20, 60, 400])
def test_normal_errors_give_normal_scores(buckets: int) -> None:
    random = np.random.default_rng(buckets)
    calibration = learned(random.normal(size=(buckets, 200)))
    z = scores(calibration, random.normal(size=(200, 200)))
    assert abs(z.mean()) < 0.03
    assert 0.85 < z.std() < 1.03
    # Exponential moments are what the evidence rests on.
    for size in (0.6, 1.4, 3.0):
        assert np.exp(size * z - size**2 / 2).mean() < 1.1


def test_heavy_tails_give_no_excess_of_large_scores() -> None:
    random = np.random.default_rng(3)
    calibration = learned(random.standard_t(4, size=(300, 100)))
    z = scores(calibration, random.standard_t(4, size=(400, 100)))
    assert (z > 3).mean() < 3 * 0.00135
    assert np.exp(1.4 * z - 0.98).mean() < 1.1


def test_a_score_is_never_rarer_than_the_reference_can_tell() -> None:
    calibration = learned(np.random.default_rng(4).normal(size=(30, 3)))
    z = calibration.normal_scores(np.array([50.0, -50.0, 0.0]), more=np.zeros(3))
    assert 3.0 < z[0] < 4.8
    assert z[1] == -z[0]
    assert z[2] == 0


def test_a_bucket_with_fewer_rows_may_wander_more() -> None:
    random = np.random.default_rng(5)
    calibration = learned(random.normal(size=(200, 20)))
    usual = calibration.deviation(np.ones(20))
    assert (calibration.deviation(np.full(20, 4.0)) > 1.5 * usual).all()


def test_streams_never_seen_are_borne() -> None:
    errors = np.random.default_rng(6).normal(size=(30, 4))
    errors[:, 2] = np.nan
    calibration = learned(errors)
    assert np.isfinite(calibration.variance).all()
    assert calibration.count.tolist() == [30, 30, 0, 30]
