from __future__ import annotations

import numpy as np

from watchkeeper.stats import fit_boosted_trees


def test_an_interaction_that_the_offset_leaves_out_is_found() -> None:
    rng = np.random.default_rng(0)
    bins = rng.integers(0, 32, size=(3, 8_000)).astype(np.uint8)
    chance = np.where((bins[0] > 15) & (bins[1] > 15), 0.8, 0.2)
    target = (rng.random(8_000) < chance).astype(np.float64)
    fitted = fit_boosted_trees(bins, target, np.zeros(8_000), train=np.arange(8_000) < 6_000)
    best = fitted.trees.first(int(np.argmin(fitted.held_out_loss)))
    found = 1.0 / (1.0 + np.exp(-best.predict(bins)))
    assert np.mean(np.abs(found - chance)) < 0.04


def test_an_offset_that_says_all_is_hardly_improved_on_held_out_rows() -> None:
    rng = np.random.default_rng(1)
    bins = rng.integers(0, 32, size=(3, 8_000)).astype(np.uint8)
    offset = rng.normal(size=8_000)
    target = (rng.random(8_000) < 1.0 / (1.0 + np.exp(-offset))).astype(np.float64)
    fitted = fit_boosted_trees(bins, target, offset, train=np.arange(8_000) < 6_000)
    assert fitted.held_out_loss[0] - fitted.held_out_loss.min() < 0.002


def test_poisson_trees_find_a_mean_that_multiplies_whatever_the_law() -> None:
    rng = np.random.default_rng(2)
    bins = rng.integers(0, 32, size=(2, 12_000)).astype(np.uint8)
    mean = np.exp((bins[0] > 15) * 1.0 + (bins[1] > 7) * 0.5)
    target = mean * (rng.random(12_000) < 0.25) * 4.0  # three in four are 0
    fitted = fit_boosted_trees(
        bins, target, np.zeros(12_000), train=np.arange(12_000) < 9_000, loss="poisson"
    )
    best = fitted.trees.first(int(np.argmin(fitted.held_out_loss)))
    assert np.mean(np.abs(best.predict(bins) - np.log(mean))) < 0.1
