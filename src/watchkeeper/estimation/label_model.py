"""The chance of a positive label, by a model's score and what it saw, learnt on the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from watchkeeper.estimation.calibration import Calibration, fit_calibration, log_odds
from watchkeeper.estimation.column_bins import ColumnBins, fit_column_bins, place_all
from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.stacking import Stack, fit_stack
from watchkeeper.stats import BoostedTrees, Boosting, Fitted, fit_boosted_trees

Floats = NDArray[np.float64]

FOLDS = 5
SCORE = "score of the model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What was learnt on all folds but one."""

    calibration: Calibration
    bins: tuple[ColumnBins, ...]
    trees: BoostedTrees

    def chances(self, scores: Floats, inputs: Inputs) -> Floats:
        """Return the chance of a positive label, shape (rows,)."""
        return np.asarray(expit(self.calibration.log_odds(scores) + self.added(scores, inputs)))

    def added(self, scores: Floats, inputs: Inputs) -> Floats:
        """Return what the inputs add to the calibrated log odds, shape (rows,)."""
        if not len(self.trees.columns):
            return np.zeros(len(scores))
        return self.trees.predict(place_all(self.bins, with_score(inputs, scores)))

    def stacked(self, stack: Stack) -> Member:
        """Return a member whose log odds are put together anew."""
        return Member(
            calibration=self.calibration.moved(stack.level, stack.slope),
            bins=self.bins,
            trees=self.trees.times(stack.trust),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelModel:
    """A committee, each member of which has not seen one fold of the reference.

    Attributes
    ----------
    gain
        By how much of itself knowing the inputs lowers the calibrated score's log loss, on rows
        held out; 0 where they say nothing, and then the estimate is that of the calibrated score.
    """

    members: tuple[Member, ...]
    gain: float

    def chances(self, scores: Floats, inputs: Inputs) -> Floats:
        """Return what each member says, shape (members, rows)."""
        return np.stack([member.chances(scores, inputs) for member in self.members])


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLabels:
    """A label model and what it said of each row of the reference when it had not seen it."""

    model: LabelModel
    out_of_fold: Floats


def fit_label_model(
    scores: Floats,
    labels: Floats,
    inputs: Inputs,
    *,
    how: Boosting | None = None,
    seed: int = 0,
) -> FittedLabels:
    """Learn the chance of a positive label from scores and inputs.

    A calibration curve of the score comes first. Then trees correct it where rows of equal score
    but other inputs have other labels; as many of them as held-out rows ask for, maybe none. Rows
    held out then say how far to follow each of the two. Since what is learnt is the label given the
    inputs, a change of the inputs alone leaves it right.

    Parameters
    ----------
    scores
        What the model said is the chance, shape (rows,).
    labels
        0 or 1, shape (rows,).

    References
    ----------
    J. Bialek, J. Kivimaki, W. Kuberski, N. Perrakis (2024), Estimating model performance under
    covariate shift without labels (calibration that holds under the shifted inputs; there by
    weights, here by conditioning on them).
    """
    how = how or Boosting()
    fold = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    parts: list[tuple[Calibration, tuple[ColumnBins, ...], Fitted]] = []
    for left_out in range(FOLDS):
        train = fold != left_out
        calibration = fit_calibration(scores[train], labels[train])
        offset = calibration.log_odds(scores)
        known = with_score(inputs, scores)
        bins = fit_column_bins(known, labels - expit(offset), train, how.bins)
        fitted = fit_boosted_trees(
            place_all(bins, known), labels, offset, train=train, how=how, seed=seed + left_out
        )
        parts.append((calibration, bins, fitted))
    shortest = min(len(fitted.held_out_loss) for _, _, fitted in parts)
    loss = np.mean([fitted.held_out_loss[:shortest] for _, _, fitted in parts], axis=0)
    trees = int(np.argmin(loss))
    members = tuple(
        Member(calibration=calibration, bins=bins, trees=fitted.trees.first(trees))
        for calibration, bins, fitted in parts
    )
    calibrated, added = np.zeros(len(labels)), np.zeros(len(labels))
    for left_out, member in enumerate(members):
        rows = np.flatnonzero(fold == left_out)
        calibrated[rows] = member.calibration.log_odds(scores[rows])
        added[rows] = member.added(scores[rows], inputs.take(rows))
    stack = fit_stack(calibrated, added, labels)
    gain = float(1.0 - loss[trees] / loss[0]) if loss[0] > 0 else 0.0
    return FittedLabels(
        model=LabelModel(members=tuple(member.stacked(stack) for member in members), gain=gain),
        out_of_fold=np.asarray(expit(stack.log_odds(calibrated, added))),
    )


def with_score(inputs: Inputs, scores: Floats) -> Inputs:
    """Return the inputs with the score as one of them."""
    return Inputs(rows=inputs.rows, columns={SCORE: log_odds(scores), **inputs.columns})
