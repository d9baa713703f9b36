"""The area under the ROC curve of cross-fitted scores, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.stats.score_ranks import ScoreRanks
from watchkeeper.stats.wilson import wilson

Floats = NDArray[np.float64]

_TRUST = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Auc:
    """An area under the ROC curve, 0 to 1, and its interval at 95 %."""

    auc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldScores:
    """Scores of the rows of one fold, by a classifier that was fitted on the other folds."""

    reference: Floats
    current: Floats


def fold_auc(folds: Sequence[FoldScores], *, kept_ratio: float = 1.0) -> Auc:
    """Return the mean AUC within folds: the chance that a current row scores above a reference row.

    Only rows of one fold are compared, since the scores of two classifiers have no common scale.
    Ties count half. The variance is DeLong's within folds. The interval is Wilson's, for as many
    rows as that variance is worth; where hardly any row is on the wrong side the variance cannot
    be seen and Hanley and McNeil's stands in.

    Parameters
    ----------
    folds
        Each with at least one row of each side.
    kept_ratio
        Part of the distance between the sides' mean scores in the rows fitted on that is still
        there in the rows tested on, 0 to 1. The rest of the classifiers is noise, and classifiers
        fitted on one another's test rows share their noise: were it all, the variance of
        their mean would double.

    References
    ----------
    E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44; J. A. Hanley,
    B. J. McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143;
    R. G. Newcombe (2006), Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic, Statistics in Medicine 25.

    Examples
    --------
    >>> fold = FoldScores(reference=np.array([1.0, 2.0]), current=np.array([2.0, 3.0]))
    >>> fold_auc([fold]).auc
    0.875
    """
    aucs, spread_current, spread_reference = [], 0.0, 0.0
    rows_current = sum(len(fold.current) for fold in folds)
    rows_reference = sum(len(fold.reference) for fold in folds)
    for fold in folds:
        above, below = _placements(fold)
        aucs.append(float(above.mean()))
        spread_current += float(np.sum((above - above.mean()) ** 2))
        spread_reference += float(np.sum((below - below.mean()) ** 2))
    auc = float(np.mean(aucs))
    variance = spread_current / max(rows_current - len(folds), 1) / rows_current
    variance += spread_reference / max(rows_reference - len(folds), 1) / rows_reference
    limits = auc_worth(auc, rows_current, rows_reference)
    worth = limits.likely
    if variance > 0:
        worth = min(auc * (1.0 - auc) / variance, limits.most)
    # A part kept that chance may have made is not believed.
    strength = (auc - 0.5) ** 2 * worth * 4.0
    believed = kept_ratio * (1.0 - min(4.0 / strength, 1.0)) if strength > 0 else 0.0
    low, high = wilson(auc, max(worth, 1.0) / (2.0 - believed))
    return Auc(auc=auc, low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class AucWorth:
    """How many independent rows an AUC's variance is worth: likely, and at most."""

    likely: float
    most: float


def auc_worth(auc: float, positives: int, negatives: int) -> AucWorth:
    """Return what Hanley and McNeil's variance of an AUC is worth, as rows of a share.

    DeLong's variance cannot be seen where hardly any row is on the wrong side; there it is not
    believed beyond ``most``.

    Parameters
    ----------
    auc
        Area under the ROC curve, 0 to 1.
    positives, negatives
        Rows of each side, above 0.

    References
    ----------
    J. A. Hanley, B. J. McNeil (1982), The meaning and use of the area under a ROC curve,
    Radiology 143.

    Examples
    --------
    >>> round(auc_worth(0.9, 50, 50).likely)
    87
    """
    size = 2.0 * positives * negatives / (positives + negatives)
    shrunk = (auc * size + 0.5) / (size + 1.0)
    likely = shrunk * (1.0 - shrunk) / _hanley_mcneil(shrunk, positives, negatives)
    errors = min(shrunk, 1.0 - shrunk) * size
    return AucWorth(likely=likely, most=likely * (1.0 + errors / _TRUST))


def _placements(fold: FoldScores) -> tuple[Floats, Floats]:
    """Return each current row's part of the reference below it, and the other way around."""
    current = np.arange(len(fold.current) + len(fold.reference)) < len(fold.current)
    ranks = ScoreRanks.of(np.concatenate((fold.current, fold.reference)), current)
    above, below = (ranks.per_row(part) for part in ranks.placements())
    return above[current], below[~current]


def _hanley_mcneil(auc: float, first: int, second: int) -> float:
    half = (first + second) / 2.0 - 1.0
    curve = (1.0 - auc) / (2.0 - auc) + auc / (1.0 + auc)
    return auc * (1.0 - auc) * (1.0 + half * curve) / (first * second)
