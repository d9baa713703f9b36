"""The mean of a loss over a bucket without labels, and how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Inputs
from watchkeeper.estimation.loss_model import LossMember
from watchkeeper.estimation.reweighting import Weighted
from watchkeeper.estimation.spread import jackknife_variance

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossEstimator:
    """What was learnt of one loss.

    Attributes
    ----------
    expected
        Loss of each placed row of the reference by a member that had not seen it, shape (rows,).
    losses
        The loss that came, shape (rows,).
    own_variance
        Variance of the estimate's error on shifted samples of the reference that neither chance
        nor the spread of the committee accounts for; of losses from 0 up, in parts of the estimate
        squared.
    """

    members: tuple[LossMember, ...]
    expected: Floats
    losses: Floats
    own_variance: float

    @property
    def is_signed(self) -> bool:
        """Whether losses may be below 0."""
        return self.members[0].is_signed

    def of_rows(self, inputs: Inputs, weighted: Weighted) -> Floats:
        """Return the expected loss of each row, put right, by each member: (members, rows).

        What was left wrong on reference rows like the bucket's is added, or multiplied by where
        losses are from 0 up. It is believed as far as errors on shifted samples of the reference
        were more than chance makes them: not at all where they were not.
        """
        each = np.stack([member.expected(inputs) for member in self.members])
        w = weighted.weights
        left = float(w @ (self.losses - self.expected))
        if self.is_signed:
            return np.asarray(each + self._belief(weighted, 1.0) * left / w.sum())
        before = float(w @ self.expected)
        if before <= 0.0:
            return each
        belief = self._belief(weighted, before / w.sum())
        return np.asarray(each * (1.0 + belief * left / before))

    def _belief(self, weighted: Weighted, unit: float) -> float:
        """Return what part of what is left is no chance (empirical Bayes)."""
        own, w = self.own_variance * unit**2, weighted.weights
        chance = np.average((self.losses - self.expected) ** 2, weights=w) / w.sum()
        return float(own / (own + chance)) if own > 0.0 else 0.0

    def variance(self, each: Floats, weighted: Weighted) -> float:
        """Return the variance of the measured mean about the estimated one."""
        expected = each.mean(axis=0)
        spread = jackknife_variance(each.mean(axis=1))
        return self.chance_variance(expected, weighted) + spread + self.own_variance_of(expected)

    def chance_variance(self, expected: Floats, weighted: Weighted) -> float:
        """Return the variance of the mean loss of rows about what is expected of them."""
        return chance_variance(
            self.losses - self.expected,
            self.expected,
            expected,
            weights=weighted.weights,
            is_signed=self.is_signed,
        )

    def own_variance_of(self, expected: Floats) -> float:
        """Return the variance of the estimator's own error in the mean loss of rows."""
        return self.own_variance * (1.0 if self.is_signed else float(expected.mean()) ** 2)


def chance_variance(
    residuals: Floats,
    expected_before: Floats,
    expected: Floats,
    *,
    weights: Floats,
    is_signed: bool,
) -> float:
    """Return the variance of the mean loss of rows about its expectation.

    By residuals of the reference: their weighted mean square, or, for losses from 0 up, its ratio
    to the square of what was expected.
    """
    spread = float(np.average(residuals**2, weights=weights))
    if is_signed:
        return spread / len(expected)
    size = float(np.average(expected_before**2, weights=weights))
    if size <= 0.0:
        return 0.0
    return spread / size * float((expected**2).sum()) / len(expected) ** 2
