"""Penalised linear regression of many outcomes on one design, learned bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """Posterior of a linear model with normal prior, for outcomes that share a design.

    Attributes
    ----------
    precision_inverse
        ``(X'X + penalty)^-1``, shape (features, features).
    coefficients
        Shape (features, outcomes).
    """

    precision_inverse: Floats
    coefficients: Floats

    def predict(self, x: Floats) -> Floats:
        """Return expected outcomes, shape (..., outcomes), for designs of shape (..., features)."""
        return x @ self.coefficients

    def leverage(self, x: Floats) -> Floats:
        """Return ``x' P x``: variance of the expectation in units of the error's variance."""
        projected: Floats = ((x @ self.precision_inverse) * x).sum(axis=-1)
        return projected

    def learn(self, x: Floats, y: Floats, accepted: NDArray[np.bool_]) -> Regression:
        """Add one observation (recursive least squares; Plackett 1950).

        Parameters
        ----------
        x
            Shape (features,).
        y
            Shape (outcomes,).
        accepted
            Outcomes that may learn; the others keep their coefficients.
        """
        direction = self.precision_inverse @ x
        gain = direction / (1.0 + float(x @ direction))
        error = np.where(accepted, y - self.predict(x), 0.0)
        return Regression(
            precision_inverse=self.precision_inverse - gain[:, None] * direction,
            coefficients=self.coefficients + gain[:, None] * error,
        )


def fit_regression(
    x: Floats, y: Floats, penalty: Floats, weights: Floats | None = None
) -> Regression:
    """Fit by penalised least squares (Hoerl, Kennard 1970).

    Parameters
    ----------
    x
        Shape (time, features).
    y
        Shape (time, outcomes), finite.
    penalty
        Shape (features,); a penalty of 3 weighs as much as three buckets that say "no effect".
    weights
        Shape (time,), 0 leaves a bucket out.
    """
    weighted = x if weights is None else x * weights[:, None]
    precision = weighted.T @ x + np.diag(penalty)
    inverse: Floats = np.linalg.inv(precision).astype(np.float64)
    return Regression(precision_inverse=inverse, coefficients=inverse @ (weighted.T @ y))
