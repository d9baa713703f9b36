"""The loss to expect of a prediction, by the prediction and what the model saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.column_bins import ColumnBins, fit_column_bins, place_all
from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.label_model import FOLDS
from watchkeeper.stats import BoostedTrees, Boosting, Fitted, fit_boosted_trees

Floats = NDArray[np.float64]

# Of a mean over many rows chance goes out, and what was held back does not: the trees that are
# best for single rows are too few.
_TIMES, _LEAST_TREES = 2, 10
_HOW = Boosting(
    trees=200,
    depth=5,
    rate=0.15,
    penalty=10.0,
    least_weight=20.0,
    patience=60,
    patience_ratio=_TIMES - 1.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossMember:
    """What was learnt on all folds but one, of losses divided by a unit.

    Attributes
    ----------
    offset
        The mean loss.
    """

    is_signed: bool
    unit: float
    offset: float
    bins: tuple[ColumnBins, ...]
    trees: BoostedTrees

    def expected(self, inputs: Inputs) -> Floats:
        """Return the expected loss of each row."""
        found = self.offset + self.trees.predict(place_all(self.bins, inputs))
        return np.asarray(self.unit * (found if self.is_signed else np.maximum(found, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLosses:
    """A committee, and what it said of each row of the reference when it had not seen it."""

    members: tuple[LossMember, ...]
    out_of_fold: Floats


def fit_loss_model(
    losses: Floats, inputs: Inputs, *, is_signed: bool, seed: int = 0
) -> FittedLosses:
    """Learn the mean loss given the inputs, the prediction being one of them.

    Trees correct the mean loss, by least squares whatever its tails, for it is a mean that they
    are to give. They are twice as many as rows held out ask for, one by one: what is asked of them
    is the mean over a bucket.

    Parameters
    ----------
    losses
        Shape (rows,).

    References
    ----------
    Direct loss estimation as in N. Perrakis, W. Kuberski (NannyML, 2022), here cross-fitted
    (V. Chernozhukov et al., 2018, Double machine learning, The Econometrics Journal 21) and held
    back less than for single rows (W. K. Newey, F. Hsieh, J. M. Robins, 2004, Twicing kernels and a
    small bias property of semiparametric estimators, Econometrica 72).
    """
    fold = np.random.default_rng(seed).permutation(len(losses)) % FOLDS
    unit = float(np.sqrt(np.mean(losses**2)) if is_signed else np.mean(losses)) or 1.0
    scaled = losses / unit
    parts: list[tuple[float, tuple[ColumnBins, ...], Fitted]] = []
    for left_out in range(FOLDS):
        train = fold != left_out
        offset = float(scaled[train].mean())
        bins = fit_column_bins(inputs, scaled - offset, train, _HOW.bins)
        fitted = fit_boosted_trees(
            place_all(bins, inputs),
            scaled,
            np.full(len(losses), offset),
            train=train,
            loss="squared",
            how=_HOW,
            seed=seed + left_out,
        )
        parts.append((offset, bins, fitted))
    trees = _number([fitted for _, _, fitted in parts])
    members = tuple(
        LossMember(
            is_signed=is_signed,
            unit=unit,
            offset=offset,
            bins=bins,
            trees=fitted.trees.first(trees),
        )
        for offset, bins, fitted in parts
    )
    out_of_fold = np.zeros(len(losses))
    for left_out, member in enumerate(members):
        rows = np.flatnonzero(fold == left_out)
        out_of_fold[rows] = member.expected(inputs.take(rows))
    return FittedLosses(members=members, out_of_fold=out_of_fold)


def _number(fitted: list[Fitted]) -> int:
    """Return how many trees to keep: more than serve the rows held out best, over all folds."""
    shortest = min(len(one.held_out_loss) for one in fitted)
    best = int(np.argmin(np.mean([one.held_out_loss[:shortest] for one in fitted], axis=0)))
    return max(_TIMES * best, _LEAST_TREES)
