"""Labelled predictions as a watch over their loss takes them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
WatchedLoss: TypeAlias = Literal[
    "error", "label_error", "brier", "log_loss", "absolute_error", "cost"
]


class LossScale(msgspec.Struct, frozen=True, kw_only=True):
    """Between which values a loss lies; what lies beyond is cut off there."""

    low: float = 0.0
    high: float = 1.0

    def to_unit(self, losses: Floats) -> Floats:
        """Return losses as shares of the scale, from 0 to 1."""
        return np.clip((losses - self.low) / (self.high - self.low), 0.0, 1.0)

    def from_unit(self, share: float) -> float:
        """Return a share of the scale in the loss's own unit."""
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRows:
    """Labelled predictions in the order in which they became known.

    Parameters
    ----------
    losses
        In the loss's own unit, shape (n,).
    predicted
        What tells predictions apart: the probability, number, or code of the class, shape (n,).
    came
        The label as a number, or the label minus the predicted number, shape (n,).
    times, known
        When the prediction was made, and when its label was known, microseconds since 1970.
    is_reference
        Whether a row belongs to the reference, shape (n,).
    """

    losses: Floats
    predicted: Floats
    came: Floats
    times: Integers
    known: Integers
    is_reference: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.losses)

    def at(self, chosen: NDArray[np.bool_] | Integers | slice) -> RiskRows:
        """Return some of the rows, or the rows at some places."""
        return RiskRows(
            losses=self.losses[chosen],
            predicted=self.predicted[chosen],
            came=self.came[chosen],
            times=self.times[chosen],
            known=self.known[chosen],
            is_reference=self.is_reference[chosen],
        )

    def then(self, other: RiskRows) -> RiskRows:
        """Return these rows and those of another after them."""
        return RiskRows(
            losses=np.concatenate([self.losses, other.losses]),
            predicted=np.concatenate([self.predicted, other.predicted]),
            came=np.concatenate([self.came, other.came]),
            times=np.concatenate([self.times, other.times]),
            known=np.concatenate([self.known, other.known]),
            is_reference=np.concatenate([self.is_reference, other.is_reference]),
        )
