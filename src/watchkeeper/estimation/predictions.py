"""What a model said of rows, beside what it saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.estimation.inputs import Inputs

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPredictions:
    """Rows that a classifier answered.

    Attributes
    ----------
    scores
        Its probability of each class, rows sum to 1, shape (rows, classes); of two classes the
        second is the positive one.
    predicted
        Index of the class that it answered, shape (rows,).
    inputs
        What it saw.
    """

    scores: Floats
    predicted: NDArray[np.int64]
    inputs: Inputs

    def take(self, rows: NDArray[np.int64]) -> ClassPredictions:
        """Return some of the rows."""
        return ClassPredictions(
            scores=self.scores[rows],
            predicted=self.predicted[rows],
            inputs=self.inputs.take(rows),
        )

    @classmethod
    def binary(cls, scores: Floats, inputs: Inputs, *, threshold: float = 0.5) -> ClassPredictions:
        """Return rows with a probability of the positive class, answered by a threshold."""
        both = np.column_stack([1.0 - scores, scores])
        predicted = (scores >= threshold).astype(np.int64)
        return cls(scores=both, predicted=predicted, inputs=inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionPredictions:
    """Rows for which a regression predicted a number.

    Attributes
    ----------
    predicted
        Shape (rows,).
    inputs
        What it saw.
    """

    predicted: Floats
    inputs: Inputs

    def take(self, rows: NDArray[np.int64]) -> RegressionPredictions:
        """Return some of the rows."""
        return RegressionPredictions(predicted=self.predicted[rows], inputs=self.inputs.take(rows))


def one_hot(labels: NDArray[np.int64], classes: int) -> Floats:
    """Return labels as chances of 0 and 1, shape (rows, classes)."""
    return np.asarray(np.eye(classes)[labels])
