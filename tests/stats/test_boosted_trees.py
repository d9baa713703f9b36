from __future__ import annotations

import numpy as np

from watchkeeper.stats import Boosting, fit_boosted_trees


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


def test_trees_go_on_past_the_best_number_as_far_as_they_are_told_to() -> None:
    rng = np.random.default_rng(2)
    bins = rng.integers(0, 32, size=(2, 2_000)).astype(np.uint8)
    target = (bins[0] > 15) + rng.normal(size=2_000)
    for ratio in (0.0, 1.0):
        how = Boosting(rate=0.2, patience=5, patience_ratio=ratio)
        fitted = fit_boosted_trees(
            bins, target, np.zeros(2_000), train=rng.random(2_000) < 0.7, loss="squared", how=how
        )
        best = int(np.argmin(fitted.held_out_loss))
        assert best > 5
        assert len(fitted.trees.columns) - best == max(5, ratio * best)
