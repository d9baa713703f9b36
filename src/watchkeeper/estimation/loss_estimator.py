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

_PRECISION = 1_000.0


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
        losses are from 0 up, held back as if by 1,000 rows' worth of evidence that nothing was.
        """
        each = np.stack([member.expected(inputs) for member in self.members])
        w = weighted.weights
        if self.is_signed:
            return np.asarray(each + w @ (self.losses - self.expected) / (w.sum() + _PRECISION))
        prior = _PRECISION * float(np.average(self.expected, weights=w))
        return np.asarray(each * (w @ self.losses + prior) / (w @ self.expected + prior))

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
    return spread / size * float((expected**2).sum()) / len(expected) ** 2
