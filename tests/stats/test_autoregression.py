"""Memory of series is found where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from watchkeeper.stats import Autoregression, fit_autoregression, push

Floats = NDArray[np.float64]


def series(coefficients: tuple[float, ...], length: int, count: int, seed: int = 1) -> Floats:
    random = np.random.default_rng(seed)
    noise = random.normal(size=(length + 200, count))
    values = np.zeros_like(noise)
    for t in range(len(values)):
        past = sum(c * values[t - k - 1] for k, c in enumerate(coefficients) if t > k)
        values[t] = past + noise[t]
    kept: Floats = values[200:]
    return kept


def all_seen(values: Floats) -> NDArray[np.bool_]:
    return np.ones(values.shape, dtype=np.bool_)


@pytest.mark.parametrize("coefficients", [(0.7,), (0.9,), (0.5, 0.3), (1.2, -0.4)])
def test_a_memory_is_recovered(coefficients: tuple[float, ...]) -> None:
    values = series(coefficients, 3000, 6)
    model = fit_autoregression(values, all_seen(values), most_order=6)
    found = np.median(model.coefficients, axis=0)[: len(coefficients)]
    assert found == pytest.approx(np.array(coefficients), abs=0.06)
    assert np.median(model.coefficients.sum(axis=1)) == pytest.approx(sum(coefficients), abs=0.05)


def test_white_series_get_no_memory() -> None:
    values = np.random.default_rng(2).normal(size=(300, 200))
    model = fit_autoregression(values, all_seen(values), most_order=5)
    assert (model.coefficients != 0).any(axis=1).mean() < 0.05
    assert np.median(model.gain) == 1.0


def test_gain_is_what_a_lasting_shift_still_shows() -> None:
    values = series((0.8,), 4000, 4)
    model = fit_autoregression(values, all_seen(values), most_order=4)
    assert model.gain == pytest.approx(np.full(4, 0.2), abs=0.05)
    assert (model.growth[:, 1:] >= model.growth[:, :-1]).all()
    assert model.growth[:, 0] == pytest.approx(np.ones(4))
    # The variance of a forecast far ahead is that of the series itself.
    assert model.growth[:, -1] == pytest.approx(np.full(4, 1 / (1 - 0.64)), rel=0.25)


def test_innovations_are_the_noise() -> None:
    values = series((0.8,), 2000, 3)
    model = fit_autoregression(values, all_seen(values), most_order=3)
    errors = model.innovations(values, all_seen(values))[1:]
    assert errors.std(axis=0) == pytest.approx(np.ones(3), abs=0.08)
    later, earlier = errors[1:].ravel(), errors[:-1].ravel()
    assert abs(np.corrcoef(later, earlier)[0, 1]) < 0.06


def test_gaps_are_bridged_and_what_follows_them_is_scaled() -> None:
    values = series((0.9,), 4000, 3)
    seen = all_seen(values)
    seen[np.random.default_rng(0).random(len(values)) < 0.3] = False
    model = fit_autoregression(np.where(seen, values, np.nan), seen, most_order=3)
    assert model.coefficients.sum(axis=1) == pytest.approx(np.full(3, 0.9), abs=0.05)
    errors = model.innovations(np.where(seen, values, 0.0), seen)
    assert np.isnan(errors[~seen]).all()
    after_gap = seen[1:] & ~seen[:-1]
    spread = np.nanstd(errors[1:][after_gap]) / np.nanstd(errors[1:][seen[1:] & seen[:-1]])
    assert spread == pytest.approx(1.0, abs=0.12)


def test_push_moves_lags_by_one() -> None:
    lags = np.array([[1.0, 2.0, 3.0]])
    assert push(lags, np.array([9.0])).tolist() == [[9.0, 1.0, 2.0]]


def test_a_constant_series_and_a_short_one_are_borne() -> None:
    values = np.zeros((10, 2))
    model = fit_autoregression(values, all_seen(values), most_order=5)
    assert isinstance(model, Autoregression)
    assert (model.coefficients == 0).all()
    short = fit_autoregression(np.ones((2, 1)), np.ones((2, 1), dtype=np.bool_), most_order=5)
    assert np.isfinite(short.growth).all()


def test_series_without_a_value_are_borne() -> None:
    values = series((0.5,), 100, 2)
    seen = all_seen(values)
    seen[:, 1] = False
    model = fit_autoregression(values, seen, most_order=3)
    assert np.isfinite(model.coefficients).all()
    assert model.coefficients[1].tolist() == [0.0, 0.0, 0.0]


def nights(seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Hours of 90 days, none seen from 23 to 5; days differ, mornings and evenings most."""
    random = np.random.default_rng(seed)
    hour = np.tile(np.arange(24), 90)
    spread = np.where((hour < 7) | (hour > 21), 3.0, 0.7)[:, None]
    day = np.repeat(random.normal(size=(90, 20)), 24, axis=0)
    values = spread * (0.8 * day + 0.4 * random.normal(size=(len(hour), 20)))
    seen = np.repeat(((hour >= 5) & (hour < 23))[:, None], 20, axis=1)
    return np.where(seen, values - values.mean(axis=0), 0.0), seen


@pytest.mark.parametrize("seed", range(3))
def test_lags_that_gaps_make_contradict_one_another_are_not_believed(seed: int) -> None:
    values, seen = nights(seed)
    model = fit_autoregression(values, seen, most_order=26)
    errors = model.innovations(values, seen)
    assert (np.nanstd(errors, axis=0) < values.std(axis=0, where=seen)).all()
    assert model.growth.max() < 20


@pytest.mark.parametrize("seed", range(3))
def test_every_memory_fades(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.cumsum(random.normal(size=(120, 50)), axis=0)
    values = values - values.mean(axis=0)
    model = fit_autoregression(values, all_seen(values), most_order=12)
    lags = np.ones_like(model.coefficients)
    for _ in range(20_000):
        lags = push(lags, model.forecast(lags))
    assert np.abs(lags).max() < 1.0
