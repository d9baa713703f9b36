"""Contributions to linear models, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from watchkeeper.errors import UsageError
from watchkeeper.explanations.attributed import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearSum:
    """A weighted sum of columns that are taken to be independent.

    A column's Shapley value is its weight times how far it lies from its mean.

    References
    ----------
    Štrumbelj, E. and Kononenko, I. (2014), Explaining prediction models and individual predictions
    with feature contributions, Knowledge and Information Systems 41. Lundberg, S. M. and Lee, S.-I.
    (2017), A unified approach to interpreting model predictions, NeurIPS 30.

    Examples
    --------
    >>> model = LinearSum(weights=np.array([2.0, 1.0]), intercept=3.0, means=np.array([1.0, 5.0]))
    >>> model.base
    10.0
    >>> model.contributions(np.array([[4.0, 5.0]])).tolist()
    [[6.0, 0.0]]
    """

    weights: Matrix
    intercept: float
    means: Matrix

    @property
    def base(self) -> float:
        """What the model says of a row of means."""
        return float(self.weights @ self.means) + self.intercept

    def margins(self, rows: Matrix) -> Matrix:
        """Return what the model says of each row."""
        return rows @ self.weights + self.intercept

    def contributions(self, rows: Matrix) -> Matrix:
        """Return what each column adds to each row's margin; shape as ``rows``."""
        return (rows - self.means) * self.weights


def linear_sums(model: Any, means: Matrix, targets: int) -> tuple[LinearSum, ...]:
    """Return one sum for each output of a fitted model of scikit-learn's linear kinds.

    Parameters
    ----------
    model
        With ``coef_`` and ``intercept_``.
    means
        Of the columns in the background.
    targets
        How many numbers the model may give for a row: 1, or as many as there are classes.
    """
    weights = np.atleast_2d(np.asarray(model.coef_, float))
    intercepts = np.broadcast_to(np.ravel(model.intercept_), len(weights))
    if weights.shape[1] != len(means) or len(weights) not in {1, targets}:
        message = (
            f"This {type(model).__name__} has coefficients of shape {weights.shape} for"
            f" {len(means)} columns: it gives several numbers for a row, of which one at a time can"
            " be explained. Fit one model for each, or give the SHAP values of another tool."
        )
        raise UsageError(message)
    return tuple(
        LinearSum(weights=row, intercept=float(intercept), means=means)
        for row, intercept in zip(weights, intercepts, strict=True)
    )
