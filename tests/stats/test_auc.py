"""The AUC is Mann-Whitney's within folds; its interval is as wide as it must be."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.stats.auc import FoldScores, fold_auc


def fold(reference: list[float], current: list[float]) -> FoldScores:
    return FoldScores(reference=np.array(reference), current=np.array(current))


def test_ties_count_half_and_folds_are_not_mixed() -> None:
    one, other = fold([1, 2], [2, 3]), fold([101, 102], [101, 103])
    assert fold_auc([one]).auc == 0.875
    assert fold_auc([one, other]).auc == (0.875 + 0.625) / 2


def test_the_variance_is_delongs() -> None:
    # E. R. DeLong et al. (1988), their equation for one curve, computed here from the definition.
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=300), rng.normal(0.8, 2, size=500)
    kernel = (current[:, None] > reference[None, :]).astype(float)
    variance = kernel.mean(axis=1).var(ddof=1) / 500 + kernel.mean(axis=0).var(ddof=1) / 300
    found = fold_auc([FoldScores(reference=reference, current=current)])
    assert found.auc == pytest.approx(kernel.mean())
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(np.sqrt(variance), rel=0.05)


@pytest.mark.parametrize(("rows", "low"), [(10, 0.78), (100, 0.98)])
def test_perfect_separation_still_has_an_interval(rows: int, low: float) -> None:
    found = fold_auc([fold(list(range(rows)), list(range(rows, 2 * rows)))])
    assert (found.auc, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(low, abs=0.02)


def test_scores_that_are_all_equal_say_nothing() -> None:
    found = fold_auc([fold([0.0] * 20, [0.0] * 20)])
    assert found.auc == 0.5
    assert found.low < 0.4 < 0.6 < found.high


def test_the_interval_is_wider_where_the_classifier_is_noise() -> None:
    rng = np.random.default_rng(1)
    folds = [FoldScores(reference=rng.normal(size=50), current=rng.normal(size=50)) for _ in "123"]
    folds = [FoldScores(reference=f.reference, current=f.current + 1) for f in folds]
    firm, noise = fold_auc(folds, kept_ratio=1.0), fold_auc(folds, kept_ratio=0.0)
    assert noise.high - noise.low > 1.2 * (firm.high - firm.low)
